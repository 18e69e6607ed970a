"""What is to be learnt: classes or numbers, by what the target's column says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError
from ...parsing.dates import date_form
from ...parsing.numbers import PLAIN, doubt, number_form, numbers
from ..labels import count, few, in_order
from .cells import Cells, cells, named
from .column_types import column
from .read import place

if TYPE_CHECKING:
    import pandas as pd

TableTask = Literal["classify", "regress"]
MOST_CLASSES, ROWS_EACH = 20, 10
"""Whole numbers are classes if there are at most so many, each with so many rows in the mean."""
FEWEST, LEAST_ROWS = 10, 3
"""Rows of a table, and of a class: fewer can not be in all three parts of a split."""


class Target(NamedTuple):
    """The answers.

    Args:
        task: to choose a class or to say a number.
        why: it is that.
        y: labels, int32, or values, float64; one for each row of ``kept``.
        classes: names by label; none for numbers.
        kept: numbers of the rows that can be learnt from.
        form: how numbers are written.
        warnings: what the person should look into.
    """

    task: TableTask
    why: str
    y: npt.NDArray[Any]
    classes: tuple[str, ...]
    kept: npt.NDArray[np.intp]
    form: str = PLAIN
    warnings: tuple[str, ...] = ()


def target_of(frame: pd.DataFrame, name: str, task: TableTask | None = None) -> Target:
    """The answers in a column. Two different values are classes, as is whatever is no number.

    Raises:
        DataError: when there are too few rows, or the column is not there, has gaps, one value
            only, a class for nearly every row, or no numbers for ``task="regress"``.
    """
    column(frame, name)
    if len(frame) < FEWEST:
        raise DataError(
            f"{frame.attrs['path']} has {count(len(frame), 'row')}; with fewer than {FEWEST} there "
            "is nothing to hold out."
        )
    found = _whole(frame, name)
    form = number_form(found.words)
    task, why = (task, "as you say") if task else _task(frame, name, found, form)
    if task == "regress":
        values = _values(frame, name, found, form)
        if len(found.words) == 1:
            raise _constant(frame, name, found)
        unsure = tuple(filter(None, [doubt(name, found.words, form)]))
        return Target(task, why, values, (), np.arange(len(frame)), form or PLAIN, unsure)
    return _classes(frame, name, found, why)


def answers(
    frame: pd.DataFrame, name: str, task: TableTask, classes: Sequence[str], form: str | None = None
) -> npt.NDArray[Any]:
    """The answers of other rows to the same question, ``(n,)``.

    Raises:
        DataError: when the column is not there, has gaps, or a class that is not of these.
    """
    found = _whole(frame, name)
    if task == "regress":
        return _values(frame, name, found, number_form(found.words) if form is None else form)
    known: Mapping[str, int] = {name: label for label, name in enumerate(classes)}
    words = named(found.words).tolist()
    for number, word in enumerate(words):
        if word not in known:
            raise DataError(
                f"{place(frame, found.first(number))}: {name!r} is {word!r}, which is none of the "
                f"classes that were learnt ({few(map(repr, classes), 8)}). Leave such rows out."
            )
    return np.array([known[word] for word in words], np.int32)[found.codes]


def _whole(frame: pd.DataFrame, name: str) -> Cells:
    found = cells(column(frame, name))
    if found.missing:
        first = place(frame, int(np.argmax(found.codes < 0)))
        raise DataError(
            f"the target {name!r} is empty in {found.missing:,} of {count(len(frame), 'row')}, "
            f"first in {first}. Fill it in, or remove those rows."
        )
    return found


def _task(frame: pd.DataFrame, name: str, found: Cells, form: str | None) -> tuple[TableTask, str]:
    words, rows = found.words, len(frame)
    if len(words) == 1:
        raise _constant(frame, name, found)
    if form is None:
        if date_form(words):
            raise DataError(
                f"the target {name!r} of {frame.attrs['path']} is a date ({words[0]}). Choose a "
                "column of numbers or classes."
            )
        return "classify", f"{name!r} has words: {few(words, 3)}"
    values = numbers(words, form)
    many = f"{name!r} has {len(words):,} different numbers in {rows:,} rows"
    if len(words) <= 2:
        return "classify", f"{many}; --task regress takes them for numbers"
    whole = bool((values == np.round(values)).all())
    if whole and len(words) <= MOST_CLASSES and len(words) * ROWS_EACH <= rows:
        return "classify", f"{many}, all whole; --task regress takes them for numbers"
    return "regress", many


def _values(
    frame: pd.DataFrame, name: str, found: Cells, form: str | None
) -> npt.NDArray[np.float64]:
    values = numbers(found.words, form or PLAIN)
    if np.isnan(values).any():
        wrong = int(np.argmax(np.isnan(values)))
        raise DataError(
            f"{place(frame, found.first(wrong))}: the target {name!r} is {found.words[wrong]!r}, "
            "which is no number. Mend it, or choose --task classify."
        )
    return found.spread(values, np.nan)


def _classes(frame: pd.DataFrame, name: str, found: Cells, why: str) -> Target:
    words = named(found.words)
    names, numbers_ = np.unique(words.astype(str), return_inverse=True)
    codes, counts = numbers_[found.codes], np.bincount(numbers_[found.codes])
    if len(names) == 1:
        raise _constant(frame, name, found)
    if len(names) > len(frame) / 2:
        raise DataError(
            f"the target {name!r} has {len(names):,} classes in {count(len(frame), 'row')}: there "
            "is nothing to learn a class from. Choose another target, or --task regress if it is "
            "a number."
        )
    rare = [str(one) for one, times in zip(names, counts, strict=True) if times < LEAST_ROWS]
    classes = in_order(str(one) for one in names if str(one) not in rare)
    if len(classes) < 2:
        raise DataError(
            f"the target {name!r} has {len(classes)} class with {LEAST_ROWS} rows or more; "
            f"{few(rare)} have fewer. At least two classes need that many."
        )
    label = np.array([classes.index(one) if one in classes else -1 for one in names.tolist()])
    kept = np.flatnonzero(label[codes] >= 0)
    y = label[codes][kept].astype(np.int32)
    return Target("classify", why, y, classes, kept, PLAIN, _left_out(rare, len(frame) - len(kept)))


def _left_out(rare: Sequence[str], rows: int) -> tuple[str, ...]:
    if not rare:
        return ()
    one = len(rare) == 1
    return (
        f"{count(len(rare), 'class', 'classes')} with fewer than {LEAST_ROWS} rows "
        f"({few(map(repr, rare))}) {'is' if one else 'are'} not learnt: {count(rows, 'row')} left "
        "out.",
    )


def _constant(frame: pd.DataFrame, name: str, found: Cells) -> DataError:
    return DataError(
        f"the target {name!r} of {frame.attrs['path']} is {found.words[0]!r} in every row: one "
        "class only, or a constant, leaves nothing to learn. Choose another target."
    )
