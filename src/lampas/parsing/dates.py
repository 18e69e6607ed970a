"""Dates as people write them, with or without the time of day."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError

Dates = npt.NDArray[np.datetime64]
ISO: Final = "ISO8601"
_DAY_FORMATS: Final = (
    *("%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
    *("%d-%b-%Y", "%d-%b-%y"),
)
DATE_FORMATS: Final = (
    ISO,
    *(day + time for day in _DAY_FORMATS for time in ("", " %H:%M", " %H:%M:%S")),
)
"""The formats in order of preference; the day before the month where both would fit."""
_DATE_SHAPE = re.compile(r"(?=(.*\d){3})(?=.*[-/. ])[\w,.:/+ -]{6,40}")
_SAMPLE_SIZE = 20
"""Words that are tried before all of them."""
_COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?")
_DOTTED = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})")
_ZONED = re.compile(r"(.*:[\d.]+) ?(Z|[+-]\d\d(?::?\d\d)?)")


def date_format(words: Sequence[str]) -> str | None:
    """The format in which all words are dates; None if there is none."""
    if not words or not all(map(_DATE_SHAPE.fullmatch, words[:_SAMPLE_SIZE])):
        return None
    sample = words[:_SAMPLE_SIZE]
    candidates = (f for f in DATE_FORMATS if _are_dates(sample, f) and _are_dates(words, f))
    return next(candidates, None)


def parse_dates(words: Sequence[str], format: str = ISO) -> Dates:
    """The words as times in microseconds, NaT where one is not a date in this format.

    Times with a zone become UTC.
    """
    import pandas

    # Pandas would take "2020" for a date; a column of such words holds numbers.
    times = pandas.to_datetime(list(words), format=format, errors="coerce", utc=True)
    return np.asarray(times.tz_localize(None).to_numpy(), "datetime64[us]")


def _are_dates(words: Sequence[str], format: str) -> bool:
    return not np.isnat(parse_dates(words, format)).any()


def swapped_format(words: Sequence[str], format: str) -> str | None:
    """The format with day and month exchanged, if all words are dates in that one as well."""
    other = format.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")
    if other == format or format == ISO or other not in DATE_FORMATS:
        return None
    return other if _are_dates(words, other) else None


def date_warning(name: str, words: Sequence[str], format: str) -> str:
    """A warning if day and month of all words may be exchanged, or ""."""
    if not swapped_format(words, format):
        return ""
    first = "the day" if format.index("%d") < format.index("%m") else "the month"
    return (
        f"{name!r}: {words[0]} could have the day or the month first; it is read as {first} first. "
        "Write dates as 2026-01-31 to be sure."
    )


def parse_timestamps(
    texts: Sequence[str], column: str, row_location: Callable[[int], str], format: str | None = None
) -> npt.NDArray[Any]:
    """Times as they are written: numbers, or else dates, ``(n,)``.

    Dates may begin with the year, in any mixture of ``2024-05-31 14:00``, ``2024/05/31`` and
    ``31.5.2024``; ``20240531`` and ``202405`` are dates where all are such. Other dates are read in
    the one of ``DATE_FORMATS`` that fits all of them. Times of one zone stay as its clocks show
    them, those of several become UTC.

    Args:
        texts: one for each row.
        column: name of the column, for messages.
        row_location: describes where a row is, for messages.
        format: format of dates that do not begin with the year; None to infer it.

    Raises:
        DataError: for a text that is neither a number nor a date; says where it is.
    """
    words = [text.strip() for text in texts]
    if not format and not all(map(_COMPACT.fullmatch, words)):
        try:
            return np.array([float(word) for word in words])
        except ValueError:
            pass
    format = timestamp_format(words) if format is None else format
    times = parse_dates(words, format) if format else _parse_year_first(words)
    if np.isnat(times).any():
        row = int(np.argmax(np.isnat(times)))
        raise DataError(
            f"{row_location(row)}: {texts[row]!r} in {column!r} is not a time. Write a number, or "
            "year, month and day, as in 2024-05-31 or 2024-05-31 14:00."
        )
    return times


def timestamp_format(texts: Sequence[str]) -> str:
    """The format of dates that `parse_timestamps` needs; "" for numbers and year-first dates."""
    words = [text.strip() for text in texts]
    if not words or not np.isnat(_parse_year_first(words[:1])).any():
        return ""
    return date_format(words) or ""


def _parse_year_first(words: Sequence[str]) -> Dates:
    zoned = [_ZONED.fullmatch(word) for word in words]
    same_zone = all(zoned) and len({match[2] for match in zoned if match}) == 1
    pairs = zip(words, zoned, strict=True)
    clocks = (match[1] if same_zone and match else word for word, match in pairs)
    with warnings.catch_warnings():
        # NumPy warns that times with a zone become UTC: so they can be compared.
        warnings.simplefilter("ignore")
        return np.array([_time_or_nat(_reorder(clock)) for clock in clocks], "datetime64[us]")


def _time_or_nat(text: str) -> np.datetime64:
    try:
        return np.datetime64(text, "us")
    except ValueError:
        return np.datetime64("NaT", "us")


def _reorder(text: str) -> str:
    """A date with year, month and day in this order, separated by hyphens."""
    if compact := _COMPACT.fullmatch(text):
        return "-".join(filter(None, compact.groups()))
    if dotted := _DOTTED.match(text):
        day, month, year = dotted.groups()
        return f"{year}-{month:0>2}-{day:0>2}{text[dotted.end() :]}"
    return text.replace("/", "-")
