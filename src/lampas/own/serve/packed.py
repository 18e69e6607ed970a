"""Files that unfold to more than they are: measured before anything reads them."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib

from ...core.errors import DataError
from .limits import Limits
from .sheet import check_sheet

_PIECE = 2**20


def check_packed(name: str, content: bytes, limits: Limits) -> None:
    """Make sure that an uploaded file unfolds to no more than can be taken.

    Raises DataError, which names it.
    """
    if content.startswith(b"\x1f\x8b"):
        _check_gzip(name, content, limits)
    if zipfile.is_zipfile(io.BytesIO(content)):
        _check_zip(name, content, limits)


def _check_gzip(name: str, content: bytes, limits: Limits) -> None:
    left = limits.unpacked
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            while left >= 0 and (piece := file.read(_PIECE)):
                left -= len(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name} is not a whole gzip file: {error}.") from error
    if left < 0:
        raise _too_large(name, limits)


def _check_zip(name: str, content: bytes, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            # What a member holds beyond its declared size is never read.
            if sum(member.file_size for member in members) > limits.unpacked:
                raise _too_large(name, limits)
            for member in members:
                check_sheet(name, archive.read(member), limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{name} is not a whole zip file: {error}.") from error


def _too_large(name: str, limits: Limits) -> DataError:
    return DataError(
        f"{name}: unpacked it has more than {limits.unpacked:,} bytes, which is not taken. Send it "
        "in parts, or use lampas predict."
    )
