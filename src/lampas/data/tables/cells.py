"""What the cells of a column say, each different text once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

MISSING = frozenset(("", "na", "n/a", "<na>", "nan", "nat", "null", "#n/a", "?", "-", "."))
"""What stands for nothing, in small letters. "None" may well be a category."""


class Cells(NamedTuple):
    """A column's texts, blanks around them aside.

    Args:
        codes: which of ``words`` each cell has, ``(n,)``; -1 where it says nothing.
        words: the different ones, in the order in which they come.
    """

    codes: npt.NDArray[np.intp]
    words: list[str]

    @property
    def missing(self) -> int:
        """How many cells say nothing."""
        return int((self.codes < 0).sum())

    @property
    def counts(self) -> npt.NDArray[np.intp]:
        """How often each word is there."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.words))

    def spread(self, values: npt.NDArray[Any], gap: object) -> npt.NDArray[Any]:
        """``values``, one for each word, in the cells; ``gap`` where there is nothing."""
        return np.append(values, np.array([gap], values.dtype))[self.codes]

    def first(self, word: int) -> int:
        """The first row that has the word of that number."""
        return int(np.argmax(self.codes == word))


def cells(column: pd.Series) -> Cells:
    """The texts of a column, whatever its type.

    Raises:
        DataError: when it holds lists or other things that are no cells.
    """
    import pandas

    try:
        codes, found = pandas.factorize(column)
    except TypeError as error:
        raise DataError(
            f"the column {column.name!r} holds things that are no cells, such as "
            f"{column.iloc[0]!r}. Give it numbers, texts or dates, or leave it out."
        ) from error
    known: dict[str, int] = {}
    words = (_text(value) for value in found.tolist())
    places = [-1 if w.lower() in MISSING else known.setdefault(w, len(known)) for w in words]
    # The code of what pandas takes for missing is -1: the last place.
    return Cells(np.array([*places, -1], np.intp)[codes], list(known))


def named(words: list[str]) -> npt.NDArray[np.object_]:
    """Words as categories or classes: ``3.0`` is called ``3``, whatever wrote it."""
    return np.array([_whole(word) for word in words], object)


def _text(value: object) -> str:
    return (value if isinstance(value, str) else str(value)).strip()


def _whole(word: str) -> str:
    digits, _, rest = word.partition(".")
    return digits if digits.lstrip("-").isdigit() and rest and not rest.strip("0") else word
