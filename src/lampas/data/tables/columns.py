"""The kinds that columns of a table have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from .cells import Cells
from .date_forms import ISO, date_form
from .number_forms import PLAIN, number_form

ColumnKind = Literal["number", "category", "boolean", "date", "text", "leave-out"]
KINDS: Final = ("number", "category", "boolean", "date", "text", "leave-out")

TRUE, FALSE = ("true", "yes", "y", "t", "on", "1"), ("false", "no", "n", "f", "off", "0")
"""Words for yes and no, in pairs."""


@dataclass(frozen=True)
class Column:
    """What was found of a column.

    Args:
        name: as the first line has it.
        kind: what it is taken for; ``"leave-out"`` if it is not learnt from.
        why: it is.
        missing: share of its cells that say nothing.
        distinct: how many different values it has.
        note: what else is worth to know; most often empty.
        form: how its numbers or dates are written, where it is not the plain way.
        warning: what the person should look into; most often empty.
    """

    name: str
    kind: ColumnKind
    why: str
    missing: float
    distinct: int
    note: str = ""
    form: str = PLAIN
    warning: str = ""


def forced(name: str, cells: Cells, kind: ColumnKind) -> Column:
    """A column whose kind the person names; its form is found as usual."""
    form = form_of(kind, cells.words)
    return Column(
        name, kind, "as you say", cells.missing / len(cells.codes), len(cells.words), form=form
    )


def form_of(kind: ColumnKind, words: list[str]) -> str:
    """How numbers or dates are written; empty for the plain way, and for other kinds."""
    form = number_form(words) if kind == "number" else date_form(words) if kind == "date" else None
    return PLAIN if form is None or form == ISO else form


def kinds_of(found: Mapping[str, Column]) -> dict[str, ColumnKind]:
    """The columns to learn from, by kind."""
    return {one.name: one.kind for one in found.values() if one.kind != "leave-out"}
