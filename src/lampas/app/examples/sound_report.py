"""Report on sound classification: comparison with baselines, training and mistakes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ... import plots
from ...data import Sounds
from ...data.splits import Indices
from ...evaluation.comparison import compare_models
from ...evaluation.mistakes import confusion_matrix, most_confident_mistakes, prediction_captions
from ..report import Report
from ..runs.folder import add_summary
from .training import TrainedNetwork


@dataclass(frozen=True)
class Fold(TrainedNetwork):
    """Result of one fold of cross-validation: a network that was trained on the other folds.

    Args:
        indices: indices of the test clips.
        baseline: classes predicted by logistic regression, ``(n,)``.
        majority_accuracy: accuracy of always predicting the most frequent class.
    """

    indices: Indices
    baseline: np.ndarray
    majority_accuracy: float

    @property
    def accuracies(self) -> tuple[float, float, float]:
        """Accuracies of the most frequent class, of logistic regression and of the network."""
        return self.majority_accuracy, float((self.baseline == self.y).mean()), self.accuracy


def build_report(sounds: Sounds, spectra: np.ndarray, folds: list[Fold]) -> Report:
    """Build the report; ``spectra`` are the spectrograms of all clips, ``(n, steps, bands)``."""
    report = Report("Sounds", f"A network distinguishes {len(sounds.classes)} classes of sounds.")
    commonest, regression, accuracy = np.mean([fold.accuracies for fold in folds], 0)
    report.facts(
        {
            "accuracy, mean over the folds": f"{accuracy:.1%}",
            "logistic regression": f"{regression:.1%}",
            "most frequent class": f"{commonest:.1%}",
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
    names = [sounds.classes[label] for label in labels]
    report.figure(
        plots.spectrograms(spectra[first], names, seconds=seconds),
        "A mel spectrogram of each class, as computed by the first layer of the network.",
    )
    report.figure(plots.class_balance({"sounds": sounds.counts}), "Number of clips per class.")
    if sounds.skipped:
        rows = [[str(path), reason] for path, reason in sounds.skipped]
        report.table(["file", "reason"], rows, "Unreadable files, which were skipped.")


def add_scores(report: Report, folds: list[Fold]) -> None:
    """Add the accuracy of the network and of the baselines in each fold, and compare them."""
    report.section("Comparison with baselines")
    scores = np.array([fold.accuracies for fold in folds])
    rows: list[list[object]] = [
        [str(number), len(fold.y), *(f"{score:.1%}" for score in row), len(fold.history.epoch)]
        for number, (fold, row) in enumerate(zip(folds, scores, strict=True), 1)
    ]
    y = np.concatenate([fold.y for fold in folds])
    summary = [f"{column.mean():.1%} ± {100 * column.std():.1f}" for column in scores.T]
    rows.append(["mean ± std. dev.", len(y), *summary, None])
    report.table(
        ["fold", "clips", "most frequent class", "logistic regression", "network", "epochs"],
        rows,
        "Accuracy on the test clips; the standard deviation is taken over the folds.",
    )
    probabilities = np.concatenate([fold.probabilities for fold in folds])
    one_hot = np.eye(probabilities.shape[1])[np.concatenate([fold.baseline for fold in folds])]
    difference = compare_models("classify", y, probabilities, one_hot)
    value, low, high = (f"{100 * value:+.1f}".replace("-", "−") for value in difference.interval)
    report.text(
        f"Difference in accuracy between the network and logistic regression: {value} points, 95 % "
        f"interval from {low} to {high} points; "
        f"{'significant' if difference.significant else 'not significant'}."
    )


def add_training(report: Report, folds: list[Fold]) -> None:
    """Add loss and accuracy of each network by epoch."""
    report.section("Training")
    histories = {fold.name: fold.history.history for fold in folds}
    for metric in ("loss", "accuracy"):
        report.figure(
            plots.compare_runs(histories, metric),
            f"{metric.capitalize()} during training, with dropout. The weights of the epoch with "
            "the lowest validation loss were restored.",
        )


def add_mistakes(report: Report, sounds: Sounds, spectra: np.ndarray, folds: list[Fold]) -> None:
    """Add the confusion matrix and the spectrograms of the most confident mistakes."""
    report.section("Mistakes")
    y = np.concatenate([fold.y for fold in folds])
    probabilities = np.concatenate([fold.probabilities for fold in folds])
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
    names = [f"{sounds.files[i].stem}: {text}" for i, text in zip(indices, captions, strict=True)]
    seconds = sounds.x.shape[1] / sounds.rate
    report.figure(
        plots.spectrograms(spectra[indices], names, seconds=seconds), "The most confident mistakes."
    )
