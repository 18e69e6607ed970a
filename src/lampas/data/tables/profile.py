"""A careful first look at a table: what its columns are, and what to be wary of.

What to be wary of in a table, told in a sentence each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...core.errors import ArgumentError, DataError, unknown_name
from ...parsing.numbers import PLAIN
from ..labels import count, few
from .cells import Cells, cells
from .column_types import KINDS, Column, ColumnKind, column, forced, guessed, kinds_of
from .convert import typed
from .grouping import apart
from .leakage import leaks
from .read import located
from .target import TableTask, Target, target_of

if TYPE_CHECKING:
    import pandas as pd


RARE, RARE_SHARE = 3, 0.01
"""A category in fewer rows, or in a smaller share of them, is rare."""


@dataclass(frozen=True)
class Survey:
    """What was found.

    Args:
        task: to choose a class or to say a number.
        why: it is that.
        columns: all but the target, by name, in their order; also those to leave out.
        warnings: what the person should look into.
        classes: names by label; none for numbers.
        forms: how numbers and dates are written, where it is not the plain way, by column.
    """

    task: TableTask
    why: str
    columns: dict[str, Column]
    warnings: tuple[str, ...]
    classes: tuple[str, ...]
    forms: dict[str, str]

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """The columns to learn from, by kind: what `table` takes as ``columns``."""
        return kinds_of(self.columns)


def survey(
    frame: pd.DataFrame,
    target: str,
    task: TableTask | None = None,
    kinds: Mapping[str, str] | None = None,
    group: str | None = None,
    time: str | None = None,
) -> Survey:
    """Look at every column, and at what the columns say of the target.

    Args:
        frame: raw cells, as `read_frame` reads them.
        target: name of the column to learn.
        task: what to do; None to go by the target.
        kinds: of columns, where the guess would be wrong.
        group: column whose equal values stay in one part of a split; not learnt from.
        time: column of dates or numbers to split by; not learnt from.

    Raises:
        DataError: when a column is not there, nothing can be learnt, or cells are not of the kind
            that ``kinds`` says.
        ArgumentError: when the arguments do not go together.
    """
    frame = located(frame)
    answer = target_of(frame, target, task)
    apart(frame, group, time)
    said = {name: cells(frame[name]) for name in frame.columns}
    found = columns_of(frame, said, target, kinds or {}, group, time)
    forms = {one.name: one.form for one in found.values() if one.form != PLAIN}
    if answer.form != PLAIN:
        forms[target] = answer.form
    x = typed(frame, said, kinds_of(found), forms).iloc[answer.kept]
    return Survey(
        answer.task,
        answer.why,
        {name: _noted(one, x) for name, one in found.items()},
        tuple(warnings_of(found, answer, x, target)),
        answer.classes,
        forms,
    )


def columns_of(
    frame: pd.DataFrame,
    said: Mapping[str, Cells],
    target: str,
    kinds: Mapping[str, str],
    group: str | None,
    time: str | None,
) -> dict[str, Column]:
    """The kind of every column but the target.

    Raises:
        DataError: when one is not there, or none can be learnt from.
        ArgumentError: when a kind is none, or the target is named as another column.
    """
    for name in (target, *kinds, *(one for one in (group, time) if one is not None)):
        column(frame, name)
    for kind in kinds.values():
        if kind not in KINDS:
            raise unknown_name("kind of column", kind, KINDS)
    if target in (group, time, *kinds):
        raise ArgumentError(
            f"{target!r} is the target: it is neither learnt from nor split by. The task says "
            "whether it is a class or a number."
        )
    reasons = {group: "it groups the rows of the split", time: "the rows are split by it"}
    found = {
        name: _column(name, said[name], kinds.get(name), reasons.get(name), said[target])
        for name in frame.columns
        if name != target
    }
    if all(one.kind == "leave-out" for one in found.values()):
        raise DataError(_nothing(frame, target, found))
    return found


def _column(name: str, said: Cells, kind: str | None, reason: str | None, answers: Cells) -> Column:
    if kind is not None:
        return forced(name, said, kind)  # type: ignore[arg-type]
    found = guessed(name, said)
    if reason is None and said.words == answers.words and (said.codes == answers.codes).all():
        reason = "it is a copy of the target"
    return found if reason is None else replace(found, kind="leave-out", why=reason, warning="")


def _nothing(frame: pd.DataFrame, target: str, found: Mapping[str, Column]) -> str:
    why = few((f"{one.name!r}: {one.why}" for one in found.values()), 4) or "there is no other"
    return (
        f"{frame.attrs['path']} has no column to learn {target!r} from ({why}). Add one, or say "
        "what a column is: --as NAME=number."
    )


def _noted(one: Column, x: pd.DataFrame) -> Column:
    """The column with its rare values told."""
    if one.kind != "category":
        return one
    times = x[one.name].value_counts()
    rare = int(((times < RARE) | (times < RARE_SHARE * len(x))).sum())
    notes = [one.note] if one.note else []
    return replace(one, note="; ".join([*notes, f"{rare:,} rare"])) if rare else one


FEW, MOST = 0.05, 0.8
"""Shares from which on a class is small, and one class all but rules."""
GAPS = 0.5


def warnings_of(
    found: Mapping[str, Column], answer: Target, x: pd.DataFrame, target: str
) -> Iterator[str]:
    """Of single columns first, then of the classes and the rows."""
    yield from answer.warnings
    yield from (one.warning for one in found.values() if one.warning)
    for name, score in leaks(x, kinds_of(found), answer).items():
        yield (
            f"{name!r} alone predicts {target!r} almost always (score {score:.3f} of 1 on held-out "
            f"rows). If it is not known when you predict, leave it out: --as {name}=leave-out."
        )
    if gaps := [f"{c.name!r} ({c.missing:.0%})" for c in found.values() if GAPS <= c.missing < 1]:
        yield f"mostly empty: {few(gaps)}."
    yield from _of_classes(answer)
    yield from _of_copies(x, answer)


def _of_classes(answer: Target) -> Iterator[str]:
    if not answer.classes:
        return
    counts = np.bincount(answer.y, minlength=len(answer.classes))
    shares = counts / counts.sum()
    most, least = int(shares.argmax()), int(shares.argmin())
    if shares[most] >= MOST:
        yield (
            f"{shares[most]:.0%} of the rows are {answer.classes[most]!r}: to say that always "
            "would be right as often. Look at each class, not at the accuracy alone."
        )
    elif shares[least] < FEW:
        yield (
            f"the class {answer.classes[least]!r} has {count(int(counts[least]), 'row')} of "
            f"{counts.sum():,}: what is measured of it will be unsure."
        )


def _of_copies(x: pd.DataFrame, answer: Target) -> Iterator[str]:
    import pandas

    said = pandas.util.hash_pandas_object(x, index=False).to_numpy()
    both = np.unique(np.column_stack((said, answer.y.astype(np.float64).view(np.uint64))), axis=0)
    different = len(np.unique(said))
    if copies := len(x) - len(both):
        yield (
            f"{count(copies, 'row')} {'repeats' if copies == 1 else 'repeat'} another; "
            "copies stay in one part of the split."
        )
    if answer.classes and (torn := len(both) - different):
        yield (
            f"{count(torn, 'row')} {'says' if torn == 1 else 'say'} the same as another of a "
            "different class: no method can get all of them right."
        )
