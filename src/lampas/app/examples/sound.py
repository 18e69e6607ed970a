"""Sound: classify recordings, evaluated by cross-validation.

The file follows the order data, model, fit, report. A single split of few recordings says little,
so each fold is predicted by a network that was trained on the others.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from typer import Option

from ... import Adam, ArgumentError, DataError, Input, Sequential, set_seed
from ...applications.audio_networks import SAMPLING_RATE, convolution_and_gru, mel_spectrogram
from ...data import Sounds, sound
from ...data.splits import Indices, stratified_group_split
from ...datasets.audio import samples
from ...train.progress_bar import Verbose
from ..runs.fingerprint import name_or_path
from ..runs.folder import run_folder, write_run
from ..runs.options import Positive
from ..runs.record import record_run, start_run
from .sound_baselines import logistic_regression, majority_accuracy
from .sound_report import Fold, build_report
from .training import fit_classifier

VALIDATION = 0.2
"""Fraction of the training folds that is held out for early stopping."""
PATIENCE = 15


class Result(NamedTuple):
    """Mean and standard deviation of the accuracy over the folds, and accuracy of baselines."""

    accuracy: float
    spread: float
    regression: float
    commonest: float
    report: Path

    def __str__(self) -> str:
        return (
            f"accuracy {self.accuracy:.4f} ± {self.spread:.4f} over the folds\n"
            f"logistic regression {self.regression:.4f}, most frequent class {self.commonest:.4f}"
        )


@record_run("sound")
def run(
    data: str | Path = "samples",
    seconds: Annotated[float, Option(min=0.1)] = 2.0,
    epochs: Positive = 80,
    batch_size: Positive = 16,
    folds: Annotated[int, Option(min=2)] = 5,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Classify sounds by a network on mel spectrograms, with cross-validation.

    Args:
        data: ``"samples"``, or a folder with a sub-folder for each class.
        seconds: clip length in seconds; longer clips are cut, shorter ones padded.
        epochs: maximum number of epochs; training stops early when the validation loss no longer
            improves.
        batch_size: clips per step.
        folds: number of cross-validation folds.
        seed: seed of the folds and of all random numbers.
        out: folder of the run; by default the next free runs/sound.
        verbose: see ``Model.fit``.

    Raises:
        DatasetError: when the data set cannot be downloaded.
        FileError, DataError: when the folder does not exist, cannot be used or written to.
        ArgumentError: for fewer than two folds.
    """
    folder = run_folder(out, "sound")
    source = samples() if data == "samples" else data
    sounds = sound(source, SAMPLING_RATE, seconds, on_error="skip")
    start_run(folder, name_or_path(data, ("samples",)), sounds.x, sounds.y)
    spectra = Sequential([Input(sounds.x.shape[1:]), mel_spectrogram()]).predict(sounds.x)
    results = []
    for number, (training, test) in enumerate(cross_validation_folds(sounds, folds, seed), 1):
        train, validation = sounds[training].split(VALIDATION, seed=seed)
        set_seed(seed + number)
        model, name = network(sounds.x.shape[1], len(sounds.classes)), f"fold {number}"
        examples = (train.x, train.y), (validation.x, validation.y)
        history = fit_classifier(
            model, Adam(2e-3), *examples, epochs, batch_size, verbose, name, PATIENCE
        )
        y, probabilities = sounds.y[test], model.predict(sounds.x[test])
        baseline = logistic_regression(spectra[training], sounds.y[training], spectra[test], seed)
        majority = majority_accuracy(sounds.y[training], y)
        results.append(Fold(name, model, history, y, probabilities, test, baseline, majority))
    report = build_report(sounds, spectra, results)
    written = write_run(folder, report, results[0].model, results[0].history)
    columns = np.array([fold.accuracies for fold in results]).T
    commonest, regression, accuracy = (float(np.mean(column)) for column in columns)
    return Result(accuracy, float(np.std(columns[2])), regression, commonest, written)


def cross_validation_folds(sounds: Sounds, folds: int, seed: int) -> list[tuple[Indices, Indices]]:
    """Indices of training and test clips of each fold; identical clips are in the same fold."""
    if folds < 2:
        raise ArgumentError(f"folds must be 2 or more, got {folds}.")
    too_small = {name: count for name, count in sounds.counts.items() if count < folds}
    if too_small:
        name, count = next(iter(too_small.items()))
        raise DataError(
            f"the class {name!r} has {count} clips, fewer than {folds} folds. Add clips or "
            "use fewer folds."
        )
    parts = stratified_group_split(sounds.y, sounds.groups, [1 / folds] * (folds - 1), seed)
    return [
        (np.concatenate([part for other, part in enumerate(parts) if other != number]), test)
        for number, test in enumerate(parts)
    ]


def network(samples: int, classes: int) -> Sequential:
    """A mel spectrogram, a convolution for local patterns, and a GRU for their order."""
    return Sequential([Input((samples,)), mel_spectrogram(), *convolution_and_gru(classes)])
