"""How the rows of a table depend on each other: groups, an order in time, several series.

A random split would put rows into the test split that depend on rows of the training split.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError
from ...parsing.columns import (
    FactorizedColumn,
    infer_date,
    infer_decimal,
    infer_number,
    parse_column,
)
from ...parsing.numbers import parse_numbers
from ..labels import format_list
from ..splits import time_split
from .column_types import CHOSEN, NUMBERS_ROWS, Column, split_name
from .target import Target

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
TIME_NAMES = ("time", "date", "datetime", "timestamp", "year", "month", "day", "week", "hour")
"""Names of columns of numbers that are times if they rise from row to row."""
DATE_PARTS, MAX_PART = ("year", "month", "week", "day", "hour", "minute"), 100
"""Names of columns that make a time together, and the bound of their numbers, except for years."""
MIN_STEPS, ORDERED = 8, 0.9
"""Minimum changes of a time from row to row, and minimum share of them in one direction."""
MIN_TIMES, MIN_GROUPS = 20, 10
"""Minimum distinct times or groups for a split by them that was not requested."""
SHARES = (0.15, 0.15)
"""Shares of the rows in the validation and the test split."""
EVEN_SHARE, EVEN_TOLERANCE = 0.75, 0.15
"""Minimum share of the steps of a series that have the median length, and their tolerance."""
MIN_SERIES_TIMES, MIN_COVERAGE, MAX_SERIES_SHARE = 5, 0.3, 1 / 3
"""Minimum times of several series, minimum share of these that each has, maximum series per row."""
ALIKE, SAME = 0.8, 0.95
"""Minimum intraclass correlations at which the target is alike, or the same, within a group."""
MIN_SERIAL_CORRELATION, CHANCE_DEVIATIONS = 0.3, 4.0
"""Minimum correlation of neighbours, and the standard deviations that chance rarely exceeds."""
MIN_REPEATED = 0.5
"""Minimum share of the rows whose group has several rows."""
_PEOPLE = frozenset(
    (
        *("animal", "athlete", "author", "client", "customer", "donor", "driver"),
        *("employee", "family", "household", "individual", "member", "mouse", "participant"),
        *("patient", "person", "player", "pupil", "rat", "respondent", "rider"),
        *("speaker", "student", "subject", "user", "volunteer"),
    )
)
_ID_WORDS = frozenset(("id", "uuid", "guid", "pid", "uid"))
_LABEL_WORDS = frozenset(("code", "key", "label", "name", "no", "nr", "num", "number", "ref"))
_ENUMERATED = re.compile(r"(\D*?)\d+")
_INTEGER = re.compile(r"[-+]?\d+(\.0*)?")


Option = Callable[[str, str], str]


def command_line_option(name: str, value: str) -> str:
    """An option as a shell reads it."""
    return f"--{name} {shlex.quote(value)}"


class RowStructure(NamedTuple):
    """The column to split the rows by, and what the user should know.

    Args:
        group: column whose groups a split should not divide, or None.
        time: column of the times to split by, or None.
        reason: why the rows are split by it.
        warnings: what the user should check.
        groups: all columns that group the rows, also those that are only reported.
        series: column whose values are series in time, of which the rows are steps; "" if none.
    """

    group: str | None = None
    time: str | None = None
    reason: str = ""
    warnings: tuple[str, ...] = ()
    groups: frozenset[str] = frozenset()
    series: str = ""


INDEPENDENT: Final = RowStructure()
"""No row depends on another."""


class _Rows(NamedTuple):
    """The rows to train on.

    Args:
        frame: raw cells.
        cells: the cells of all rows, by column.
        columns: profiles of the columns, without the target.
        rows: indices of the rows to train on.
        y: ranks of the target ``(n, 1)``, or indicators of its classes ``(n, classes)``.
        labels: labels ``(n,)``; None for regression.
        target: name of the target.
        decimal: decimal sign of the table.
    """

    frame: pd.DataFrame
    cells: Mapping[str, FactorizedColumn]
    columns: Mapping[str, Column]
    rows: npt.NDArray[np.intp]
    y: Floats
    labels: npt.NDArray[np.intp] | None
    target: str
    decimal: str | None

    def parse(self, name: str, kind: Literal["number", "date"]) -> Floats | None:
        """The numbers or times in a column, ``(n,)``, NaN where missing; None if it has others."""
        cells, column = self.cells[name], self.columns[name]
        format = column.format if column.kind == kind else None
        if not format:
            format = infer_date(cells) if kind == "date" else infer_number(cells, self.decimal)
        if format is None:
            return None
        values = parse_column(self.frame[name], kind, format, cells).values[self.rows]
        if kind == "date":
            values = np.where(np.isnat(values), np.nan, values.astype(np.float64))
        return values

    def is_chosen(self, name: str) -> bool:
        """Whether the user chose the kind of a column."""
        return self.columns[name].reason == CHOSEN

    def codes(self, name: str) -> npt.NDArray[np.intp]:
        """The code of each row's cell, ``(n,)``."""
        return self.cells[name].codes[self.rows]

    def has_other_features(self, name: str) -> bool:
        """Whether a feature is left if the rows are split by a column."""
        return any(c.kind != "leave-out" for c in self.columns.values() if c.name != name)


