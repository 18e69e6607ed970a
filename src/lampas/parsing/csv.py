"""The rows of a CSV file, each with the line on which it begins.

In which encoding a table's file is written.

The letters of a text file, whatever wrote it.

The rows of a CSV file as texts, whatever they mean.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple, cast

from ..core.errors import ArgumentError, DataError, FileError
from ..data.labels import few
from ..data.memory_file import Place

SEPARATORS = ",;\t|"
MOST_COLUMNS = 2_000


class Block(NamedTuple):
    """Some rows: the lines on which they begin, and their fields."""

    lines: list[int]
    rows: list[list[str]]


def column_names(path: object, header: Sequence[object]) -> list[str]:
    """The names of the columns; one without a name is called by its number.

    Raises:
        DataError: for a name that is there twice, and for more than ``MOST_COLUMNS``.
    """
    if len(header) > MOST_COLUMNS:
        raise DataError(
            f"{path} has {len(header):,} columns; a table may have {MOST_COLUMNS:,}. Keep those "
            "that may matter, or a few sums of the others, in a smaller file."
        )
    names = [str(name).strip() or f"column {n}" for n, name in enumerate(header, 1)]
    if twice := [name for name, times in Counter(names).items() if times > 1]:
        raise DataError(
            f"{path} has more than one column named {few(map(repr, twice))}. Rename or remove all "
            "but one of them."
        )
    return names


def csv_blocks(path: Place, size: int | None = None) -> Iterator[tuple[list[str], Block]]:
    """The names of the columns with ``size`` rows at a time, or with all of them.

    The first line names the columns. Fields are separated by whatever of ``, ; tab |`` is most
    often in it; a field with separators or line breaks inside stands in quotes. Empty rows are left
    out.

    Raises:
        FileError: when the file can not be read.
        DataError: when it is empty or no text, and for a row that is broken, with its line.
    """
    encoding = encoding_of(path)
    with opened(path) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        found = _rows(path, text)
        _, header = next(found, (0, []))
        if not header:
            raise DataError(f"{path} is empty. Its first line should name the columns.")
        names = column_names(path, header)
        wide = _of_width(path, len(names), found)
        block = list(islice(wide, size))
        while block:
            lines, rows = zip(*block, strict=True)
            yield names, Block(list(lines), list(rows))
            block = list(islice(wide, size)) if size else []


def _rows(path: Place, text: IO[str]) -> Iterator[tuple[int, list[str]]]:
    line = 1
    try:
        first = next((line for line in text if line.strip()), "")
        text.seek(0)
        separator = max(SEPARATORS, key=first.count)
        table = csv.reader(text, delimiter=separator, strict=True, skipinitialspace=True)
        for fields in table:
            if any(fields):
                yield line, fields
            line = table.line_num + 1
    except csv.Error as error:
        raise DataError(f"{path}, line {line:,}: {_reason(str(error))}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not in one encoding ({error}). Save it as UTF-8.") from error


def _reason(said: str) -> str:
    if "unexpected end" in said or "field larger" in said:
        return 'a quote (") is opened here and not closed. Close it, or double it inside a field.'
    return f'this row can not be read ({said}). Double a quote (") that is part of a field.'


def _of_width(
    path: Place, width: int, rows: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    for line, fields in rows:
        if len(fields) != width:
            advice = (
                "Put a field with a separator inside into quotes."
                if len(fields) > width
                else "Write empty fields for what is not known."
            )
            raise DataError(
                f"{path}, line {line:,}: this row has {len(fields):,} fields, the first line names "
                f"{width:,} columns. {advice}"
            )
        yield line, fields


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


_BYTE_ORDER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(path: Path, encoding: str | None = None) -> str:
    """What a text file says, its line ends as ``\\n``.

    Without an ``encoding`` it is UTF-8, or UTF-16 where the file begins with that mark. A file that
    is neither is read as Latin-1, which takes any bytes, and a warning says so.

    Raises:
        FileError: when the file can not be read, or is not in this encoding.
        ArgumentError: for an encoding that does not exist.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FileError(f"can not read {path}: {error.strerror or error}.") from error
    return decoded(raw, encoding, str(path)).replace("\r\n", "\n").replace("\r", "\n")


def decoded(raw: bytes, encoding: str | None = None, name: str = "the text") -> str:
    """Bytes as text; see `read_text`."""
    usual = "utf-16" if raw.startswith(_BYTE_ORDER_MARKS) else "utf-8-sig"
    try:
        return raw.decode(encoding or usual)
    except LookupError as error:
        raise ArgumentError(
            f"there is no encoding {encoding!r}. Known are 'utf-8', 'cp1252', 'utf-16' and more."
        ) from error
    except UnicodeDecodeError as error:
        if encoding is not None:
            raise FileError(
                f"{name} is not in {encoding}: {error}. Leave encoding= out, or name another."
            ) from error
        warnings.warn(
            f"{name} is not UTF-8 (byte {raw[error.start]:#04x} at {error.start:,}) and was read "
            "as Latin-1. If letters look wrong, give its encoding, such as encoding='cp1252'.",
            stacklevel=4,
        )
        return raw.decode("latin-1")


def rows(content: str, name: object) -> list[list[str]]:
    """The fields of each line that is not empty, the names of the columns first.

    Fields are separated by commas, semicolons or tabs.

    Raises DataError when there are none, and for what is no table, with its line.
    """
    first = content.lstrip("\n").split("\n", 1)[0]
    table = csv.reader(io.StringIO(content, newline=""), delimiter=max(",;\t", key=first.count))
    # The limit belongs to the whole process; no field is longer than the file.
    usual = csv.field_size_limit(len(content) + 1)
    try:
        found = [row for row in table if any(map(str.strip, row))]
    except csv.Error as error:
        raise DataError(f"{name}, line {table.line_num}: {error}.") from error
    finally:
        csv.field_size_limit(usual)
    if not found:
        raise DataError(f"{name} is empty. Its first line should name the columns.")
    return [[field.strip() for field in found[0]], *found[1:]]


def content_of(content: Path | bytes, name: str) -> str:
    """What is in a text file, or in the bytes of one.

    Raises FileError when it can not be read.
    """
    if isinstance(content, Path):
        return read_text(content)
    return decoded(content, name=name).replace("\r\n", "\n").replace("\r", "\n")
