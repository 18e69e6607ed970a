"""The report on how good the answers are, beside those of simple methods.

The report on what to try next, and the commands to go on with.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ... import plots
from ...data.labels import count
from ...evaluation.calibration import Calibration, calibration
from ...evaluation.comparison import HEADLINE
from ...evaluation.formatting import SHARES, base, cell
from ...evaluation.intervals import resamples_of
from ...evaluation.metrics import MEANINGS, rarer
from ...evaluation.mistakes import confusion_matrix
from ...plots.classification import calibration as calibration_figure
from ...plots.intervals import intervals as intervals_figure
from ...plots.regression import predicted_against_true, residuals
from ..report import Report
from .result import NETWORK, Trained, against


def add_quality(report: Report, trained: Trained) -> None:
    """All measures of all methods, then what the task's own pictures show."""
    report.section("How good is it?")
    _add_measures(report, trained)
    if trained.found.task == "classify":
        _add_confusion(report, trained)
        _add_roc(report, trained)
        _add_calibration(report, trained)
    elif trained.found.task == "regress":
        _add_residuals(report, trained)


def _add_measures(report: Report, trained: Trained) -> None:
    """The headline as a picture, then every measure and what it means."""
    task, found = trained.found.task, trained.measured
    headline = HEADLINE[task]
    drawn = {name: one[headline] for name, one in found.items()}
    report.figure(
        intervals_figure(drawn, headline, headline in SHARES),
        f"The {headline} of all methods on the same test part: a dot for what was measured, a line "
        "for its 95 % interval.",
        f"{headline}: " + "; ".join(f"{name} {cell(headline, one)}" for name, one in drawn.items()),
    )
    names = list(found[NETWORK])
    times = resamples_of(len(trained.targets))
    together = ", neighbours in time together," if task == "forecast" else ""
    wider = "; few that share no step make it wider (Student's t)" if task == "forecast" else ""
    rows = [[name, *(cell(name, one[name]) for one in found.values())] for name in names]
    meanings = [[name, MEANINGS[base(name)]] for name in names]
    if task != "classify" and trained.floor is not None:
        row, meaning = _beside(trained, trained.floor.name)
        rows.append(row)
        meanings.append([row[0], meaning])
    report.table(
        ["measure", *found],
        rows,
        f"In brackets the 95 % interval: the test examples are drawn again{together} with "
        f"replacement, {times:,} times, and measured each time (bootstrap){wider}. It says how "
        "much the choice of test examples matters, and nothing of examples from elsewhere.",
    )
    report.table(["measure", "what it says"], meanings, "The measures in words.")
    _add_methods(report, trained)


def _beside(trained: Trained, floor: str) -> tuple[list[str], str]:
    """The mean absolute errors as shares of a floor's, and what that says."""
    errors = {name: one["MAE"].value for name, one in trained.measured.items()}
    shares = (f"{error / errors[floor]:.0%}" if errors[floor] else "–" for error in errors.values())
    return (
        [f"MAE beside “{floor}”", *shares],
        f"MAE as a share of that of “{floor}” (Hyndman & Koehler, 2006); less than 100% is better",
    )


def _add_methods(report: Report, trained: Trained) -> None:
    """What each method is and how long it took."""
    rows = [
        [one.name, "the usual simple answer" if one.strong else "a floor", f"{one.seconds:.1f} s"]
        for one in trained.yardsticks
    ]
    rows.append([NETWORK, "what was trained", f"{trained.history.seconds:.1f} s"])
    report.table(["method", "what it is", "time to learn"], rows, "What was compared.")


def _add_confusion(report: Report, trained: Trained) -> None:
    """Which class was taken for which."""
    classes, y = trained.found.classes, trained.targets
    matrix = confusion_matrix(y, trained.said)
    report.figure(
        plots.confusion(matrix, classes),
        f"The {len(y):,} test examples: each row is a true class, each column an answer.",
        f"Confusion matrix: {np.trace(matrix)} of {len(y)} answers are right.",
    )
    pairs = plots.confused_pairs(matrix, classes)
    if pairs and len(classes) > 2:
        report.table(
            ["true", "said", "times", "of the true"],
            [[true, said, times, f"{share:.0%}"] for true, said, times, share in pairs],
            "The commonest mistakes.",
        )


def _add_roc(report: Report, trained: Trained) -> None:
    """Of two classes: sensitivity against false alarms at any threshold."""
    classes, y = trained.found.classes, trained.targets
    if len(classes) != 2 or len(np.unique(y)) != 2:
        return
    label = rarer(y)
    floors = {one.name for one in trained.yardsticks if not one.strong}
    scores = {name: said[:, label] for name, said in trained.answers.items() if name not in floors}
    report.figure(
        plots.roc(y == label, scores, classes[label]),
        f"How many of “{classes[label]}” are found (sensitivity) at the price of how many false "
        "alarms: each point is another probability from which on to call it so. The nearer the "
        "upper left corner, the better.",
    )


def _add_calibration(report: Report, trained: Trained) -> None:
    """Whether its probabilities can be believed."""
    found = calibration(trained.targets, trained.said)
    said, right, counts = zip(*found.bins, strict=True)
    value, low, high = zip(*right, strict=True)
    report.figure(
        calibration_figure(said, value, low, high, counts),
        "Can its probabilities be believed? Each dot stands for answers about as sure as each "
        f"other. {_believed(found)}",
        f"Reliability diagram; the expected calibration error is {found.error:.1%}.",
    )


def _believed(found: Calibration) -> str:
    off = (
        f"On average the probability is {found.error:.1%} off the share of right answers (expected "
        "calibration error)"
    )
    if not found.off:
        return f"{off}, no more than chance does with so many answers."
    how = "surer" if found.surer > 0 else "less sure"
    return f"{off}, more than chance does: on the whole it is {how} than it should be."


