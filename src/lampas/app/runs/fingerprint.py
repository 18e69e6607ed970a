"""What data was learnt from, in so few letters that they can be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from ...core.errors import (FileError, show_shape)
from ...data.lazy_rows import Rows

WHOLE = 1 << 20
"""Bytes up to which a file of a folder is read whole; of a larger one the first and last half."""
BLOCK = 1024
"""Rows of an array that are read at a time: it may lie on the disk."""
Part = npt.NDArray[Any] | Rows | Sequence[str]


def fingerprint(name: str | Path, *parts: Part) -> dict[str, Any]:
    """Identify the data of a run as plain data.

    A folder: number of files, bytes in all, and a SHA-256 over the sorted relative names, sizes and
    contents of all files that are not hidden; one above :data:`WHOLE` bytes counts by its ends, so
    that long recordings cost no second reading. A file: bytes and the SHA-256 of its content. For
    a name what it stood for counts: the SHA-256 over forms and contents of ``parts``.

    Args:
        name: what was asked for: a name as text, or the path of a file or folder.
        parts: arrays and lists of texts that were learnt from.

    Raises:
        FileError: when a file can not be read.
    """
    digest = hashlib.sha256()
    if isinstance(name, str):
        forms = [_add_part(digest, part) for part in parts]
        return {"name": name, "parts": forms, "sha256": digest.hexdigest()}
    path = name.expanduser()
    try:
        if path.is_dir():
            found = _add_folder(digest, path)
            return {"name": str(name), **found, "sha256": digest.hexdigest()}
        return {"name": str(name), "bytes": path.stat().st_size, "sha256": file_sha256(path)}
    except OSError as error:
        raise FileError(f"can not read {error.filename or path}: {error.strerror}.") from error


def named(data: str | Path, names: Container[str]) -> str | Path:
    """The name if it is one of the known ones, else the path of a person's own data."""
    return str(data) if str(data) in names else Path(data)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add_folder(digest: hashlib._Hash, folder: Path) -> dict[str, int]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    total = count = 0
    for name in names:
        path = folder / name
        if any(part.startswith(".") for part in name.split("/")) or not path.is_file():
            continue
        size = path.stat().st_size
        digest.update(f"{len(name)} {name} {size} ".encode(errors="surrogateescape"))
        with path.open("rb") as file:
            _add_content(digest, file, size)
        total, count = total + size, count + 1
    return {"files": count, "bytes": total}


def _add_content(digest: hashlib._Hash, file: BinaryIO, size: int) -> None:
    if size <= WHOLE:
        digest.update(file.read())
        return
    digest.update(file.read(WHOLE // 2))
    file.seek(size - WHOLE // 2)
    digest.update(file.read())


def _add_part(digest: hashlib._Hash, part: Part) -> str:
    """Add an array, or texts, each with its length; returns its form."""
    if isinstance(part, np.ndarray | Rows):
        form = f"{part.dtype}{show_shape(part.shape)}"
        digest.update(form.encode())
        for start in range(0, len(part), BLOCK):
            rows = np.ascontiguousarray(part[start : start + BLOCK])
            digest.update(rows.reshape(-1).view(np.uint8).data)
        return form
    for text in part:
        content = text.encode(errors="surrogatepass")
        digest.update(f"{len(content)} ".encode() + content)
    return f"{len(part)} texts"
