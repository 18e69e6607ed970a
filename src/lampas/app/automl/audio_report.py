"""Spectrograms of recordings by class, and of mistakes, in the report."""

from __future__ import annotations

import numpy as np

from ...applications.audio_networks import mel_spectrogram
from ...data.audio.dataset import Sounds
from ...evaluation.mistakes import interleave_classes, most_confident_mistakes, prediction_captions
from ...evaluation.types import Predictions, Splits
from ...layers import Input
from ...plots.spectrograms import spectrograms
from ...train.sequential import Sequential
from ..report import Report
from ..report.class_sizes import add_class_sizes
from ..report.mistakes import add_mistake_files

MAX_SPECTROGRAMS = 12
"""Number of spectrograms in a figure."""


def spectrograms_of(x: np.ndarray) -> np.ndarray:
    """Mel spectrograms in decibels of waveforms ``(n, samples)``: ``(n, frames, bands)``."""
    return np.asarray(Sequential([Input(x.shape[1:]), mel_spectrogram()]).predict(x, 32))


def add_recordings(report: Report, splits: Splits) -> None:
    """Add spectrograms of all classes in turn, and the class sizes."""
    train: Sounds = splits.train
    indices = interleave_classes(np.arange(len(train)), train.y)[:MAX_SPECTROGRAMS]
    report.figure(
        spectrograms(
            spectrograms_of(train.x[indices]),
            [train.classes[train.y[i]] for i in indices],
            seconds=_seconds(train),
        ),
        "Mel spectrograms of some training recordings, the output of the network's first layer.",
    )
    add_class_sizes(report, splits)


def add_mistakes(report: Report, test: Sounds, y_pred: Predictions, path: str) -> None:
    """Add the most confident mistakes, and their files."""
    worst = most_confident_mistakes(test.y, y_pred, MAX_SPECTROGRAMS)
    if not len(worst):
        report.text("All test recordings are classified correctly.")
        return
    captions = prediction_captions(worst, test.y, y_pred, test.classes)
    names = [f"{test.files[i].stem}: {text}" for i, text in zip(worst, captions, strict=True)]
    report.figure(
        spectrograms(spectrograms_of(test.x[worst]), names, seconds=_seconds(test)),
        "The most confident mistakes.",
    )
    add_mistake_files(report, worst, test.y, y_pred, test.classes, test.files, path)


def _seconds(dataset: Sounds) -> float:
    return dataset.x.shape[1] / dataset.rate
