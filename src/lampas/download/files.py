"""One published file, and the proof that what arrived is that file.

The cache on disk: whole files or none.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import time
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

from ..core.filesystem import write_whole
from .errors import DatasetError

_GZIP_MAGIC = b"\x1f\x8b"


@dataclass(frozen=True)
class DataFile:
    """A published file, known by what it holds once unzipped.

    The bytes of a .gz differ from one publisher to the next, what is inside does not.

    Args:
        name: the name it is published and cached under, which ends in ``.gz``.
        size: length of the unzipped content in bytes.
        sha256: of the unzipped content, in hexadecimal.
    """

    name: str
    size: int
    sha256: str

    def content(self, raw: bytes) -> bytes:
        """The unzipped content of ``raw``, which may be gzipped or not.

        Raises DatasetError when it is not the published content.
        """
        content = self._unzip(raw) if raw.startswith(_GZIP_MAGIC) else raw
        found = hashlib.sha256(content).hexdigest()
        if found != self.sha256:
            raise DatasetError(
                f"{self.name} is damaged or not the published file "
                f"(sha256 {found[:12]}..., expected {self.sha256[:12]}...)"
            )
        return content

    def _unzip(self, raw: bytes) -> bytes:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
                # One byte more than expected is enough to tell, however much a bomb would unfold.
                return stream.read(self.size + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise DatasetError(f"{self.name} is damaged ({error})") from error


def zipped(raw: bytes) -> bytes:
    """``raw`` as it is when gzipped already, else gzipped; equal input gives equal output."""
    return raw if raw.startswith(_GZIP_MAGIC) else gzip.compress(raw, compresslevel=6, mtime=0)


_HOUR = 3600.0


def load(file: DataFile, folder: Path) -> bytes:
    """The verified content of ``file`` in ``folder``.

    Raises DatasetError, which says why, when it is missing, unreadable or damaged.
    """
    try:
        raw = (folder / file.name).read_bytes()
    except FileNotFoundError as error:
        raise DatasetError(f"no {file.name}") from error
    except OSError as error:
        raise DatasetError(f"{file.name} can not be read ({error})") from error
    return file.content(raw)


def keep(file: DataFile, raw: bytes, folder: Path) -> None:
    """Puts ``raw`` into ``folder`` under the file's name, in one step.

    Any number of processes may do so at once: a reader finds the old file or the new one, whole.
    When the folder can not be written to, the data is usable all the same: a warning says so.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        write_whole(folder / file.name, zipped(raw))
    except OSError as error:
        warnings.warn(
            f"{file.name} could not be kept in {folder} ({error}) and will be fetched "
            "again next time. Set LAMPAS_CACHE to a folder that can be written to.",
            stacklevel=2,
        )


def _sweep(folder: Path) -> None:
    """Removes what a process that was killed while writing has left."""
    for part in folder.glob(".*.part"):
        with contextlib.suppress(FileNotFoundError):  # Another process may sweep too.
            if time.time() - part.stat().st_mtime > _HOUR:
                part.unlink()
