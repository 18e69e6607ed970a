"""The dataset class of labelled texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ...parsing.words import count_words
from ..dataset import LabelledDataset
from ..labels import pluralize

_MAX_LETTERS = 60
"""Letters of a text that a message shows."""


@dataclass(frozen=True, eq=False, repr=False)
class Texts(LabelledDataset):
    """Labelled texts, ready for ``model.fit(texts.texts, texts.y)``.

    ``len(texts)`` is the number of texts, ``texts[3]`` a text and its label, and ``texts[10:20]``
    or ``texts[indices]`` are Texts again. ``print(texts)`` shows a summary.

    Args:
        texts: the texts as they were read, ``n``.
        y: labels, int32 ``(n,)``, counted from 0.
        classes: name of each label.
        skipped: rows or files that were skipped, each with the reason.

    Example:
        >>> import numpy as np
        >>> from lampas.data import Texts
        >>> texts = Texts(["good", "bad", "fine"], np.array([1, 0, 1], np.int32), ("-", "+"))
        >>> texts[2]
        ('fine', 1)
    """

    noun: ClassVar[str] = "text"
    per_example: ClassVar[tuple[str, ...]] = ("texts", "y")

    texts: list[str]
    y: npt.NDArray[np.int32]
    classes: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def groups(self) -> npt.NDArray[np.intp]:
        """Equal numbers for texts that differ only in case and white space, ``(n,)``."""
        numbers: dict[str, int] = {}
        normalized = (" ".join(text.split()).casefold() for text in self.texts)
        return np.array([numbers.setdefault(text, len(numbers)) for text in normalized], np.intp)

    @property
    def conflicts(self) -> list[str]:
        """Texts that occur with more than one label, each once."""
        return [self.texts[group[0]] for group in self._conflicts()]

    def _headline(self) -> str:
        words = np.array([count_words(text) for text in self.texts] or [0])
        return (
            f"{pluralize(len(self), self.noun)} with a median of {int(np.median(words)):,} and a "
            f"maximum of {pluralize(int(words.max()), 'word')}"
        )

    def _describe_group(self, group: npt.NDArray[np.intp]) -> str:
        return repr(truncate(self.texts[group[0]]))

    def __repr__(self) -> str:
        return f"Texts({len(self):,} texts, {len(self.classes)} classes)"


def truncate(text: str) -> str:
    """Shorten a text for a message."""
    return text if len(text) <= _MAX_LETTERS else text[: _MAX_LETTERS - 1] + "…"
