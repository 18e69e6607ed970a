"""Sound: tell kinds of sounds apart, from a folder of files for each, and say how surely.

Data -> model -> fit -> report, in this order below. With so few sounds one split says little: they
are parted into folds, and each fold is judged by a network that has learnt from the others.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...core.errors import ArgumentError, DataError
from ...core.random import set_seed
from ...data.audio.dataset import Sounds
from ...data.audio.load import sound
from ...data.splits import Indices, grouped_split
from ...datasets.sounds import samples
from ...layers import (
    GRU,
    BatchNormalization,
    Conv1D,
    Dense,
    Dropout,
    GlobalAveragePool1D,
    Input,
    MaxPool1D,
)
from ...layers.preprocessing.spectrogram import MelSpectrogram
from ...optimizers import Adam
from ...train.callbacks import EarlyStopping
from ...train.progress_bar import Verbose
from ...train.sequential import Sequential
from ..runs.fingerprint import named
from ..runs.folder import run_folder, write_run
from ..runs.record import begin, recorded
from .sound_baselines import commonest, regression
from .sound_report import Fold, tell

RATE = 16000
VALIDATION = 0.2
"""Share of what a network may learn from that it is stopped by."""
PATIENCE = 15


class Result(NamedTuple):
    """Accuracy, mean and spread over the folds, the means of the yardsticks, and the report."""

    accuracy: float
    spread: float
    regression: float
    commonest: float
    report: Path


@recorded("sound")
def run(
    data: str | Path = "samples",
    seconds: float = 2.0,
    epochs: int = 80,
    batch_size: int = 16,
    folds: int = 5,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Train a network for each fold and write the run's folder.

    Args:
        data: ``"samples"``, or a folder of your own with a sub-folder for each class.
        seconds: what the sounds are cut or filled up to.
        epochs: at most; a network stops when it gets no better.
        batch_size: sounds a step.
        folds: number of parts, each of which is kept back once.
        seed: decides the folds and everything random.
        out: the run's folder.
        verbose: as for ``fit``.

    Raises:
        DatasetError: when the sounds can not be fetched.
        FileError, DataError: when the folder is not there, can not be used or written to.
        ArgumentError: for less than two folds.
    """
    folder = run_folder(out, "sound")
    sounds = sound(samples() if data == "samples" else data, RATE, seconds, on_error="skip")
    begin(folder, named(data, ("samples",)), sounds.x, sounds.y)
    spectra = Sequential([Input(sounds.x.shape[1:]), spectrogram()]).predict(sounds.x)
    results = [
        judged(sounds, spectra, number, parts, epochs, batch_size, seed, verbose)
        for number, parts in enumerate(each_fold(sounds, folds, seed), 1)
    ]
    report = tell(sounds, spectra, results)
    first = results[0]
    written = write_run(folder, report, first.model, first.history)
    accuracies = [fold.accuracy for fold in results]
    return Result(
        float(np.mean(accuracies)),
        float(np.std(accuracies)),
        float(np.mean([fold.regression.mean() for fold in results])),
        float(np.mean([fold.commonest for fold in results])),
        written,
    )


def each_fold(sounds: Sounds, folds: int, seed: int) -> list[tuple[Indices, Indices]]:
    """What to learn from and what is kept back, once for each fold; copies stay together."""
    if folds < 2:
        raise ArgumentError(f"folds must be 2 or more, got {folds}.")
    few = {name: count for name, count in sounds.counts.items() if count < folds}
    if few:
        name, count = next(iter(few.items()))
        raise DataError(
            f"the class {name!r} has {count} sounds, fewer than {folds} folds. Give more sounds or "
            "fewer folds."
        )
    parts = grouped_split(sounds.y, sounds.groups, [1 / folds] * (folds - 1), seed)
    return [
        (np.concatenate([part for other, part in enumerate(parts) if other != number]), kept)
        for number, kept in enumerate(parts)
    ]


def spectrogram() -> MelSpectrogram:
    """Pieces of 64 ms, one each 16 ms, in 64 bands."""
    return MelSpectrogram(1024, 256, sampling_rate=RATE, num_mel_bins=64)


def network(samples: int, classes: int) -> Sequential:
    """A wave becomes a mel spectrogram; convolutions find beats in it, a GRU how they follow."""
    return Sequential(
        [
            Input((samples,)),
            spectrogram(),
            BatchNormalization(momentum=0.9),
            Conv1D(48, 5, strides=2, padding="same", activation="relu"),
            MaxPool1D(2),
            Dropout(0.3),
            GRU(48, return_sequences=True),
            GlobalAveragePool1D(),
            Dropout(0.3),
            Dense(classes, activation="softmax"),
        ]
    )


def judged(
    sounds: Sounds,
    spectra: np.ndarray,
    number: int,
    parts: tuple[Indices, Indices],
    epochs: int,
    batch_size: int,
    seed: int,
    verbose: Verbose,
) -> Fold:
    """Train on the one part, stop by a share of it, and ask about the other."""
    learnt, kept = parts
    train, validation = sounds[learnt].split(VALIDATION, seed=seed)
    set_seed(seed + number)
    model = network(sounds.x.shape[1], len(sounds.classes))
    model.compile(Adam(2e-3), "sparse_categorical_crossentropy", ["accuracy"])
    if verbose != 0:
        print(f"fold {number}", flush=True)
    stopping = EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    history = model.fit(
        train.x,
        train.y,
        batch_size,
        epochs,
        verbose,
        callbacks=[stopping],
        validation_data=(validation.x, validation.y),
    )
    said = regression(spectra[learnt], sounds.y[learnt], spectra[kept], seed)
    return Fold(
        kept,
        model,
        history,
        model.predict(sounds.x[kept]),
        sounds.y[kept],
        said == sounds.y[kept],
        commonest(sounds.y[learnt], sounds.y[kept]),
    )
