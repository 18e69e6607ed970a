"""Spectrograms of sounds, to be looked at and to be summed up in few numbers."""

from __future__ import annotations

import numpy as np

from ...data.sounds import Sounds
from ...layers import Input
from ...layers.spectrogram import MelSpectrogram
from ...sequential import Sequential
from .media_yardsticks import Features
from .sound_form import RATE

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
