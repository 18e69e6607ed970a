"""Dates as people write them, with or without the time of day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Dates = npt.NDArray[np.datetime64]
ISO = "ISO8601"
_DAYS: Final = (
    *("%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
    *("%d-%b-%Y", "%d-%b-%y"),
)
FORMS: Final = (ISO, *(day + time for day in _DAYS for time in ("", " %H:%M", " %H:%M:%S")))
"""Forms that are known, the surest first; the day before the month where both would do."""
_SHAPE = re.compile(r"(?=(.*\d){3})(?=.*[-/. ])[\w,.:/+ -]{6,40}")
_LOOK = 20


def date_form(words: Sequence[str]) -> str | None:
    """In which form all words are dates; None if in none."""
    if not words or not all(map(_SHAPE.fullmatch, words[:_LOOK])):
        return None
    fits = (form for form in FORMS if not np.isnat(dates(words[:_LOOK], form)).any())
    return next((form for form in fits if not np.isnat(dates(words, form)).any()), None)


def dates(words: Sequence[str], form: str = ISO) -> Dates:
    """The words as times in microseconds, NaT for what is none in this form.

    Times with a zone become UTC.
    """
    import pandas

    # Pandas would take "2020" for a date; such a column is one of numbers.
    found = pandas.to_datetime(list(words), format=form, errors="coerce", utc=True)
    return np.asarray(found.tz_localize(None).to_numpy(), "datetime64[us]")


def ambiguous(words: Sequence[str], form: str) -> str | None:
    """The form with day and month exchanged, if the words could mean that as well."""
    other = form.replace("%d", "%_").replace("%m", "%d").replace("%_", "%m")
    if other == form or form == ISO or other not in FORMS:
        return None
    return None if np.isnat(dates(words, other)).any() else other