def infer_structure(
    frame: pd.DataFrame,
    cells: Mapping[str, FactorizedColumn],
    columns: Mapping[str, Column],
    target: str,
    encoded: Target,
    option: Option = command_line_option,
) -> RowStructure:
    """The column by which the rows should be split, if they depend on each other.

    Rows in the order of time, and those of several series, are split by time. Rows are split by
    group where an identifier repeats, and the target is alike in the rows of each. They are not
    split by columns whose kind the user chose, except for times that are left out.

    Args:
        frame: raw cells.
        cells: the factorized cells of all columns.
        columns: the profile of every column but the target.
        target: name of the target.
        encoded: the encoded target.
        option: how warnings write the option, or argument, that splits by a column.
    """
    if encoded.classes:
        y = np.eye(len(encoded.classes))[encoded.y]
    else:
        y = np.unique(encoded.y, return_inverse=True)[1].astype(np.float64)[:, None]
    labels = encoded.y.astype(np.intp) if encoded.classes else None
    y, decimal = y - y.mean(0), infer_decimal(cells.values())
    rows = _Rows(frame, cells, columns, encoded.rows, y, labels, target, decimal)
    times = dict(_times(rows))
    groups = list(_groups(rows, times))
    names = frozenset(group.name for group in groups)
    by_group = next((group for group in groups if group.splits), None)
    by_time, time_warnings = _split_time(rows, times, option)
    same = by_group is not None and labels is not None and by_group.correlation >= SAME
    if by_time is not None and not same:
        return by_time._replace(groups=names)
    group_warnings = (group.warning(target, option) for group in groups if group != by_group)
    structure = RowStructure(warnings=(*time_warnings, *group_warnings), groups=names)
    if by_group is None:
        return structure
    return structure._replace(group=by_group.name, reason=by_group.reason(target))


def _times(rows: _Rows) -> Iterator[tuple[str, Floats]]:
    """The columns of times, ``(n,)``; NaN where one is missing."""
    for name, column in rows.columns.items():
        is_date = column.kind == "date" or rows.is_chosen(name)
        if is_date or name.lower() in TIME_NAMES:
            values = rows.parse(name, "date" if is_date else "number")
            if values is not None and (is_date or _is_number_of_time(name, values)):
                yield name, values


def _is_number_of_time(name: str, values: Floats) -> bool:
    """Whether numbers rise or fall from row to row; months or hours that begin again do not."""
    steps = np.diff(values)
    cycle = name.lower() in DATE_PARTS[1:] and bool((steps < 0).any())
    return not cycle and bool((steps != 0).mean() >= ORDERED) and _is_ordered(values)


def _split_time(
    rows: _Rows, times: Mapping[str, Floats], option: Option
) -> tuple[RowStructure | None, tuple[str, ...]]:
    """A split by the first column in whose order the rows depend, or else warnings about it."""
    warnings = []
    for name, values in times.items():
        series = _series_column(rows, name, values)
        reason, certain = _dependence(rows, name, values, series)
        if not reason:
            continue
        advice = f"Hold out the latest rows: {option('time', name)}."
        is_chosen = rows.is_chosen(name) and rows.columns[name].kind != "leave-out"
        if not rows.has_other_features(name):
            advice = "Forecast the rows as a series instead (--task forecast)."
        elif certain and not is_chosen and _can_split(rows, values):
            return RowStructure(time=name, reason=reason, series=series), ()
        warnings.append(_time_warning(reason, advice))
    if not warnings and (parts := _date_parts(rows)):
        reason = f"the rows are in the order of the times in {format_list(map(repr, parts))}"
        if counter := _row_counter(rows):
            return RowStructure(time=counter, reason=reason), ()
        advice = "Write the times in one column, and hold out the latest rows: "
        warnings.append(_time_warning(reason, f"{advice}{option('time', 'COLUMN')}."))
    return None, tuple(warnings)


