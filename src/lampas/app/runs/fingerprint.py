"""Identify the data of a run by a hash."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from pathlib import Path, PurePath
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from ...core.errors import FileError, format_shape
from ...data.lazy_rows import LazyRows
from ...data.system import is_system_path

MAX_FULL_READ = 1 << 20
"""Larger files (in bytes) are identified by their first and last ``MAX_FULL_READ / 2`` bytes."""
ROWS_PER_READ = 1024
"""Rows of an array that are read at a time, since the array may be on disk."""
DataPart = npt.NDArray[Any] | LazyRows | Sequence[str]


def fingerprint(name: str | Path, *parts: DataPart) -> dict[str, Any]:
    """Identify the data of a run by values that JSON can hold.

    A folder is identified by the number of its files, their total size, and a SHA-256 over the
    sorted relative names, sizes and contents of all files that are not hidden. Of a file larger
    than :data:`MAX_FULL_READ` only both ends are hashed, so that long recordings need not be read
    twice. A file is identified by its size and the SHA-256 of its content, and a named data set by
    the SHA-256 over dtypes, shapes and contents of ``parts``.

    Args:
        name: name of a data set (text), or the path of a file or folder.
        parts: arrays and lists of texts of a named data set.

    Raises:
        FileError: when a file cannot be read.
    """
    digest = hashlib.sha256()
    if isinstance(name, str):
        descriptions = [_add_part(digest, part) for part in parts]
        return {"name": name, "parts": descriptions, "sha256": digest.hexdigest()}
    path = name.expanduser()
    try:
        if path.is_dir():
            totals = _add_folder(digest, path)
            return {"name": str(name), **totals, "sha256": digest.hexdigest()}
        return {"name": str(name), "bytes": path.stat().st_size, "sha256": file_sha256(path)}
    except OSError as error:
        raise FileError(f"cannot read {error.filename or path}: {error.strerror}.") from error


def name_or_path(data: str | Path, names: Container[str]) -> str | Path:
    """Return ``data`` as a name if it is in ``names``, else as the path of the user's own data."""
    return str(data) if str(data) in names else Path(data)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add_folder(digest: hashlib._Hash, folder: Path) -> dict[str, int]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    total = count = 0
    for name in names:
        path = folder / name
        if is_system_path(PurePath(name)) or not path.is_file():
            continue
        size = path.stat().st_size
        digest.update(f"{len(name)} {name} {size} ".encode(errors="surrogateescape"))
        with path.open("rb") as file:
            _add_content(digest, file, size)
        total, count = total + size, count + 1
    return {"files": count, "bytes": total}


def _add_content(digest: hashlib._Hash, file: BinaryIO, size: int) -> None:
    if size <= MAX_FULL_READ:
        digest.update(file.read())
        return
    digest.update(file.read(MAX_FULL_READ // 2))
    file.seek(size - MAX_FULL_READ // 2)
    digest.update(file.read())


def _add_part(digest: hashlib._Hash, part: DataPart) -> str:
    """Hash an array (with dtype and shape) or texts (each with its length); describe it."""
    if isinstance(part, np.ndarray | LazyRows):
        description = f"{part.dtype}{format_shape(part.shape)}"
        digest.update(description.encode())
        for start in range(0, len(part), ROWS_PER_READ):
            rows = np.ascontiguousarray(part[start : start + ROWS_PER_READ])
            digest.update(rows.reshape(-1).view(np.uint8).data)
        return description
    for text in part:
        content = text.encode(errors="surrogatepass")
        digest.update(f"{len(content)} ".encode() + content)
    return f"{len(part)} texts"
