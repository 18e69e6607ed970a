"""How far apart the rows of a series are, and so which times follow."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[Any]
EVEN = 0.9
"""Share of equal steps from which on rows are evenly apart, save for some that are missing."""
FAR = 1.5
"""Usual steps in time from which on rows are missing between two."""
_SECOND = 1_000_000
_WORDS: Final = {
    ("seconds", 60): "a minute",
    ("seconds", 3600): "an hour",
    ("seconds", 86_400): "a day",
    ("seconds", 604_800): "a week",
    ("months", 1): "a month",
    ("months", 3): "a quarter",
    ("months", 12): "a year",
    ("working days", 1): "a working day",
}
_CALENDAR: Final = {
    ("seconds", 86_400): (7,),
    ("seconds", 604_800): (52,),
    ("months", 1): (12,),
    ("months", 3): (4,),
    ("working days", 1): (5,),
}
_DAY = 86_400


class Spacing(NamedTuple):
    """Rows are ``step`` seconds, months, working days or units of a number apart.

    Args:
        unit: ``"seconds"``, ``"months"``, ``"working days"`` or ``"number"``.
        step: how many.
    """

    unit: str
    step: float

    def __str__(self) -> str:
        usual = _WORDS.get((self.unit, int(self.step)))
        if usual:
            return usual
        if self.unit == "seconds":
            for size, name in ((_DAY, "days"), (3600, "hours"), (60, "minutes")):
                if self.step % size == 0:
                    return f"{self.step / size:g} {name}"
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
    even = (months == (usual_months := int(np.median(months)))).mean() >= EVEN
    if usual_months >= 1 and even and _same_day(times):
        return Spacing("months", usual_months)
    seconds = np.diff(times).astype(float) / _SECOND
    usual = float(np.median(seconds))
    if np.isclose(seconds, usual).mean() >= EVEN:
        return Spacing("seconds", usual)
    worked = _working_days(times)
    if worked is not None and (worked == 1).mean() >= EVEN:
        return Spacing("working days", 1)
    return None


def _same_day(times: Times) -> bool:
    """Whether all are on the same day of their months, or on the last one."""
    days = times.astype("datetime64[D]")
    numbers = (days - times.astype("datetime64[M]")).astype(int)
    ends = days == _last_day(times.astype("datetime64[M]"))
    return bool(((numbers == int(np.median(numbers))) | ends).mean() >= EVEN)


def holes(times: Times, apart: Spacing) -> int:
    """In how many places rows are missing: where two are further apart than is usual."""
    worked = _working_days(times) if apart.unit == "working days" else None
    steps = np.diff(times).astype(float) if worked is None else worked
    return int((steps > FAR * np.median(steps)).sum())


def _working_days(times: Times) -> npt.NDArray[np.int_] | None:
    """How many days from Monday to Friday later each row is; None where one is on another day."""
    days = times.astype("datetime64[D]")
    same_clock = len(np.unique(times - days)) == 1
    if not same_clock or not np.is_busday(days).all():
        return None
    return np.busday_count(days[:-1], days[1:])


def following(last: Any, apart: Spacing | None, steps: int) -> list[str]:
    """The times of the steps after ``last``, as texts; none where the rows are not evenly apart."""
    if apart is None:
        return []
    ahead = np.arange(1, steps + 1)
    if apart.unit == "number":
        return [written(time) for time in last + ahead * apart.step]
    if apart.unit == "months":
        return [written(time) for time in _months_later(last, ahead * int(apart.step))]
    if apart.unit == "working days":
        day = last.astype("datetime64[D]")
        days = np.busday_offset(day, ahead * int(apart.step), roll="backward")
        return [written(time) for time in days + (last - day)]
    return [
        written(time) for time in last + (ahead * apart.step * _SECOND).astype("timedelta64[us]")
    ]


def written(time: Any) -> str:
    """A time as people write it, no finer than it is."""
    if not isinstance(time, np.datetime64):
        return f"{time:.15g}"
    day, clock = str(time.astype("datetime64[us]")).split("T")
    clock = clock.rstrip("0").rstrip(".") if not clock.endswith(".000000") else clock[:-7]
    return f"{day} {clock.removesuffix(':00')}".removesuffix(" 00:00")


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
