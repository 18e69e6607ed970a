"""The dataset class of labelled recordings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..dataset import FileDataset
from ..labels import pluralize
from .decode import Waveform


@dataclass(frozen=True, eq=False, repr=False)
class Sounds(FileDataset):
    """Labelled recordings of one length, ready for ``model.fit(sounds.x, sounds.y)``.

    ``len(sounds)`` is the number of recordings, ``sounds[3]`` a waveform and its label, and
    ``sounds[10:20]`` or ``sounds[indices]`` are Sounds again. ``print(sounds)`` shows a summary.

    Args:
        x: waveforms, float32 ``(n, samples)`` in -1 .. 1, padded with silence at the end.
        y: labels, int32 ``(n,)``, counted from 0.
        classes: name of each label.
        rate: sampling rate in hertz.
        files: file of each recording, ``n``.
        lengths: number of samples before the padding, ``(n,)``.
        groups: equal numbers for recordings with the same waveform, ``(n,)``.
        skipped: broken files that were skipped, each with the reason.

    Example:
        >>> import numpy as np
        >>> from pathlib import Path
        >>> from lampas.data import Sounds
        >>> files = tuple(Path(f"{i}.wav") for i in range(4))
        >>> x, y = np.zeros((4, 800), np.float32), np.array([0, 0, 1, 1], np.int32)
        >>> Sounds(x, y, ("dog", "cat"), 8000, files, np.full(4, 800), np.arange(4))
        Sounds(4 recordings, 0.1 s at 8,000 Hz, 2 classes)
    """

    noun: ClassVar[str] = "recording"
    per_example: ClassVar[tuple[str, ...]] = ("x", "y", "files", "lengths", "groups")

    x: Waveform
    y: npt.NDArray[np.int32]
    classes: tuple[str, ...]
    rate: int
    files: tuple[Path, ...]
    lengths: npt.NDArray[np.intp]
    groups: npt.NDArray[np.intp]
    skipped: tuple[tuple[Path, str], ...] = ()

    def _headline(self) -> str:
        seconds = self.lengths / self.rate
        return (
            f"{pluralize(len(self), self.noun)} at {self.rate:,} Hz, {seconds.min():.2g} to "
            f"{seconds.max():.2g} s long, padded to {self.x.shape[1] / self.rate:.2g} s"
        )

    def __repr__(self) -> str:
        return (
            f"Sounds({pluralize(len(self), self.noun)}, {self.x.shape[1] / self.rate:g} s at "
            f"{self.rate:,} Hz, {len(self.classes)} classes)"
        )
