"""A careful first look at a table: what its columns are, and what to be wary of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...core.errors import ArgumentError, DataError, unknown_name
from ..listing import few
from .apart import apart
from .cells import Cells, cells
from .columns import KINDS, Column, ColumnKind, forced, kinds_of
from .files import located
from .guess import guessed
from .names import column
from .number_forms import PLAIN
from .targets import TableTask, target_of
from .typed import typed
from .wary import warnings_of

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