def _add_residuals(report: Report, trained: Trained) -> None:
    """Predicted values against true ones, and what is left."""
    name, y = trained.found.target, trained.targets
    report.figure(
        predicted_against_true(y, trained.said, name),
        "Each point is a test example; on the dashed line the prediction is right.",
    )
    report.figure(
        residuals(y, trained.said, name),
        "The error of each, by what was predicted, and how often errors of each size occur. A "
        "bend or a funnel on the left would say that something in the data is not yet used.",
    )


GAP = 0.1
"""Accuracy on the training part less that on the validation part, from which on it is told."""
TIMES = 2.0
"""The same of losses, the one by the other."""
RARE = 0.2
"""Share of an equal share of the examples below which a class is rare."""
WIDE = 0.1
"""Width of an accuracy's interval from which on the test part is small."""
EARLY = 2
"""A best epoch before this one was reached in leaps."""


def add_next(report: Report, trained: Trained) -> None:
    """Advice from what came of the run, then what the kind of data suggests."""
    report.section("What to try next")
    advice = [*_advice(trained)]
    advice += trained.kind.advice(trained.found, trained.settings, trained.parts)
    if not advice:
        report.text("Nothing stands out. More examples are what helps most networks.")
        return
    report.table(
        ["", "advice"],
        [[number, sentence] for number, sentence in enumerate(advice, 1)],
        "From what was measured here; the most telling first.",
    )


def add_commands(report: Report, trained: Trained) -> None:
    """How to ask it, measure it, serve it and change it."""
    report.section("Go on from here", "In the folder of this report, in a terminal:")
    report.code(
        "lampas predict . FILES --out answers.csv\n"
        "lampas evaluate . PATH  # how good it is on other data\n"
        "lampas serve .          # a page to ask it, and an HTTP service\n"
        "python train.py         # this training again: read it, change it"
    )


def _advice(trained: Trained) -> Iterator[str]:
    yield from _of_yardsticks(trained)
    yield from _of_training(trained)
    if trained.found.task == "classify":
        yield from _of_classes(trained)
        yield from _of_probabilities(trained)
    yield from _of_amount(trained)


def _of_yardsticks(trained: Trained) -> Iterator[str]:
    best = trained.strongest
    ahead = against(trained, best)
    if ahead.sure and ahead.by.value < 0:
        yield (
            f"Use {best.name}: on this data it is ahead of the network, and that is not by chance."
        )


def _of_training(trained: Trained) -> Iterator[str]:
    epochs, best = len(trained.history.epoch), trained.best_epoch
    if best == epochs - 1:
        yield (
            f"It was still getting better when it stopped after {epochs} epochs: let it learn "
            f"longer (--epochs {2 * epochs})."
        )
    elif best < EARLY:
        yield (
            f"Its best epoch was number {best + 1}: it learns too fast to stop at the right time. "
            f"Try a smaller learning rate (--rate {trained.settings['rate'] / 3:.2g})."
        )
    gap = _gap(trained)
    if gap:
        yield (
            f"{gap}: it knows its training examples better than the world. More examples help "
            "most; stronger dropout or l2 in train.py, or a smaller network, may."
        )


def _gap(trained: Trained) -> str:
    """How far training and validation are apart in the best epoch, where that is far."""
    history, best = trained.history.history, trained.best_epoch
    if trained.found.task == "classify" and "val_accuracy" in history:
        learnt, other = history["accuracy"][best], history["val_accuracy"][best]
        far = learnt - other > GAP
        return f"Accuracy is {learnt:.0%} in training and {other:.0%} in validation" * far
    learnt, other = history["loss"][best], history["val_loss"][best]
    return f"The loss is {learnt:.3g} in training and {other:.3g} in validation" * (
        other > TIMES * learnt
    )


def _of_classes(trained: Trained) -> Iterator[str]:
    classes = trained.found.classes
    counts = np.bincount(trained.kind.targets(trained.parts.train), minlength=len(classes))
    rare = np.flatnonzero(counts < RARE * counts.mean())
    if len(rare):
        least = rare[counts[rare].argmin()]
        others = (
            f", and {count(len(rare) - 1, 'more class', 'more classes')} as rare"
            if len(rare) > 1
            else ""
        )
        yield (
            f"“{classes[least]}” has {counts[least]:,} of {counts.sum():,} training examples"
            f"{others}: collect more of it, or weigh it more (class_weight of fit in train.py). "
            "Look at the balanced accuracy rather than at the accuracy."
        )


def _of_probabilities(trained: Trained) -> Iterator[str]:
    found = calibration(trained.targets, trained.said)
    if found.off:
        how = "too high" if found.surer > 0 else "too low"
        yield (
            f"Its probabilities are {how} (by {found.error:.0%}): where you decide by them, choose "
            "the threshold on examples of your own."
        )


def _of_amount(trained: Trained) -> Iterator[str]:
    found = trained.measured[NETWORK][HEADLINE[trained.found.task]]
    wide = found.high - found.low
    few = wide > WIDE if trained.found.task == "classify" else wide > 2 * WIDE * found.value
    if few and trained.found.task == "forecast":
        yield (
            f"{trained.kind.examples(trained.parts.test):,} stretches of time say little, and they "
            "overlap: judge it again when more of the series is known (lampas evaluate)."
        )
    elif few:
        yield (
            f"{trained.kind.examples(trained.parts.test):,} test examples say little: another "
            f"split (--seed {trained.settings['seed'] + 1}) may give another number. Run some, or "
            "collect more."
        )
