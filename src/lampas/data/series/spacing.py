"""The frequency of a series: the usual time between its rows, gaps, and the times that follow."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[Any]
EVEN_SHARE = 0.9
"""Minimum share of equal steps for rows to have a frequency; a few rows may be missing."""
GAP_STEPS = 1.5
"""Distance of two rows, in median steps, from which rows between them count as missing."""
_SECOND = 1_000_000
_COMMON: Final[dict[tuple[str, int], tuple[str, tuple[int, ...]]]] = {
    ("seconds", 60): ("a minute", ()),
    ("seconds", 3600): ("an hour", ()),
    ("seconds", 86_400): ("a day", (7,)),
    ("seconds", 604_800): ("a week", (52,)),
    ("months", 1): ("a month", (12,)),
    ("months", 3): ("a quarter", (4,)),
    ("months", 12): ("a year", ()),
    ("working days", 1): ("a working day", (5,)),
}
"""Name and season lengths of frequencies."""
_DAY = 86_400


class Frequency(NamedTuple):
    """The time between two rows: ``step`` seconds, months, working days or units of a number.

    Args:
        unit: ``"seconds"``, ``"months"``, ``"working days"`` or ``"number"``.
        step: the number of units.
    """

    unit: str
    step: float

    def __str__(self) -> str:
        name, _ = _COMMON.get((self.unit, int(self.step)), ("", ()))
        if name:
            return name
        if self.unit == "seconds":
            for size, unit in ((_DAY, "days"), (3600, "hours"), (60, "minutes")):
                if self.step % size == 0:
                    return f"{self.step / size:g} {unit}"
        return f"{self.step:g}" if self.unit == "number" else f"{self.step:g} {self.unit}"

    @property
    def calendar(self) -> tuple[int, ...]:
        """Season lengths that such series often have: a week of days, a day of hours."""
        _, lengths = _COMMON.get((self.unit, int(self.step)), ("", ()))
        if lengths or self.unit != "seconds" or not 0 < self.step < _DAY or _DAY % self.step:
            return lengths
        return (round(_DAY / self.step), round(7 * _DAY / self.step))


def infer_frequency(times: Times) -> Frequency | None:
    """The usual time between rows; None if it varies."""
    if len(times) < 2:
        return None
    if times.dtype.kind != "M":
        steps = np.diff(times)
        step = float(np.median(steps))
        return Frequency("number", step) if np.isclose(steps, step).mean() >= EVEN_SHARE else None
    month_steps = np.diff(times.astype("datetime64[M]").astype(int))
    months = int(np.median(month_steps))
    even = (month_steps == months).mean() >= EVEN_SHARE
    if months >= 1 and even and _same_day(times):
        return Frequency("months", months)
    seconds = np.diff(times).astype(float) / _SECOND
    step = float(np.median(seconds))
    if np.isclose(seconds, step).mean() >= EVEN_SHARE:
        return Frequency("seconds", step)
    working_days = _working_days(times)
    if working_days is not None and (working_days == 1).mean() >= EVEN_SHARE:
        return Frequency("working days", 1)
    return None


def _same_day(times: Times) -> bool:
    """Whether all are on the same day of their months, or on the last one."""
    days = times.astype("datetime64[D]")
    numbers = (days - times.astype("datetime64[M]")).astype(int)
    ends = days == _last_day(times.astype("datetime64[M]"))
    return bool(((numbers == int(np.median(numbers))) | ends).mean() >= EVEN_SHARE)


def count_gaps(times: Times, frequency: Frequency) -> int:
    """The number of places where rows are missing: where the time between two is too long."""
    working_days = _working_days(times) if frequency.unit == "working days" else None
    steps = np.diff(times).astype(float) if working_days is None else working_days
    return int((steps > GAP_STEPS * np.median(steps)).sum())


def future_times(last: Any, frequency: Frequency | None, steps: int) -> list[str]:
    """The times of the steps after ``last``, as texts; empty without a frequency."""
    if frequency is None:
        return []
    ahead = np.arange(1, steps + 1)
    if frequency.unit == "number":
        return [format_time(time) for time in last + ahead * frequency.step]
    if frequency.unit == "months":
        return [format_time(time) for time in _months_later(last, ahead * int(frequency.step))]
    if frequency.unit == "working days":
        day = last.astype("datetime64[D]")
        days = np.busday_offset(day, ahead * int(frequency.step), roll="backward")
        return [format_time(time) for time in days + (last - day)]
    seconds = ahead * frequency.step
    return [format_time(time) for time in last + (seconds * _SECOND).astype("timedelta64[us]")]


def format_time(time: Any) -> str:
    """A time as people write it, without the units that are zero."""
    if not isinstance(time, np.datetime64):
        return f"{time:.15g}"
    day, clock = str(time.astype("datetime64[us]")).split("T")
    clock = clock.rstrip("0").rstrip(".") if not clock.endswith(".000000") else clock[:-7]
    return f"{day} {clock.removesuffix(':00')}".removesuffix(" 00:00")


def _working_days(times: Times) -> npt.NDArray[np.int_] | None:
    """Days from Monday to Friday between the rows; None if one is on another day."""
    days = times.astype("datetime64[D]")
    same_clock = len(np.unique(times - days)) == 1
    if not same_clock or not np.is_busday(days).all():
        return None
    return np.busday_count(days[:-1], days[1:])


def _months_later(last: np.datetime64, months: npt.NDArray[np.int_]) -> Times:
    """The same day a number of months later, or the last day of a shorter month."""
    day, month = last.astype("datetime64[D]"), last.astype("datetime64[M]")
    later = month + months
    last_days = _last_day(later)
    if day != _last_day(month):
        last_days = np.minimum(later.astype("datetime64[D]") + (day - month), last_days)
    return last_days + (last - day)


def _last_day(month: Any) -> Any:
    return (month + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
