"""A published file: verify its content, and load it from or store it in the cache."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import shutil
import sys
import time
import warnings
import zlib
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from ..core.filesystem import atomic_write
from .errors import DatasetError

_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class DataFile:
    """A published file, identified by its decompressed content.

    Compressed files may differ between publishers; their content does not.

    Args:
        name: name under which the file is published and cached.
        size: size of the decompressed content in bytes.
        sha256: SHA-256 of the decompressed content, in hexadecimal.
    """

    name: str
    size: int
    sha256: str

    def verify(self, raw: bytes) -> bytes:
        """Return the decompressed content of ``raw``, which may be gzipped or not.

        Raises:
            DatasetError: it is not the published content.
        """
        content = self._decompress(raw) if raw.startswith(_GZIP_MAGIC) else raw
        digest = hashlib.sha256(content).hexdigest()
        if digest != self.sha256:
            raise DatasetError(
                f"{self.name} is damaged or not the published file "
                f"(sha256 {digest[:12]}..., expected {self.sha256[:12]}...)"
            )
        return content

    def _decompress(self, raw: bytes) -> bytes:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
                # One byte too many is enough to detect a decompression bomb.
                return stream.read(self.size + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise DatasetError(f"{self.name} is damaged ({error})") from error


def read_manifest(manifest: Traversable, folder: str = "") -> tuple[DataFile, ...]:
    """The files of a folder in a text with one line per file: SHA-256, size in bytes and path."""
    lines = [line.split(maxsplit=2) for line in manifest.read_text("utf-8").splitlines()]
    return tuple(
        DataFile(path.removeprefix(folder), int(size), sha256)
        for sha256, size, path in lines
        if path.startswith(folder)
    )


def announce(title: str, megabytes: int) -> None:
    """Print on stderr that a download begins."""
    print(f"Fetching {title} ({megabytes} MB) ...", file=sys.stderr, flush=True)


def compress(raw: bytes) -> bytes:
    """Gzip ``raw`` unless it is gzipped already; equal input gives equal output."""
    return raw if raw.startswith(_GZIP_MAGIC) else gzip.compress(raw, compresslevel=6, mtime=0)


def load(file: DataFile, folder: Path) -> bytes:
    """Return the verified content of ``file`` in ``folder``.

    Raises:
        DatasetError: the file is missing, unreadable or damaged.
    """
    try:
        raw = (folder / file.name).read_bytes()
    except FileNotFoundError as error:
        raise DatasetError(f"no {file.name}") from error
    except OSError as error:
        raise DatasetError(f"{file.name} cannot be read ({error})") from error
    return file.verify(raw)


def store(file: DataFile, raw: bytes, folder: Path) -> None:
    """Write ``raw`` to ``folder`` under the file's name, atomically.

    Several processes may do so at once; a reader finds either the old file or the new one. If the
    folder is not writable, a warning is issued, since the data can be used without the cache.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_stale(folder, ".*.part")
        atomic_write(folder / file.name, compress(raw))
    except OSError as error:
        warnings.warn(
            f"{file.name} could not be stored in {folder} ({error}) and will be downloaded "
            "again next time. Set LAMPAS_CACHE to a writable folder.",
            stacklevel=2,
        )


def remove_stale(folder: Path, pattern: str, seconds: float = 3600.0) -> None:
    """Remove what processes that were killed while writing left behind, by the age in seconds."""
    for path in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):  # Another process may remove it too.
            if time.time() - path.stat().st_mtime <= seconds:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