def _time_warning(reason: str, advice: str) -> str:
    """What a random split of rows that depend on each other in time would hide."""
    return (
        f"{reason}, and a random split tests on rows between those it trains on: errors look "
        f"smaller than they will be for later rows. {advice}"
    )


def _date_parts(rows: _Rows) -> list[str]:
    """The columns of years, months, days and so on in whose order the rows are; or none."""
    names = {name.lower(): name for name in rows.columns}
    parts = [names[part] for part in DATE_PARTS if part in names]
    if len(parts) < 2 or DATE_PARTS[0] not in names:
        return []
    times = np.zeros(len(rows.rows))
    for name in parts:
        values = rows.parse(name, "number")
        if values is None or np.isnan(values).any():
            return []
        times = times * MAX_PART + values
    return parts if _is_ordered(times) else []


def _row_counter(rows: _Rows) -> str:
    """A column that numbers the rows in their order, by which they can be split; or ""."""
    for name, column in rows.columns.items():
        values = rows.parse(name, "number") if column.reason == NUMBERS_ROWS else None
        if values is not None and _is_ordered(values) and _can_split(rows, values):
            return name
    return ""


def _dependence(rows: _Rows, name: str, times: Floats, series: str) -> tuple[str, bool]:
    """How rows depend on each other in time, and whether that is certain; "" if they do not."""
    values = times[~np.isnan(times)]
    if series:
        number = len(rows.cells[series].values)
        return f"the rows are {number:,} series in time, one for each value of {series!r}", True
    if _is_ordered(values):
        return f"the rows are in the order of the times in {name!r}", True
    if len(np.unique(values)) == len(values) and _is_even(values):
        return f"the times in {name!r} are evenly spaced, so the rows are those of a series", True
    y = rows.y[np.argsort(times, kind="stable")[: len(values)]]
    correlation = float((y[1:] * y[:-1]).sum() / (y**2).sum()) if y.any() else 0.0
    if correlation > max(MIN_SERIAL_CORRELATION, CHANCE_DEVIATIONS / np.sqrt(max(len(values), 1))):
        return f"rows that are near in {name!r} are alike in {rows.target!r}", False
    return "", False


def _is_ordered(times: Floats) -> bool:
    """Whether nearly all times that differ from the one before differ in the same direction."""
    steps = np.diff(times)
    changes = steps[steps != 0]
    if len(changes) < MIN_STEPS:
        return False
    return bool(max((changes > 0).mean(), (changes < 0).mean()) >= ORDERED)


def _is_even(times: Floats) -> bool:
    """Whether unordered times are those of a series: most of them are equally far apart."""
    steps = np.diff(np.sort(times))
    if len(steps) < MIN_STEPS:
        return False
    return bool((np.abs(steps / np.median(steps) - 1) <= EVEN_TOLERANCE).mean() >= EVEN_SHARE)


def _series_column(rows: _Rows, time: str, times: Floats) -> str:
    """The column with the fewest values that has at most one row for each time; "" if none has."""
    number, (_, steps) = len(times), np.unique(times, return_inverse=True)
    num_times = int(steps.max()) + 1
    if np.isnan(times).any() or num_times < MIN_SERIES_TIMES or num_times == number:
        return ""
    candidates = sorted(
        (len(cells.values), name)
        for name in rows.columns
        if name != time
        and not (cells := rows.cells[name]).missing
        and 1 < len(cells.values) <= MAX_SERIES_SHARE * number
    )
    for num_series, name in candidates:
        if number < MIN_COVERAGE * num_series * num_times:
            break
        pairs = rows.codes(name) * num_times + steps
        if len(np.unique(pairs)) == number:
            return name
    return ""


def _can_split(rows: _Rows, times: Floats) -> bool:
    """Whether a split by time has enough times, and all classes among its training rows."""
    if np.isnan(times).any() or len(np.unique(times)) < MIN_TIMES:
        return False
    try:
        training = time_split(times, SHARES)[0]
    except DataError:
        return False
    return rows.labels is None or len(np.unique(rows.labels[training])) == rows.y.shape[1]


