"""What kind of column is this, and should a network learn from it?

The kinds that columns of a table have.

Columns by name: one that is not there is told beside those that are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from ...core.errors import DataError
from ...parsing.dates import ISO, ambiguous, date_form
from ...parsing.numbers import PLAIN, doubt, number_form, numbers
from ..labels import few
from .cells import Cells

if TYPE_CHECKING:
    import pandas as pd


_CODES = frozenset(("code", "type", "class", "kind", "category", "group", "zip", "zone", "id"))
_IDS = frozenset(("id", "uuid", "guid", "key", "index", "number", "no", "nr", "row", "serial"))
_TIMES = frozenset(("year", "month", "day", "week", "hour", "time", "date"))
MOST_CODES, ENOUGH = 30, 20
MOSTLY = 0.8
"""Share of numbers from which on other words in a column are worth a warning."""
WORDS, LETTERS = 4, 60
"""Words or letters in the mean from which on a column is free text."""


def guessed(name: str, cells: Cells) -> Column:
    """The kind of a column by its cells, and by its name where they leave it open.

    Whole numbers are numbers, but categories if they begin with 0 as ``007`` does, or if the name
    says that they are codes and there are at most ``MOST_CODES`` of them.
    """
    kind, why, rest = _guess(name, cells)
    return Column(
        name, kind, why, cells.missing / len(cells.codes), len(cells.words), **_notes(cells) | rest
    )


def _guess(name: str, cells: Cells) -> tuple[ColumnKind, str, dict[str, str]]:
    words = cells.words
    if not words:
        return "leave-out", "it is empty", {}
    if len(words) == 1 and not cells.missing:
        return "leave-out", f"it says {_short(words[0])} in every row", {}
    if is_boolean(words):
        return "boolean", f"it says {words[0]} or {words[1]}", {}
    if (form := number_form(words)) is not None:
        return _number(name, cells, form)
    if form := date_form(words):
        return "date", "all are dates", _date(name, words, form)
    return _words(name, cells)


def _number(name: str, cells: Cells, form: str) -> tuple[ColumnKind, str, dict[str, str]]:
    words, parts = cells.words, _parts(name)
    note = {"form": form, "note": f"written as in {words[0]}"} if form else {}
    note |= {"warning": doubt(name, words, form)}
    if any(len(word) > 1 and word[0] == "0" and word.isdigit() for word in words):
        return _words(name, cells, "codes that begin with 0")
    values = numbers(words, form)
    whole = bool((values == np.round(values)).all())
    once = len(words) >= ENOUGH and len(words) == len(cells.codes)
    if whole and once and not parts & _TIMES:
        if parts & _IDS:
            return "leave-out", "every row has its own: it tells rows apart", {}
        if np.ptp(values) == len(values) - 1 and (np.diff(values) == 1).all():
            return "leave-out", "it counts the rows", {}
    if whole and parts & _CODES and len(words) <= MOST_CODES and not _apart(cells):
        return "category", "its name says that the numbers are codes", {}
    if whole and parts & {"id", "uuid"} and len(words) >= ENOUGH:
        return (
            "leave-out",
            f"its name and {len(words):,} different numbers say: it names things",
            {},
        )
    return "number", "all are whole numbers" if whole else "all are numbers", note


def _date(name: str, words: list[str], form: str) -> dict[str, str]:
    if form == ISO:
        return {}
    if not ambiguous(words, form):
        return {"form": form}
    first = "the day" if form.index("%d") < form.index("%m") else "the month"
    warning = (
        f"{name!r}: {words[0]} could have the day or the month first; {first} was taken to be. "
        "Write dates as 2026-01-31 to be sure."
    )
    return {"form": form, "warning": warning}


def _words(name: str, cells: Cells, why: str = "") -> tuple[ColumnKind, str, dict[str, str]]:
    words, rows = cells.words, len(cells.codes) - cells.missing
    rest = _mixed(name, cells)
    if _apart(cells):
        if _wordy(words):
            return "leave-out", "it is free text", rest
        return (
            "leave-out",
            f"{len(words):,} different values in {rows:,} rows: it tells rows apart",
            rest,
        )
    return "category", why or f"{len(words):,} different words", rest


def _mixed(name: str, cells: Cells) -> dict[str, str]:
    """A warning of a column of numbers in which some words are none."""
    wrong = np.isnan(numbers(cells.words))
    share = cells.counts[wrong].sum() / cells.counts.sum()
    if not 0 < share <= 1 - MOSTLY or len(cells.words) < ENOUGH:
        return {}
    examples = few((_short(w) for w, bad in zip(cells.words, wrong, strict=True) if bad), 3)
    warning = (
        f"{name!r} has numbers, and {share:.1%} other words ({examples}), so it is no column of "
        "numbers. Empty those cells or write them as numbers."
    )
    return {"warning": warning, "note": "numbers and words"}


def _apart(cells: Cells) -> bool:
    """Whether hardly any two rows have the same."""
    words = len(cells.words)
    return words >= ENOUGH and 2 * words > len(cells.codes) - cells.missing


def _notes(cells: Cells) -> dict[str, str]:
    return {"note": f"{len(cells.words):,} values"} if len(cells.words) > 1000 else {}


def _wordy(words: list[str]) -> bool:
    some = words[:1000]
    mean = sum(len(word.split()) for word in some) / len(some)
    return mean >= WORDS or sum(map(len, some)) / len(some) >= LETTERS


def _parts(name: str) -> set[str]:
    """The words of a name: ``customerId`` and ``customer_id`` have the word ``id``."""
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def _short(word: str) -> str:
    return repr(word if len(word) <= 30 else word[:29] + "…")


def is_boolean(words: list[str]) -> bool:
    """Whether they are a word for yes and the same for no."""
    plain = sorted(_digit(word) for word in words[:3])
    return plain in [sorted(pair) for pair in zip(TRUE, FALSE, strict=True)]


def _digit(word: str) -> str:
    return word[0] if word in ("1.0", "0.0") else word.lower()


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


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """The column of that name. Raises DataError, with near names, if there is none."""
    if name not in frame.columns:
        raise DataError(f"{frame.attrs['path']} has no column {name!r}{hint(name, frame.columns)}")
    found: pd.Series = frame[name]
    return found


def hint(name: str, known: Iterable[str]) -> str:
    """The end of a message: the nearest names, or all."""
    names = list(known)
    plain = {other.lower(): other for other in reversed(names)}
    if near := difflib.get_close_matches(name.lower(), plain, n=3):
        return f"; near are {few(repr(plain[one]) for one in near)}."
    return f": its first line names {few(map(repr, names), 10)}."
