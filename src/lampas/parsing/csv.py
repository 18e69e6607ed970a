"""The one reader of CSV files: encoding, separator, and rows with their lines."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import threading
import warnings
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, islice
from typing import IO, Final, Literal, NamedTuple, Protocol, cast

from ..core.errors import ArgumentError, DataError, FileError

SEPARATORS: Final = ",;\t|"
SUFFIXES: Final = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
MAX_COLUMNS = 2_000
_PREAMBLE_LINES, _PEEKED_ROWS = 50, 20
"""Lines among which comments are skipped, and rows below the header that are compared with it."""
_MAX_FIELD = 1 << 27
"""Characters of the longest field: an unclosed quote makes a field of all that follows."""
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LIMIT_LOCK = threading.Lock()
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?[,;\t|]*\s*$', re.IGNORECASE)
_Row = tuple[int, list[str]]
"""The line on which a row begins, and its fields."""


class ReadableFile(Protocol):
    """A path, or a file in memory that is opened as a path is."""

    @property
    def suffix(self) -> str: ...

    def open(self, mode: Literal["rb"]) -> IO[bytes]: ...


class CsvRows(NamedTuple):
    """Rows of a CSV file.

    Args:
        names: names of the columns.
        lines: the line on which each row begins, from 1 on.
        rows: the fields of each row.
    """

    names: list[str]
    lines: list[int]
    rows: list[list[str]]


def read_csv(
    file: ReadableFile, encoding: str | None = None, *, any_width: bool = False
) -> CsvRows:
    """All rows of a CSV file.

    The first line names the columns. Fields are separated by the most frequent of ``, ; tab |`` in
    it; a field with separators or line breaks is quoted. Line breaks are read as ``\\n``, blanks
    before a field are skipped, and empty rows are left out. Above the names there may be comments,
    which begin with ``#``, and the line ``sep=;`` that Excel writes; rows may end in a separator.

    Args:
        file: a path, or a file in memory.
        encoding: None for UTF-8, for UTF-16 after its byte order mark, or else for cp1252 or
            Latin-1 with a warning.
        any_width: whether to return rows with fewer or more fields than there are columns.

    Raises:
        FileError: when the file cannot be read, or is not in ``encoding``.
        ArgumentError: when there is no such encoding.
        DataError: when it is empty, not a text, has a column name twice or too many columns, and
            for a broken row, with its line.
    """
    (table,) = iter_csv(file, None, encoding, any_width=any_width, empty=True)
    return table


def iter_csv(
    file: ReadableFile,
    size: int | None,
    encoding: str | None = None,
    *,
    any_width: bool = False,
    empty: bool = False,
) -> Iterator[CsvRows]:
    """The same, ``size`` rows at a time, or all of them for None.

    A file without rows yields nothing, or with ``empty`` one block without rows. Raises as
    `read_csv` does, for a broken row when it is reached.
    """
    with _open_text(file, encoding) as text:
        rows = _parse_rows(file, text)
        names, rows = _read_header(file, rows)
        if not any_width:
            rows = _check_widths(file, names, rows)
        block = _next_rows(rows, size)
        while block or empty:
            yield _table(names, block)
            block, empty = _next_rows(rows, size) if size else [], False


def read_csv_sample(file: ReadableFile, max_bytes: int) -> CsvRows:
    """The rows in the first ``max_bytes`` of a file, up to the first that is broken, if any.

    Raises as `read_csv` does.
    """
    with open_binary(file) as raw:
        start = raw.read(max_bytes)
        # A row of a long text may be longer than the sample.
        while b"\n" not in start[len(start) // 2 :] and (more := raw.read(len(start))):
            start += more
            max_bytes = len(start)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        encoding = _detect(file, io.BytesIO(start[: start.rfind(b"\n") + 1] or start))
    text = codecs.getincrementaldecoder(encoding)("replace").decode(start)
    if len(start) == max_bytes:
        text = text[: text.rfind("\n") + 1] or text
    rows = _parse_rows(file, io.StringIO(text, newline=None))
    names, rows = _read_header(file, rows)
    sample = list[_Row]()
    with suppress(DataError):
        while block := _next_rows(rows, 1):
            sample += block
    return _table(names, sample)


def width_problem(fields: Sequence[str], names: Sequence[str]) -> str:
    """Describe the mismatch between the fields of a row and the columns; "" if there is none."""
    if len(fields) == len(names):
        return ""
    advice = (
        "put a field with a separator inside into quotes, or remove the first line if it is a title"
        if len(fields) > len(names)
        else "leave fields without a value empty, but write their separators"
    )
    return (
        f"the row has {len(fields):,} field{'s' * (len(fields) != 1)}, the first line names "
        f"{len(names):,} column{'s' * (len(names) != 1)}; {advice}"
    )


def column_names(file: object, header: Sequence[object]) -> list[str]:
    """The names of the columns; a column without a name gets its number as in ``"column 3"``.

    Raises:
        DataError: for a name that occurs twice, and for more than ``MAX_COLUMNS``.
    """
    if len(header) > MAX_COLUMNS:
        raise DataError(
            f"{file} has {len(header):,} columns; a table may have {MAX_COLUMNS:,}. Keep those "
            "that may matter, or a few sums of the others, in a smaller file."
        )
    names = [str(name).strip() or f"column {n}" for n, name in enumerate(header, 1)]
    if duplicates := [name for name, times in Counter(names).items() if times > 1]:
        raise DataError(
            f"{file} has more than one column named {', '.join(map(repr, duplicates[:5]))}. "
            "Rename or remove all but one of them."
        )
    return names


@contextmanager
def open_binary(file: ReadableFile) -> Iterator[IO[bytes]]:
    """A file to read, decompressed if its name ends in ``.gz``.

    Raises:
        FileError: when it cannot be opened, read or decompressed.
    """
    try:
        with file.open("rb") as raw:
            compressed = file.suffix.lower() == ".gz"
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if compressed else raw
    except (OSError, EOFError, zlib.error) as error:
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise FileError(f"cannot read {file}: {reason}.") from error


def read_text(file: ReadableFile, encoding: str | None = None) -> str:
    """The content of a text file, its line ends as ``\\n``.

    Args:
        file: a path, or a file in memory.
        encoding: None to detect it as `read_csv` does; a file in several encodings is read, with a
            warning, in the one that has all its bytes.

    Raises:
        FileError: when the file cannot be read, or is not in ``encoding``.
        ArgumentError: when there is no such encoding.
    """
    with open_binary(file) as raw:
        content = raw.read()
    return decode_text(content, encoding, str(file)).replace("\r\n", "\n").replace("\r", "\n")


def decode_text(raw: bytes, encoding: str | None = None, name: str = "the text") -> str:
    """Bytes as text; see `read_text`."""
    if encoding is None:
        expected = "utf-16" if raw.startswith(_UTF16_MARKS) else "utf-8-sig"
        try:
            return raw.decode(expected)
        except UnicodeDecodeError as error:
            place = f"byte {raw[error.start]:#04x} at {error.start:,}"
        encoding = "cp1252" if _decodes(raw, "cp1252") else "latin-1"
        _warn_of_encoding(name, place, encoding)
    with _encoding_errors(name, encoding):
        return raw.decode(encoding).removeprefix("\ufeff")


def detect_encoding(file: ReadableFile) -> str:
    """UTF-8, or UTF-16 after its byte order mark; else cp1252 or Latin-1, with a warning.

    Raises:
        FileError: when the file cannot be read.
        DataError: when it is not a text, or some of its lines are UTF-8 and others are not.
    """
    with open_binary(file) as raw:
        return _detect(file, raw)


@contextmanager
def _open_text(file: ReadableFile, encoding: str | None) -> Iterator[IO[str]]:
    chosen = detect_encoding(file) if encoding is None else encoding
    with (
        open_binary(file) as raw,
        _encoding_errors(file, encoding),
        # A byte order mark is not part of the first name.
        io.TextIOWrapper(
            raw, "utf-8-sig" if codecs.lookup(chosen).name == "utf-8" else chosen, newline=None
        ) as text,
    ):
        yield text


@contextmanager
def _encoding_errors(name: object, encoding: str | None) -> Iterator[None]:
    """Explain why a text cannot be decoded; the encoding is None where it was detected."""
    try:
        yield
    except LookupError as error:
        raise ArgumentError(
            f"there is no encoding {encoding!r}. Examples are 'utf-8', 'cp1252' and 'utf-16'."
        ) from error
    except UnicodeDecodeError as error:
        if encoding is None:
            raise DataError(
                f"{name} is not in one encoding ({error}). Save it as UTF-8."
            ) from error
        raise FileError(
            f"{name} is not in {encoding}: {error}. Leave encoding= out, or name another."
        ) from error


def _detect(file: object, raw: IO[bytes]) -> str:
    start = raw.read(4096)
    if start.startswith(_UTF16_MARKS):
        return "utf-16"
    if b"\0" in start:
        raise DataError(f"{file} is not a text: it has a zero byte near its beginning.")
    raw.seek(0)
    utf8_line, non_utf8, is_cp1252 = 0, "", True
    for number, line in enumerate(raw, 1):
        if line.isascii():
            continue
        if not line.decode(errors="ignore").isascii():
            utf8_line = utf8_line or number
        try:
            line.decode()
        except UnicodeDecodeError as error:
            byte = f"byte {error.start + 1} ({line[error.start]:#04x})"
            non_utf8 = non_utf8 or f"line {number:,}, {byte}"
            is_cp1252 = is_cp1252 and _decodes(line, "cp1252")
    if utf8_line and non_utf8:
        raise DataError(
            f"{file} mixes encodings: there is UTF-8 in line {utf8_line:,}, but not in {non_utf8}. "
            "Save it in one encoding, preferably UTF-8."
        )
    if not non_utf8:
        return "utf-8-sig"
    name = "cp1252" if is_cp1252 else "latin-1"
    _warn_of_encoding(file, non_utf8, name)
    return name


def _warn_of_encoding(name: object, place: str, encoding: str) -> None:
    warnings.warn(
        f"{name} is not UTF-8 ({place}) and was read as {encoding}. If letters look wrong, save it "
        "as UTF-8.",
        stacklevel=4,
    )


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _parse_rows(file: object, text: IO[str]) -> Iterator[_Row]:
    """The line on which each row begins, and its fields; the header first, empty rows left out."""
    line = 1
    try:
        skipped, header, separator = _read_preamble(text)
        below = islice(text, skipped + bool(header), None)
        lines = chain([header], below) if header else below
        table = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
        line = skipped + 1
        for fields in table:
            if any(fields):
                yield line, fields
            line = skipped + table.line_num + 1
    except csv.Error as error:
        raise DataError(f"{file}, line {line:,}: {_explain(str(error))}") from error


def _read_preamble(text: IO[str]) -> tuple[int, str, str]:
    """The number of lines above the header, the header if it is a comment, and the separator."""
    lines = list(islice(text, _PREAMBLE_LINES))
    text.seek(0)
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    chosen = _SEPARATOR_LINE.match(lines[start]) if lines else None
    start += chosen is not None
    skipped = start if chosen else 0
    content = (n for n, line in enumerate(lines[start:], start) if line.strip() and line[0] != "#")
    first = next(content, start)
    top = lines[first] if first < len(lines) else ""
    number, separator = _count_separators(top)
    below = {_count_separators(line) for line in lines[first + 1 : first + 6] if line.strip()}
    if chosen:
        separator = chosen[1]
    elif not number and len(below) == 1 and len(lines) > first + 3:
        separator = below.pop()[1]  # The first line is a title.
    comments = [n for n in range(start, first) if lines[n].strip()]
    if not comments:
        return skipped, "", separator
    last = lines[comments[-1]]
    has_numbers = any(field[:1].isdigit() for field in re.split(f"[{SEPARATORS}]", top))
    is_header = separator in top and last.count(separator) == top.count(separator)
    if is_header and (has_numbers or not last[1:2].isspace()):
        # The comment names the columns: "# a,b" of NumPy above numbers, "#chrom,start", or "#,a".
        named = last[1:].strip() and last[1] not in SEPARATORS
        return comments[-1], last.lstrip("# ") if named else last, separator
    return first, "", separator


def _count_separators(line: str) -> tuple[int, str]:
    """The most frequent separator of a line, and how often it is there; not within quotes."""
    line = re.sub('"[^"]*"', "", line)
    separator = max(SEPARATORS, key=line.count)
    return line.count(separator), separator


def _explain(reason: str) -> str:
    if "unexpected end" in reason or "field larger" in reason:
        return 'a quote (") is opened here and not closed. Close it, or double it inside a field.'
    return f'this row cannot be read ({reason}). Double a quote (") that is part of a field.'


def _table(names: list[str], rows: Sequence[_Row]) -> CsvRows:
    return CsvRows(names, [line for line, _ in rows], [fields for _, fields in rows])


def _read_header(file: object, rows: Iterator[_Row]) -> tuple[list[str], Iterator[_Row]]:
    """The names of the columns, and the rows below them without a separator at their end."""
    top, rest = list[_Row](), rows
    try:
        while len(top) <= _PEEKED_ROWS and (block := _next_rows(rows, 1)):
            top += block
    except DataError as error:
        if not top:
            raise
        rest = _raise_again(error)
    if not top:
        raise DataError(f"{file} is empty. Its first line should name the columns.")
    (line, header), below = top[0], top[1:]
    widths = {len(fields) for _, fields in below}
    if len(header) > 1 and not header[-1] and widths == {len(header)}:
        header = header[:-1] if not any(fields[-1] for _, fields in below) else header
    is_title = sum(map(bool, header)) == 1 and header[0] and len(below) > 1 and len(widths) == 1
    if is_title and max(widths) > 1 and (len(header) == 1 or all(below[0][1])):
        raise DataError(
            f"{file}, line {line:,}: {header[0]!r:.60} does not name the columns: it is one field, "
            f"and the rows below have {max(widths):,}. Remove the lines above the names, or put "
            "fields with a separator inside into quotes."
        )
    return column_names(file, header), _without_last_separator(chain(below, rest), len(header))


def _raise_again(error: DataError) -> Iterator[_Row]:
    yield from ()
    raise error


def _without_last_separator(rows: Iterator[_Row], width: int) -> Iterator[_Row]:
    for line, fields in rows:
        yield line, fields[:-1] if len(fields) == width + 1 and not fields[-1] else fields


def _next_rows(rows: Iterator[_Row], size: int | None) -> list[_Row]:
    # The limit belongs to the whole process.
    with _LIMIT_LOCK:
        limit = csv.field_size_limit(_MAX_FIELD)
        try:
            return list(islice(rows, size))
        finally:
            csv.field_size_limit(limit)


def _check_widths(file: object, names: Sequence[str], rows: Iterator[_Row]) -> Iterator[_Row]:
    for line, fields in rows:
        if problem := width_problem(fields, names):
            raise DataError(f"{file}, line {line:,}: {problem}.")
        yield line, fields