class _Group(NamedTuple):
    """A column that groups the rows, with the intraclass correlation of the target."""

    name: str
    number: int
    num_rows: int
    correlation: float
    splits: bool

    def reason(self, target: str) -> str:
        """Why the rows are split by the groups."""
        return (
            f"the {self.number:,} values of {self.name!r} repeat in {self.num_rows:,} rows, and "
            f"rows with the same value are alike in {target!r}"
        )

    def warning(self, target: str, option: Option) -> str:
        """What a random split would hide."""
        alike = f" and are alike in {target!r}" if self.correlation >= ALIKE else ""
        return (
            f"the {self.number:,} values of {self.name!r} repeat in {self.num_rows:,} rows{alike}, "
            "and a random split tests on values it has trained on, even if the column is left out. "
            f"To predict for other values, keep rows together: {option('group', self.name)}."
        )


def _groups(rows: _Rows, times: Collection[str]) -> Iterator[_Group]:
    """The columns that group the rows, those with the fewest groups first."""
    for name in sorted(rows.columns, key=lambda name: len(rows.cells[name].values)):
        cells, column = rows.cells[name], rows.columns[name]
        number = len(cells.values)
        if name in times or cells.missing or not 3 <= number < len(rows.rows):
            continue
        people, enumerated = _names_people(name), _is_enumerated(cells.values)
        named = people or bool(split_name(name) & _ID_WORDS)
        integers = all(map(_INTEGER.fullmatch, cells.values))
        if not named and (number < MIN_GROUPS or (column.kind == "number" and not integers)):
            continue
        codes = rows.codes(name)
        counts = np.bincount(codes, minlength=number)
        if counts[counts > 1].sum() < MIN_REPEATED * len(codes):
            continue
        correlation = intraclass_correlation(codes, rows.y)
        if not named:
            unordered = not integers or not _follows_order(cells.values, codes, rows.y)
            if not unordered or correlation < (ALIKE if enumerated else SAME):
                continue
        elif number < MIN_GROUPS and correlation < ALIKE and not people:
            continue
        splits = (
            (named or enumerated)
            and correlation >= ALIKE
            and number >= MIN_GROUPS
            and not rows.is_chosen(name)
            and rows.has_other_features(name)
        )
        yield _Group(name, number, len(codes), correlation, splits)


def intraclass_correlation(codes: npt.NDArray[np.intp], y: Floats) -> float:
    """How alike the values are within groups: 1 if they are the same, about 0 if by chance.

    It is ICC(1), by one-way analysis of variance with groups of unequal size.

    Args:
        codes: group of each row, ``(n,)``.
        y: centered values, ``(n, columns)``.

    Source:
        Shrout and Fleiss (1979). Intraclass correlations: uses in assessing rater reliability.
        Psychological Bulletin 86(2), 420-428.
    """
    _, codes, counts = np.unique(codes, return_inverse=True, return_counts=True)
    num_rows, num_groups = len(codes), len(counts)
    if num_groups < 2 or num_rows <= num_groups:
        return 0.0
    sums = np.stack([np.bincount(codes, weights=column) for column in y.T], 1)
    between = float((sums**2 / counts[:, None]).sum())
    within = (float((y**2).sum()) - between) / (num_rows - num_groups)
    between /= num_groups - 1
    size = (num_rows - (counts**2).sum() / num_rows) / (num_groups - 1)
    total = between + (size - 1) * within
    return float((between - within) / total) if total > 0 else 0.0


def _follows_order(values: list[str], codes: npt.NDArray[np.intp], y: Floats) -> bool:
    """Whether the target follows the size of the numbers, as it does not for identifiers."""
    ranks = np.argsort(np.argsort(parse_numbers(values), kind="stable"))
    groups = ranks[codes]
    counts = np.maximum(np.bincount(groups, minlength=len(values)), 1)
    means = np.stack([np.bincount(groups, weights=column) for column in y.T], 1) / counts[:, None]
    means -= means.mean(0)
    return bool((means[1:] * means[:-1]).sum() > MIN_SERIAL_CORRELATION * (means**2).sum())


def _names_people(name: str) -> bool:
    """Whether a name is one of people, or of others who may have several rows."""
    words = split_name(name)
    return bool(words & _PEOPLE) and words <= _PEOPLE | _ID_WORDS | _LABEL_WORDS


def _is_enumerated(values: list[str]) -> bool:
    """Whether the values are numbers behind the same letters, as in ``p1``, ``p2``."""
    matches = map(_ENUMERATED.fullmatch, values)
    letters = {match and match[1] for match in matches}
    return len(letters) == 1 and bool(letters.pop())
