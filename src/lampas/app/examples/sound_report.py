"""Report on sound classification: comparison with baselines, training and mistakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ... import plots
from ...data.audio.dataset import Sounds
from ...data.splits import Indices
from ...evaluation.comparison import compare_models
from ...evaluation.mistakes import confusion_matrix, most_confident_mistakes, prediction_captions
from ...plots.spectrograms import spectrograms
from ...train.history import History
from ...train.sequential import Sequential
from ..report import Report
from ..runs.folder import add_summary


@dataclass(frozen=True)
class Fold:
    """Result of one fold of cross-validation.

    Args:
        indices: indices of the test clips.
        model: the network, trained on the other folds.
        history: its training history.
        probabilities: its predictions for the test clips, ``(n, classes)``.
        y: labels of the test clips.
        baseline: classes predicted by logistic regression, ``(n,)``.
        majority_accuracy: accuracy of always predicting the most frequent class.
    """

    indices: Indices
    model: Sequential
    history: History
    probabilities: np.ndarray
    y: np.ndarray
    baseline: np.ndarray
    majority_accuracy: float

    @property
    def accuracy(self) -> float:
        """Accuracy of the network."""
        return float((self.probabilities.argmax(1) == self.y).mean())

    @property
    def baseline_accuracy(self) -> float:
        """Accuracy of logistic regression."""
        return float((self.baseline == self.y).mean())


def build_report(sounds: Sounds, spectra: np.ndarray, folds: Sequence[Fold]) -> Report:
    """Build the report; ``spectra`` are the spectrograms of all clips, ``(n, steps, bands)``."""
    report = Report("Sounds", f"A network distinguishes {len(sounds.classes)} classes of sounds.")
    scores = [fold.accuracy for fold in folds]
    report.facts(
        {
            "accuracy, mean over the folds": f"{np.mean(scores):.1%}",
            "logistic regression": f"{np.mean([fold.baseline_accuracy for fold in folds]):.1%}",
            "most frequent class": f"{np.mean([fold.majority_accuracy for fold in folds]):.1%}",
            "sounds": len(sounds),
        }
    )
    report.text(
        f"Every clip was predicted once, by a network that was not trained on it: {len(folds)} "
        "folds, with identical clips in the same fold. Each network is trained on 80 % of the "
        "other folds and stopped early by the loss on the remaining 20 %. Logistic regression on "
        "the mean and the standard deviation of each mel band over time is trained on all other "
        "folds, and its penalty is chosen by cross-validation within them. Recordings of one "
        "instrument may be in several folds."
    )
    add_sounds(report, sounds, spectra)
    add_scores(report, folds)
    add_training(report, folds)
    add_mistakes(report, sounds, spectra, folds)
    add_summary(report, folds[0].model)
    report.text("The model file holds the network of fold 1.")
    return report


def add_sounds(report: Report, sounds: Sounds, spectra: np.ndarray) -> None:
    """Add one spectrogram of each class and the number of clips of each class."""
    seconds = sounds.x.shape[1] / sounds.rate
    report.section("The sounds")
    longer = int((sounds.lengths == sounds.x.shape[1]).sum())
    report.text(
        f"{len(sounds):,} clips, resampled to {sounds.rate:,} Hz mono and {seconds:g} seconds: "
        f"{len(sounds) - longer} were padded with silence, {longer} have this length or were cut."
    )
    labels, first = np.unique(sounds.y, return_index=True)
    report.figure(
        spectrograms(spectra[first], [sounds.classes[label] for label in labels], seconds=seconds),
        "A mel spectrogram of each class, as computed by the first layer of the network.",
    )
    report.figure(plots.class_balance({"sounds": sounds.counts}), "Number of clips per class.")
    if sounds.skipped:
        rows = [[str(path), reason] for path, reason in sounds.skipped]
        report.table(["file", "reason"], rows, "Unreadable files, which were skipped.")


def add_scores(report: Report, folds: Sequence[Fold]) -> None:
    """Add the accuracy of the network and of the baselines in each fold, and compare them."""
    report.section("Comparison with baselines")
    scores = [[fold.majority_accuracy, fold.baseline_accuracy, fold.accuracy] for fold in folds]
    rows: list[list[object]] = [
        [str(number), len(fold.y), *(f"{score:.1%}" for score in row), len(fold.history.epoch)]
        for number, (fold, row) in enumerate(zip(folds, scores, strict=True), 1)
    ]
    means, deviations = np.mean(scores, 0), np.std(scores, 0)
    summary = [f"{m:.1%} ± {100 * s:.1f}" for m, s in zip(means, deviations, strict=True)]
    rows.append(["mean ± std. dev.", sum(len(fold.y) for fold in folds), *summary, None])
    report.table(
        ["fold", "clips", "most frequent class", "logistic regression", "network", "epochs"],
        rows,
        "Accuracy on the test clips; the standard deviation is taken over the folds.",
    )
    y, probabilities, baseline = _predictions(folds)
    one_hot = np.eye(probabilities.shape[1])[baseline]
    difference = compare_models("classify", y, probabilities, one_hot)
    value, low, high = (f"{100 * value:+.1f}".replace("-", "−") for value in difference.interval)
    report.text(
        f"Difference in accuracy between the network and logistic regression: {value} points, 95 % "
        f"interval from {low} to {high} points; "
        f"{'significant' if difference.significant else 'not significant'}."
    )


def _predictions(folds: Sequence[Fold]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, probabilities, and classes predicted by the baseline, of all folds together."""
    return (
        np.concatenate([fold.y for fold in folds]),
        np.concatenate([fold.probabilities for fold in folds]),
        np.concatenate([fold.baseline for fold in folds]),
    )


def add_training(report: Report, folds: Sequence[Fold]) -> None:
    """Add loss and accuracy of each network by epoch."""
    report.section("Training")
    histories = {f"fold {number}": fold.history.history for number, fold in enumerate(folds, 1)}
    for metric in ("loss", "accuracy"):
        report.figure(
            plots.compare_runs(histories, metric),
            f"{metric.capitalize()} during training, with dropout. The weights of the epoch with "
            "the lowest validation loss were restored.",
        )


def add_mistakes(
    report: Report, sounds: Sounds, spectra: np.ndarray, folds: Sequence[Fold]
) -> None:
    """Add the confusion matrix and the spectrograms of the most confident mistakes."""
    report.section("Mistakes")
    y, probabilities, _ = _predictions(folds)
    report.figure(
        plots.confusion(confusion_matrix(y, probabilities), sounds.classes),
        f"All {len(y):,} clips: each row is a true class, each column a predicted class.",
    )
    worst = most_confident_mistakes(y, probabilities)
    if not len(worst):
        report.text("There are no mistakes on the test clips.")
        return
    indices = np.concatenate([fold.indices for fold in folds])[worst]
    captions = prediction_captions(worst, y, probabilities, sounds.classes)
    report.figure(
        spectrograms(
            spectra[indices],
            [f"{sounds.files[i].stem}: {text}" for i, text in zip(indices, captions, strict=True)],
            seconds=sounds.x.shape[1] / sounds.rate,
        ),
        "The most confident mistakes.",
    )
