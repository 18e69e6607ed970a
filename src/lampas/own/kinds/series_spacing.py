"""How far apart the rows of a series are, and so which times follow."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[Any]
EVEN = 0.9
"""Share of equal steps from which on rows are evenly apart, save for some that are missing."""
_SECOND = 1_000_000
_WORDS: Final = {
    ("seconds", 60): "a minute",
    ("seconds", 3600): "an hour",
    ("seconds", 86_400): "a day",
    ("seconds", 604_800): "a week",
    ("months", 1): "a month",
    ("months", 3): "a quarter",
    ("months", 12): "a year",
}
_CALENDAR: Final = {
    ("seconds", 86_400): (7,),
    ("seconds", 604_800): (52,),
    ("months", 1): (12,),
    ("months", 3): (4,),
}
_DAY = 86_400


class Spacing(NamedTuple):
    """Rows are ``step`` seconds, months or units of a number apart.

    Args:
        unit: ``"seconds"``, ``"months"`` or ``"number"``.
        step: how many.
    """

    unit: str
    step: float

    def __str__(self) -> str:
        usual = _WORDS.get((self.unit, int(self.step)))
        if usual:
            return usual
        return f"{self.step:g}" if self.unit == "number" else f"{self.step:g} {self.unit}"

    @property
    def calendar(self) -> tuple[int, ...]:
        """Steps of the seasons that such series often have: a week of days, a day of hours."""
        known = _CALENDAR.get((self.unit, int(self.step)))
        if known or self.unit != "seconds" or not 0 < self.step < _DAY or _DAY % self.step:
            return known or ()
        return (round(_DAY / self.step), round(7 * _DAY / self.step))


def spacing(times: Times) -> Spacing | None:
    """How far apart the rows are; None where that differs."""
    if len(times) < 2:
        return None
    if times.dtype.kind != "M":
        steps = np.diff(times)
        usual = float(np.median(steps))
        return Spacing("number", usual) if np.isclose(steps, usual).mean() >= EVEN else None
    months = np.diff(times.astype("datetime64[M]").astype(int))
    if (usual_months := int(np.median(months))) >= 1 and (months == usual_months).mean() >= EVEN:
        return Spacing("months", usual_months)
    seconds = np.diff(times).astype(float) / _SECOND
    usual = float(np.median(seconds))
    return Spacing("seconds", usual) if np.isclose(seconds, usual).mean() >= EVEN else None


def following(last: Any, apart: Spacing | None, steps: int) -> list[str]:
    """The times of the steps after ``last``, as texts; none where the rows are not evenly apart."""
    if apart is None:
        return []
    ahead = np.arange(1, steps + 1)
    if apart.unit == "number":
        return [f"{time:.10g}" for time in last + ahead * apart.step]
    if apart.unit == "months":
        return [written(time) for time in _months_later(last, ahead * int(apart.step))]
    return [
        written(time) for time in last + (ahead * apart.step * _SECOND).astype("timedelta64[us]")
    ]


def written(time: Any) -> str:
    """A time as people write it, no finer than it is."""
    if not isinstance(time, np.datetime64):
        return f"{time:.10g}"
    text = str(time.astype("datetime64[s]")).replace("T", " ")
    return text.removesuffix(":00").removesuffix(" 00:00")


def _months_later(last: np.datetime64, months: npt.NDArray[np.int_]) -> Times:
    """The same day so many months later, or the last one of a month that has no such day."""
    month = last.astype("datetime64[M]")
    ends = _last_day(month) == last.astype("datetime64[D]")
    day = last.astype("datetime64[D]") - month.astype("datetime64[D]")
    clock = last - last.astype("datetime64[D]")
    found = month + months
    final = _last_day(found)
    return (final if ends else np.minimum(found.astype("datetime64[D]") + day, final)) + clock


def _last_day(month: Any) -> Any:
    return (month + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
