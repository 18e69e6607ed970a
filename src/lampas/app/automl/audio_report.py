"""The parts of a report that show sounds: one of each class, and mistakes."""

from __future__ import annotations

import numpy as np

from ... import plots
from ...data.audio.dataset import Sounds
from ...evaluation.mistakes import add_files, captions, in_turn, surest_mistakes
from ...plots.spectrograms import spectrograms
from ..report import Report
from .audio_features import spectra
from .task import Parts, Said

MOST = 12
"""Spectrograms of a figure."""


def add_sounds(report: Report, parts: Parts) -> None:
    """What there is to hear: spectrograms of all classes in turn, and how many there are."""
    train: Sounds = parts.train
    shown = in_turn(np.arange(len(train)), train.y)[:MOST]
    report.figure(
        spectrograms(
            spectra(train.x[shown]),
            [train.classes[train.y[i]] for i in shown],
            seconds=_lasting(train),
        ),
        "Some of the sounds learnt from, as mel spectrograms: what the network's first layer makes "
        "of a wave.",
    )
    counts = {"training": train.counts, "validation": parts.validation.counts}
    report.figure(plots.class_balance({**counts, "test": parts.test.counts}), "How many there are.")


def add_mistakes(report: Report, test: Sounds, said: Said, path: str) -> None:
    """The mistakes that the network was surest of, and their files."""
    worst = surest_mistakes(test.y, said, MOST)
    if not len(worst):
        report.text("It makes no mistake on the sounds kept back.")
        return
    told = captions(worst, test.y, said, test.classes)
    names = [f"{test.files[i].stem}: {caption}" for i, caption in zip(worst, told, strict=True)]
    report.figure(
        spectrograms(spectra(test.x[worst]), names, seconds=_lasting(test)),
        "The mistakes it was surest of.",
    )
    add_files(report, worst, test.y, said, test.classes, test.files, path)


def _lasting(sounds: Sounds) -> float:
    return sounds.x.shape[1] / sounds.rate
