"""The report on sounds: how well they are told apart, how surely that is known, and what errs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ... import plots
from ...data.audio.dataset import Sounds
from ...data.labels import count
from ...data.splits import Indices
from ...evaluation.mistakes import confusion_matrix
from ...plots.spectrograms import spectrograms
from ...train.history import History
from ...train.sequential import Sequential
from ..report import Report
from ..runs.folder import add_summary

MOST = 12


@dataclass(frozen=True)
class Fold:
    """What came of keeping one part back.

    Args:
        kept: which sounds.
        model: learnt from the others.
        history: how.
        probabilities: its answers for the sounds kept back, ``(n, classes)``.
        y: their labels.
        regression: where logistic regression is right, ``(n,)``.
        commonest: how often the commonest class is right.
    """

    kept: Indices
    model: Sequential
    history: History
    probabilities: np.ndarray
    y: np.ndarray
    regression: np.ndarray
    commonest: float

    @property
    def right(self) -> np.ndarray:
        """Where the network is right, ``(n,)``."""
        return np.asarray(self.probabilities.argmax(1) == self.y)

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())


def tell(sounds: Sounds, spectra: np.ndarray, folds: Sequence[Fold]) -> Report:
    """The report of a run; ``spectra`` are those of all sounds, ``(n, steps, bands)``."""
    report = Report("Sounds", f"A network hears {len(sounds.classes)} kinds of sounds apart.")
    scores = [fold.accuracy for fold in folds]
    report.facts(
        {
            "accuracy, mean of the folds": f"{np.mean(scores):.1%}",
            "logistic regression": f"{np.mean([fold.regression.mean() for fold in folds]):.1%}",
            "always the commonest": f"{np.mean([fold.commonest for fold in folds]):.1%}",
            "sounds": len(sounds),
        }
    )
    report.text(
        f"Every sound was judged once, by a network that had not heard it: {len(folds)} folds, "
        "copies of a sound in one. A network learns from 80 % of the other folds and stops by the "
        "loss on the rest of them; logistic regression, on the mean and the standard deviation of "
        "each mel band over time, learns from all of the other folds, and has its penalty chosen "
        "by cross-validation in them. Recordings of one instrument may lie in several folds."
    )
    add_sounds(report, sounds, spectra)
    add_scores(report, folds)
    add_learning(report, folds)
    add_errors(report, sounds, spectra, folds)
    add_summary(report, folds[0].model)
    report.text("The model file holds the network of fold 1.")
    return report


def add_sounds(report: Report, sounds: Sounds, spectra: np.ndarray) -> None:
    """What there is to hear, one spectrogram of each class, and how many."""
    seconds = sounds.x.shape[1] / sounds.rate
    report.section("The sounds")
    longer = int((sounds.lengths == sounds.x.shape[1]).sum())
    report.text(
        f"{len(sounds):,} sounds at {sounds.rate:,} hertz in mono, brought to {seconds:g} seconds: "
        f"{len(sounds) - longer} end in silence, {longer} fill it or were cut."
    )
    labels, first = np.unique(sounds.y, return_index=True)
    report.figure(
        spectrograms(spectra[first], [sounds.classes[label] for label in labels], seconds=seconds),
        "A mel spectrogram of each class: what the network's first layer makes of a wave.",
    )
    report.figure(plots.class_balance({"sounds": sounds.counts}), "How many there are.")
    if sounds.skipped:
        rows = [[str(path), reason] for path, reason in sounds.skipped]
        report.table(["file", "why"], rows, "Broken files, which were left out.")


def add_scores(report: Report, folds: Sequence[Fold]) -> None:
    """The network beside the yardsticks, fold by fold, and whether the difference is chance."""
    report.section("Against simpler means")
    scores = [[fold.commonest, fold.regression.mean(), fold.accuracy] for fold in folds]
    rows: list[list[object]] = [
        [str(number), len(fold.y), *(f"{share:.1%}" for share in three), len(fold.history.epoch)]
        for number, (fold, three) in enumerate(zip(folds, scores, strict=True), 1)
    ]
    means, spreads = np.mean(scores, 0), np.std(scores, 0)
    whole = [f"{m:.1%} ± {100 * s:.1f}" for m, s in zip(means, spreads, strict=True)]
    rows.append(["mean ± spread", sum(len(fold.y) for fold in folds), *whole, None])
    report.table(
        ["fold", "sounds", "commonest class", "logistic regression", "network", "epochs"],
        rows,
        "Accuracy on the sounds kept back. The spread is the standard deviation between the folds.",
    )
    network, other = (_joined([f.right for f in folds]), _joined([f.regression for f in folds]))
    better, worse = int((network & ~other).sum()), int((~network & other).sum())
    chance = sign_test(better, worse)
    report.text(
        f"The network alone is right about {count(better, 'sound')}, logistic regression alone "
        f"about {worse}. If both were equally good, chance would part them so unevenly, or more "
        f"so, in {f'{chance:.1%}' if chance >= 0.001 else 'less than 0.1%'} of cases (a sign test)."
    )


def sign_test(better: int, worse: int) -> float:
    """How likely fair coins fall at least as unevenly as this, to either side."""
    tosses = better + worse
    tail = sum(math.comb(tosses, heads) for heads in range(min(better, worse) + 1))
    return min(1.0, 2 * tail / 2**tosses)


def add_learning(report: Report, folds: Sequence[Fold]) -> None:
    """Loss and accuracy of each network, epoch by epoch."""
    report.section("How they learnt")
    histories = {f"fold {number}": fold.history.history for number, fold in enumerate(folds, 1)}
    for metric in ("loss", "accuracy"):
        report.figure(
            plots.compared(histories, metric),
            f"{metric.capitalize()}, while training with dropout. Each network was given back the "
            "weights of the epoch with the lowest validation loss.",
        )


def add_errors(report: Report, sounds: Sounds, spectra: np.ndarray, folds: Sequence[Fold]) -> None:
    """Which class is taken for which, and what the surest mistakes look like."""
    report.section("Where they err")
    y, said = _joined([fold.y for fold in folds]), _joined([fold.probabilities for fold in folds])
    report.figure(
        plots.confusion(confusion_matrix(y, said), sounds.classes),
        f"All {len(y):,} sounds: each row is a true class, each column an answer.",
    )
    wrong = np.flatnonzero(said.argmax(1) != y)
    if not len(wrong):
        report.text("They make no mistake on the sounds kept back.")
        return
    kept = _joined([fold.kept for fold in folds])
    worst = wrong[np.argsort(-said[wrong].max(1))][:MOST]
    captions = [
        f"{sounds.files[kept[i]].stem}: true {sounds.classes[y[i]]}, "
        f"said {sounds.classes[said[i].argmax()]} ({said[i].max():.0%})"
        for i in worst
    ]
    report.figure(
        spectrograms(spectra[kept[worst]], captions, seconds=sounds.x.shape[1] / sounds.rate),
        "The mistakes that they were surest of.",
    )


def _joined(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(list(parts))
