"""Labelled sounds, and a fair split of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from ..labels import chosen, class_counts, count, few
from ..messages import describe
from ..splits import grouped_split
from .decode import Wave


@dataclass(frozen=True, eq=False, repr=False)
class Sounds:
    """Labelled sounds of one length, ready for ``model.fit(sounds.x, sounds.y)``.

    ``len(sounds)`` is their number, ``sounds[3]`` a wave and its label, and ``sounds[10:20]`` or
    ``sounds[indices]`` are Sounds again. ``print(sounds)`` shows what was found.

    Args:
        x: the waves, float32 ``(n, samples)`` in -1 .. 1, silence after the end of each.
        y: the labels, int32 ``(n,)``, which count from 0.
        classes: the name of each label.
        rate: samples a second.
        files: where each sound comes from, ``n``.
        lengths: samples of each before the silence, ``(n,)``.
        groups: sounds with the same number here have the same wave, ``(n,)``.
        skipped: broken files, each with the reason.
    """

    x: Wave
    y: npt.NDArray[np.int32]
    classes: tuple[str, ...]
    rate: int
    files: tuple[Path, ...]
    lengths: npt.NDArray[np.intp]
    groups: npt.NDArray[np.intp]
    skipped: tuple[tuple[Path, str], ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Number of sounds of each class."""
        return class_counts(self.y, self.classes)

    @property
    def conflicts(self) -> list[tuple[Path, ...]]:
        """The files of each wave that is there under more than one label."""
        pairs = set(zip(self.groups.tolist(), self.y.tolist(), strict=True))
        twice = np.flatnonzero(np.bincount([group for group, _ in pairs]) > 1)
        return [tuple(self.files[i] for i in np.flatnonzero(self.groups == g)) for g in twice]

    def split(
        self, validation: float = 0.2, test: float = 0.0, seed: int = 0
    ) -> tuple[Sounds, ...]:
        """Part the sounds: ``(train, validation)``, or ``(train, validation, test)``.

        A part has its share of every class, and copies of one sound lie in the same part, so that
        nothing learnt by heart counts as known. A part whose share is 0 is not there. Each is in
        random order; one seed always gives the same split.

        Raises:
            ArgumentError: when the shares are no shares or leave nothing to train on.
            DataError: when a part would be empty.
        """
        shares = [share for share in (validation, test) if share != 0]
        parts = grouped_split(self.y, self.groups, shares, seed)
        return tuple(replace(self[part], skipped=()) for part in parts)

    def summary(self) -> str:
        """What was found, a line for each class and for whatever is worth a look."""
        seconds = self.lengths / self.rate
        first = (
            f"{count(len(self), 'sound')} at {self.rate:,} hertz, {seconds.min():.2g} to "
            f"{seconds.max():.2g} of {self.x.shape[1] / self.rate:.2g} seconds long"
        )
        lines = [describe(first, self.counts, (), (), self.skipped, {})]
        if copies := len(self) - len(set(self.groups.tolist())):
            repeat = "repeats" if copies == 1 else "repeat"
            lines.append(f"{count(copies, 'sound')} {repeat} another; a split keeps them together")
        lines += [f"under two labels: {few(group)}" for group in self.conflicts[:5]]
        return "\n".join(lines)

    def __len__(self) -> int:
        return len(self.y)

    @overload
    def __getitem__(self, key: int) -> tuple[Wave, int]: ...
    @overload
    def __getitem__(self, key: slice | npt.ArrayLike) -> Sounds: ...
    def __getitem__(self, key: Any) -> tuple[Wave, int] | Sounds:
        if np.ndim(key) == 0 and not isinstance(key, slice):
            return self.x[key], int(self.y[key])
        rows = chosen(key, len(self))
        return replace(
            self,
            x=self.x[rows],
            y=self.y[rows],
            files=tuple(self.files[i] for i in rows),
            lengths=self.lengths[rows],
            groups=self.groups[rows],
        )

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return (
            f"Sounds({len(self):,} sounds, {self.x.shape[1] / self.rate:g} s at {self.rate:,} Hz, "
            f"{len(self.classes)} classes)"
        )
