"""One published file, and the proof that what arrived is that file."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass

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
