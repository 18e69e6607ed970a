"""In which encoding a table's file is written."""

from __future__ import annotations

import codecs
import gzip
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from ...core.errors import DataError, FileError
from .held import Place

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextmanager
def opened(path: Place) -> Iterator[IO[bytes]]:
    """A file to read, unpacked if it is a ``.gz``.

    Raises:
        FileError: when it can not be opened, read or unpacked.
    """
    try:
        with path.open("rb") as file:
            packed = path.suffix.lower() == ".gz"
            yield cast(IO[bytes], gzip.GzipFile(fileobj=file) if packed else file)
    except (OSError, EOFError, zlib.error) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise FileError(f"can not read {path}: {reason}.") from error


def encoding_of(path: Place) -> str:
    """UTF-8, or UTF-16 where the file begins with its mark; if it is neither, a warning says so.

    Raises:
        FileError: when the file can not be read.
        DataError: when it is no text, or parts of it are UTF-8 and others are not.
    """
    with opened(path) as file:
        start = file.read(4096)
        if start.startswith(_MARKS):
            return "utf-16"
        if b"\0" in start:
            raise DataError(f"{path} is no text: it has a zero byte near its beginning.")
        file.seek(0)
        return _of_lines(path, file)


def _of_lines(path: Place, lines: IO[bytes]) -> str:
    right, wrong, western = 0, "", True
    for number, line in enumerate(lines, 1):
        if line.isascii():
            continue
        if not line.decode(errors="ignore").isascii():
            right = right or number
        try:
            line.decode()
        except UnicodeDecodeError as error:
            wrong = wrong or f"line {number:,}, byte {error.start + 1} ({line[error.start]:#04x})"
            western = western and _decodes(line, "cp1252")
    if right and wrong:
        raise DataError(
            f"{path} mixes encodings: there is UTF-8 in line {right:,}, and what is none in "
            f"{wrong}. Save it in one encoding, UTF-8 best."
        )
    if not wrong:
        return "utf-8-sig"
    name = "cp1252" if western else "latin-1"
    warnings.warn(
        f"{path} is not UTF-8 ({wrong}) and was read as {name}. If letters look wrong, save it as "
        "UTF-8.",
        stacklevel=2,
    )
    return name


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
