"""The report on how good the answers are, beside those of simple methods."""

from __future__ import annotations

import numpy as np

from ..cases.mistakes import confusion_matrix
from ..report import Report, figures
from ..report.figures.calibration import calibration as calibration_figure
from ..report.figures.intervals import intervals as intervals_figure
from ..report.figures.residuals import predicted_against_true, residuals
from .bootstrap import resamples_of
from .calibration import Calibration, calibration
from .headline import HEADLINE
from .measured import SHARES, base, cell
from .measures import MEANINGS, rarer
from .trained import NETWORK, Trained


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
        figures.confusion(matrix, classes),
        f"The {len(y):,} test examples: each row is a true class, each column an answer.",
        f"Confusion matrix: {np.trace(matrix)} of {len(y)} answers are right.",
    )
    pairs = figures.confused_pairs(matrix, classes)
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
        figures.roc(y == label, scores, classes[label]),
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
