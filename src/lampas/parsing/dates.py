"""Dates as people write them, with or without the time of day."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError

Dates = npt.NDArray[np.datetime64]
ISO: Final = "ISO8601"
_DAYS: Final = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y", "%y/%m/%d", "%y-%m-%d"),
    *("%d %b %Y", "%b %d %Y", "%d-%b-%Y", "%d-%b-%y", "%d %b %y", "%d/%b/%Y"),
    *("%d.%b.%Y", "%d%b%Y", "%Y %b %d", "%Y-%b-%d", "%b %Y", "%b-%Y", "%b-%y", "%Y %b", "%m/%Y"),
)
_TIMES: Final = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p", " %I %p")
DATE_FORMATS: Final = (ISO, *(day + time for day in _DAYS for time in _TIMES))
"""The formats in order of preference; the day before the month where both would fit."""
_SHAPES: Final = {
    day: re.compile(
        re.escape(day)
        .replace("%Y", r"\d{4}")
        .replace("%y", r"\d\d")
        .replace("%m", r"\d\d?")
        .replace("%d", r"\d\d?")
        .replace("%b", "[A-Z][a-z]{2}")
        + r"(?: \d.*)?"
    )
    for day in _DAYS
}
"""What dates look like: a check that costs little."""
_SAMPLE_SIZE = 20
"""Words that are tried before all of them."""
_COMPACT = re.compile(r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])?")
_DOTTED = re.compile(r"(\d\d?)\.(\d\d?)\.(\d{4})")
_ZONED = re.compile(r"(.*:[\d.]+(?: ?[AP]M)?) ?(?:(Z|UTC|GMT)|(?:UTC|GMT)?([+-]\d\d)(?::?(\d\d))?)")
_HAS_YEAR = re.compile(r"\d{4}(?!\d)")
_YEAR_FIRST = re.compile(r"\d{4}-\d\d?(?:-\d\d?)?(?:[ T].*)?|\d{4}\d\d\d\d[ T]\d.*")
_NAMES: Final = {"mär": "Mar", "mrz": "Mar", "mai": "May", "okt": "Oct", "dez": "Dec"}
"""English abbreviations of months by the beginnings of German names that differ."""
_MONTH = re.compile(
    r"(?<![^\W\d_])(jan(?:uary?)?|feb(?:ruary?)?|mar(?:ch)?|mär(?:z)?|mrz|apr(?:il)?|may|mai|june?|juni|"
    r"july?|juli|aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?)"
    r"(?![^\W\d_])\.?",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[.,]* ", re.I
)
_HALF = re.compile(r"(?<=\d) ?([ap])\.?m\.?(?!\w)", re.IGNORECASE)
_WEEK = re.compile(r"(\d{4})-?W(\d\d)(?:-?([1-7]))?")
_QUARTER = re.compile(r"(?:(\d{4})[- ]?Q([1-4])|Q([1-4])[-/ ](\d{4}))")


def date_format(words: Sequence[str]) -> str | None:
    """The format in which all words are dates; None if there is none.

    Words may also have another time of day or none, or begin with a four-digit year. Two-digit
    years are read at the beginning if the dates are then closer together.
    """
    if not words:
        return None
    sample = [_normalize(word) for word in words[:_SAMPLE_SIZE]]
    if all(map(_YEAR_FIRST.fullmatch, sample)) and _are_dates(words, ISO):
        return ISO
    shapes = (day for day, shape in _SHAPES.items() if any(map(shape.fullmatch, sample)))
    days = [day for day in shapes if _are_dates(sample, day) and _are_dates(words, day)]
    if not days:
        return None
    day = min(days, key=lambda f: np.ptp(parse_dates(words, f)) if "%y" in f else 0)
    if not day.startswith("%y"):
        day = days[0]
    first = next(word for word in sample if _SHAPES[day].fullmatch(word))
    return next(day + time for time in _TIMES if not np.isnat(_parse([first], day, [time])).any())


def parse_dates(words: Sequence[str], format: str = ISO) -> Dates:
    """The words as times in microseconds, NaT where one is not a date in this format.

    Times with a zone become UTC. Words may be without the time of day, or have it in another
    format, and dates that begin with a four-digit year are read in any case.
    """
    if format == ISO:
        return _parse(words, ISO, [""])
    format = format.replace("%B", "%b").replace(",", "")
    day = re.split(" %[HI]", format)[0]
    times = _parse(words, day, [format.removeprefix(day)])
    for rest_day, rest_times in ((day, _TIMES), (ISO, [""])):
        rest = np.flatnonzero(np.isnat(times)).tolist()
        if rest_day == ISO:
            rest = [i for i in rest if _YEAR_FIRST.match(words[i].strip())]
        if rest:
            times[rest] = _parse([words[i] for i in rest], rest_day, rest_times)
    return times


def _parse(words: Sequence[str], day: str, times: Sequence[str]) -> Dates:
    """The words as dates in the first of the formats ``day + time`` that each of them has."""
    import pandas

    clocks, offsets = (
        zip(*(_split_zone(_normalize(word)) for word in words), strict=True) if words else ((), ())
    )
    parsed = np.full(len(words), np.datetime64("NaT"), "datetime64[us]")
    for time in times:
        rest = np.flatnonzero(np.isnat(parsed))
        if not len(rest):
            break
        # Pandas would take "2020" for a date; a column of such words holds numbers.
        dates = pandas.to_datetime(
            [clocks[i] for i in rest], format=day + time, errors="coerce", utc=True
        )
        parsed[rest] = np.asarray(dates.tz_localize(None).to_numpy(), "datetime64[us]")
    return parsed - np.array(offsets, "timedelta64[m]")


def _are_dates(words: Sequence[str], format: str) -> bool:
    return not np.isnat(parse_dates(words, format)).any()


def _normalize(word: str) -> str:
    """A date with English abbreviations of months, AM or PM, and no weekday or commas.

    The first day stands for a week such as 2020-W05 and for a quarter such as 2020-Q1.
    """
    word = " ".join(word.split())
    if word.isascii() and not any(map(str.isalpha, word)):
        return _without_commas(word) if "," in word else word
    if week := _WEEK.fullmatch(word):
        try:
            date = datetime.date.fromisocalendar(int(week[1]), int(week[2]), int(week[3] or 1))
        except ValueError:
            return word
        return date.isoformat()
    if quarter := _QUARTER.fullmatch(word):
        year, number = quarter[1] or quarter[4], int(quarter[2] or quarter[3])
        return f"{year}-{3 * number - 2:02}-01"
    word = _HALF.sub(lambda match: f" {match[1].upper()}M", _WEEKDAY.sub("", word, count=1))
    if month := _MONTH.search(word):
        start = month[1][:3].lower()
        name = _NAMES.get(start, start.title())
        before = re.sub(r"(\d)(?:\.|st|nd|rd|th) ?$", r"\1 ", word[: month.start()])
        after = re.sub(r"^( \d+)(?:st|nd|rd|th)\b", r"\1", word[month.end() :])
        word = before + name + after
    return _without_commas(word)


def _without_commas(word: str) -> str:
    return re.sub(r"(:\d\d),(?=\d)", r"\1.", word).replace(",", "")


def _split_zone(word: str) -> tuple[str, int]:
    """The time that clocks show, and how many minutes they are ahead of UTC."""
    match = _ZONED.fullmatch(word)
    if match is None:
        return word, 0
    minutes = 60 * abs(int(match[3] or 0)) + int(match[4] or 0)
    return match[1], -minutes if (match[3] or "").startswith("-") else minutes


def swapped_format(words: Sequence[str], format: str) -> str | None:
    """The format with day and month exchanged, if all words are dates in that one as well."""
    other = format.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")
    if other == format or format == ISO or other not in DATE_FORMATS:
        return None
    return other if _are_dates(words, other) else None


def date_warning(name: str, words: Sequence[str], format: str) -> str:
    """A warning if day and month of all words may be exchanged, or a century is in doubt, or ""."""
    if swapped_format(words, format):
        first = "the day" if format.index("%d") < format.index("%m") else "the month"
        return (
            f"{name!r}: {words[0]} could have the day or the month first; it is read as {first} "
            "first. Write dates as 2026-01-31 to be sure."
        )
    if "%y" not in format:
        return ""
    times = parse_dates(words, format)
    latest = int(np.argmax(times))
    if times[latest] < np.datetime64("now") + np.timedelta64(730, "D"):
        return ""
    day = times[latest].astype("datetime64[D]")
    return (
        f"{name!r}: {words[latest]} is read as {day}. Write years with four digits if that is the "
        "wrong century."
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
    words = [_normalize(word) for word in words]
    zones = {match.group(2, 3, 4) if (match := _ZONED.fullmatch(w)) else None for w in words}
    pairs = map(_split_zone, words)
    same_zone = len(zones) == 1
    times = [(_time_or_nat(_reorder(clock)), 0 if same_zone else ahead) for clock, ahead in pairs]
    clocks, offsets = zip(*times, strict=True) if times else ((), ())
    return np.array(clocks, "datetime64[us]") - np.array(offsets, "timedelta64[m]")


def _time_or_nat(text: str) -> np.datetime64:
    try:
        # NumPy would take 20-01-06 for a day of the year 20.
        return np.datetime64(text if _HAS_YEAR.match(text) else "NaT", "us")
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
