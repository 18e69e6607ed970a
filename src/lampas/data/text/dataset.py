"""Labelled texts, and a fair split of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ..labels import chosen, class_counts, count, few
from ..messages import describe
from ..splits import grouped_split

Labels = npt.NDArray[np.int32]
_SHOWN = 60
"""Letters of a text that a message shows."""


@dataclass(frozen=True, eq=False, repr=False)
class Texts:
    """Texts with a label each, ready for ``model.fit(texts.texts, texts.y)``.

    ``len(texts)`` is their number, ``texts[3]`` a text and its label, and ``texts[10:20]`` or
    ``texts[indices]`` are Texts again. ``print(texts)`` shows what was found.

    Args:
        texts: as they were read, ``n``.
        y: the labels, int32 ``(n,)``, which count from 0.
        classes: the name of each label.
        skipped: rows or files that were left out, each with the reason.
    """

    texts: list[str]
    y: Labels
    classes: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of texts of each class."""
        return class_counts(self.y, self.classes)

    @property
    def groups(self) -> npt.NDArray[np.intp]:
        """A number for each text, ``(n,)``, the same for copies; case and blanks aside."""
        known: dict[str, int] = {}
        plain = (" ".join(text.split()).casefold() for text in self.texts)
        return np.array([known.setdefault(text, len(known)) for text in plain], np.intp)

    @property
    def conflicts(self) -> list[str]:
        """Texts that are there under more than one label, each once."""
        pairs = set(zip(self.groups.tolist(), self.y.tolist(), strict=True))
        labels = np.bincount([group for group, _ in pairs])
        first = np.unique(self.groups, return_index=True)[1]
        return [self.texts[first[group]] for group in np.flatnonzero(labels > 1)]

    def split(self, validation: float = 0.2, test: float = 0.0, seed: int = 0) -> tuple[Texts, ...]:
        """Part the texts: ``(train, validation)``, or ``(train, validation, test)``.

        A part has its share of every class, and copies of one text lie in the same part, so that
        nothing learnt by heart counts as known. A part whose share is 0 is not there. Each is in
        random order; one seed always gives the same split.

        Raises:
            ArgumentError: when the shares are no shares or leave nothing to train on.
            DataError: when a part would be empty.
        """
        shares = [share for share in (validation, test) if share != 0]
        return tuple(
            replace(self[part], skipped=())
            for part in grouped_split(self.y, self.groups, shares, seed)
        )

    def summary(self) -> str:
        """What was found, a line for each class and for whatever is worth a look."""
        words = np.array([len(text.split()) for text in self.texts] or [0])
        first = (
            f"{count(len(self), 'text')} of {int(np.median(words)):,} words in the middle and "
            f"{words.max():,} at most"
        )
        lines = [describe(first, self.counts, (), (), (), {})]
        if copies := len(self) - len(set(self.groups.tolist())):
            repeat = "repeats" if copies == 1 else "repeat"
            lines.append(f"{count(copies, 'text')} {repeat} another; a split keeps them together")
        lines += [f"under two labels: {shortened(text)!r}" for text in self.conflicts[:5]]
        if self.skipped:
            named = few((f"{place} ({reason})" for place, reason in self.skipped), 3)
            lines.append(f"{len(self.skipped):,} skipped: {named}")
        return "\n".join(lines)

    def __len__(self) -> int:
        return len(self.y)

    @overload
    def __getitem__(self, key: int) -> tuple[str, int]: ...
    @overload
    def __getitem__(self, key: slice | npt.ArrayLike) -> Texts: ...
    def __getitem__(self, key: Any) -> tuple[str, int] | Texts:
        if np.ndim(key) == 0 and not isinstance(key, slice):
            return self.texts[key], int(self.y[key])
        rows = chosen(key, len(self))
        return replace(self, texts=[self.texts[i] for i in rows], y=self.y[rows])

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"Texts({len(self):,} texts, {len(self.classes)} classes)"


def shortened(text: str) -> str:
    """The beginning of a text, for a message."""
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
