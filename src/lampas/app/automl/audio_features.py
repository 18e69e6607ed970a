"""Spectrograms of sounds, to be looked at and to be summed up in few numbers.

The length of sounds that suits most of them, and how long to learn from them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ...core.errors import ArgumentError
from ...data.audio.dataset import Sounds
from ...evaluation.baselines import Features
from ...layers import Input
from ...layers.preprocessing.spectrogram import MelSpectrogram
from ...train.sequential import Sequential
from .files import TEST, VALIDATION
from .task import Reason

_TOGETHER = 256


def spectra(x: np.ndarray) -> np.ndarray:
    """Mel spectrograms of waves ``(n, samples)``: ``(n, steps, bands)``, in decibels."""
    layer = MelSpectrogram(1024, 256, sampling_rate=RATE, num_mel_bins=64)
    return np.asarray(Sequential([Input(x.shape[1:]), layer]).predict(x, 32))


def bands(sounds: Sounds) -> Features:
    """Mean and spread of each band over time, for each sound."""
    pieces = []
    for start in range(0, len(sounds), _TOGETHER):
        found = spectra(sounds.x[start : start + _TOGETHER])
        pieces.append(np.concatenate([found.mean(1), found.std(1)], 1))
    return Features(np.concatenate(pieces), sounds.y)


RATE = 16_000
"""Samples a second: what speech, and most of what tells sounds apart, needs."""
FITTING = 0.9
"""Share of the sounds that is not cut."""
SHORTEST, LONGEST = 0.5, 4.0
"""Bounds, in seconds, of the length that is chosen."""
MOST = 60.0
"""Seconds that can be asked for."""
HEARD = 100_000.0
"""Seconds of sound that are learnt from in all epochs, a minute's worth on two processors."""
EPOCHS = 8, 100
"""Fewest and most."""


def chosen_seconds(lengths: Sequence[float], wished: float | None) -> tuple[float, Reason]:
    """What sounds are cut or filled up to, and why.

    Raises ArgumentError for a length that is none.
    """
    if wished is not None:
        if not 0.1 <= wished <= MOST:
            raise ArgumentError(f"seconds must be 0.1 to {MOST:g}, got {wished:g}.")
        return float(wished), Reason(f"{wished:g} seconds of each", "as asked for")
    most = math.ceil(10 * float(np.quantile(lengths, FITTING))) / 10
    seconds = min(max(most, SHORTEST), LONGEST)
    cut = int(np.count_nonzero(np.asarray(lengths) > seconds))
    why = f"{len(lengths) - cut:,} of {len(lengths):,} are no longer; shorter ones end in silence"
    return seconds, Reason(f"{seconds:g} seconds of each", f"{why} (--seconds for another)")


def chosen_epochs(sounds: int, seconds: float) -> int:
    """How often all may be learnt from, so that training takes a minute or two."""
    learnt = sounds * (1 - VALIDATION - TEST)
    return int(min(max(HEARD / (learnt * seconds), EPOCHS[0]), EPOCHS[1]))
