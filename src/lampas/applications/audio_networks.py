"""Networks that classify audio by its mel spectrogram."""

from __future__ import annotations

from ..core.module import Module
from ..layers import (
    GRU,
    BatchNormalization,
    Conv1D,
    Dense,
    Dropout,
    GlobalAveragePool1D,
    MaxPool1D,
    MelSpectrogram,
)
from ..regularizers import L2

SAMPLING_RATE = 16_000
"""Samples per second, enough for speech and for most other sounds."""


def mel_spectrogram() -> MelSpectrogram:
    """Frames of 64 ms every 16 ms, in 64 bands."""
    return MelSpectrogram(1024, 256, sampling_rate=16_000, num_mel_bins=64)


def convolution_and_gru(num_classes: int, dropout: float = 0.3, l2: float = 0.0) -> list[Module]:
    """A convolution detects beats and tones in a spectrogram, a GRU their sequence."""
    return [
        BatchNormalization(momentum=0.9),
        Conv1D(48, 5, strides=2, padding="same", activation="relu"),
        MaxPool1D(2),
        Dropout(dropout),
        GRU(48, return_sequences=True),
        GlobalAveragePool1D(),
        Dropout(dropout),
        Dense(num_classes, activation="softmax", kernel_regularizer=L2(l2) if l2 else None),
    ]


def convolutions(num_classes: int, dropout: float = 0.3, l2: float = 0.0) -> list[Module]:
    """Convolutions alone detect which sounds occur in a spectrogram, hardly in which order."""
    return [
        BatchNormalization(momentum=0.9),
        Conv1D(48, 5, strides=2, padding="same", activation="relu"),
        MaxPool1D(2),
        Conv1D(64, 3, padding="same", activation="relu"),
        GlobalAveragePool1D(),
        Dropout(dropout),
        Dense(num_classes, activation="softmax", kernel_regularizer=L2(l2) if l2 else None),
    ]
