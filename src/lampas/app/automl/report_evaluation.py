"""The report's sections on the evaluation, on what to try next and on the next commands."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ... import plots
from ...data.labels import pluralize
from ...evaluation.calibration import Calibration, calibration
from ...evaluation.comparison import PRIMARY_METRIC
from ...evaluation.formatting import PROPORTIONS, format_cell, metric_family
from ...evaluation.intervals import num_resamples
from ...evaluation.metrics import METRIC_DESCRIPTIONS, rarer_class
from ...evaluation.mistakes import confusion_matrix
from ...plots.classification import calibration as calibration_figure
from ...plots.intervals import intervals as intervals_figure
from ...plots.regression import predicted_against_true, residuals
from ..report import Report
from .result import NETWORK, TrainingResult, difference_to

OVERFIT_GAP = 0.1
"""Minimum gap of training and validation accuracy that is reported as overfitting."""
OVERFIT_RATIO = 2.0
"""Minimum ratio of validation and training loss that is reported as overfitting."""
RARE = 0.2
"""A class is rare below this share of the mean class size."""
WIDE_INTERVAL = 0.1
"""Minimum width of an accuracy's interval for which the test set is called small."""
EARLY_EPOCH = 2
"""A best epoch before this one indicates a high learning rate."""


def add_evaluation(report: Report, result: TrainingResult) -> None:
    """Metrics of network and baselines, then the figures of the task."""
    report.section("How good is it?")
    _add_metrics(report, result)
    if result.profile.task == "classify":
        _add_confusion(report, result)
        _add_roc(report, result)
        _add_calibration(report, result)
    elif result.profile.task == "regress":
        _add_residuals(report, result)


def _add_metrics(report: Report, result: TrainingResult) -> None:
    """The primary metric as a figure, then every metric and its meaning, and the methods."""
    task, metrics = result.profile.task, result.metrics
    primary = PRIMARY_METRIC[task]
    scores = {method: values[primary] for method, values in metrics.items()}
    report.figure(
        intervals_figure(scores, primary, primary in PROPORTIONS),
        f"The {primary} of all methods on the test data: a dot for the value, a line for its 95 % "
        "interval.",
        f"{primary}: "
        + "; ".join(f"{name} {format_cell(primary, i)}" for name, i in scores.items()),
    )
    names = list(metrics[NETWORK])
    rows = [[name, *(format_cell(name, m[name]) for m in metrics.values())] for name in names]
    meanings = [[name, METRIC_DESCRIPTIONS[metric_family(name)]] for name in names]
    if task != "classify" and result.trivial_baseline is not None:
        row, meaning = _relative_mae(result, result.trivial_baseline.name)
        rows.append(row)
        meanings.append([row[0], meaning])
    blocks = widening = ""
    if task == "forecast":
        blocks = ", in blocks of neighbouring windows,"
        widening = "; it is widened by Student's t where few windows are independent"
    report.table(
        ["metric", *metrics],
        rows,
        f"In brackets the 95 % interval: the test examples are resampled{blocks} with replacement "
        f"{num_resamples(len(result.y_true)):,} times (bootstrap){widening}. It shows the "
        "influence of the choice of test examples; data from other sources may give other results.",
    )
    report.table(["metric", "meaning"], meanings, "The metrics.")
    methods = [
        [b.name, "strong baseline" if b.is_strong else "trivial baseline", f"{b.seconds:.1f} s"]
        for b in result.baselines
    ]
    methods.append([NETWORK, "trained here", f"{result.history.seconds:.1f} s"])
    report.table(["method", "kind", "training time"], methods, "The methods.")


def _relative_mae(result: TrainingResult, baseline: str) -> tuple[list[str], str]:
    """The mean absolute errors as shares of a baseline's, and what these mean."""
    errors = {name: metrics["MAE"].value for name, metrics in result.metrics.items()}
    reference = errors[baseline]
    shares = (f"{error / reference:.0%}" if reference else "–" for error in errors.values())
    return (
        [f"MAE relative to “{baseline}”", *shares],
        f"MAE divided by that of “{baseline}” (Hyndman & Koehler, 2006); below 100% is better",
    )


def _add_confusion(report: Report, result: TrainingResult) -> None:
    """The confusion matrix and the most frequent mistakes."""
    classes, y = result.profile.classes, result.y_true
    matrix = confusion_matrix(y, result.y_pred)
    report.figure(
        plots.confusion(matrix, classes),
        f"Confusion matrix of the {len(y):,} test examples: rows are true classes, columns are "
        "predictions.",
        f"Confusion matrix: {np.trace(matrix)} of {len(y)} predictions are correct.",
    )
    pairs = plots.confused_pairs(matrix, classes)
    if pairs and len(classes) > 2:
        report.table(
            ["true", "predicted", "count", "share of the true class"],
            [[true, predicted, times, f"{share:.0%}"] for true, predicted, times, share in pairs],
            "The most frequent mistakes.",
        )


def _add_roc(report: Report, result: TrainingResult) -> None:
    """The ROC curve, for two classes."""
    classes, y = result.profile.classes, result.y_true
    if len(classes) != 2 or len(np.unique(y)) != 2:
        return
    label = rarer_class(y)
    strong = [NETWORK, *(baseline.name for baseline in result.baselines if baseline.is_strong)]
    scores = {name: y[:, label] for name, y in result.predictions.items() if name in strong}
    report.figure(
        plots.roc(y == label, scores, classes[label]),
        f"ROC curve: the share of “{classes[label]}” that is recognized (sensitivity) against the "
        "share of false positives. Each point is another threshold for the probability. The nearer "
        "to the upper left corner, the better.",
    )


def _add_calibration(report: Report, result: TrainingResult) -> None:
    """The reliability diagram of the predicted probabilities."""
    outcome = calibration(result.y_true, result.y_pred)
    confidences = [bin_.confidence for bin_ in outcome.bins]
    accuracies, lows, highs = zip(*(bin_.accuracy for bin_ in outcome.bins), strict=True)
    counts = [bin_.count for bin_ in outcome.bins]
    report.figure(
        calibration_figure(confidences, accuracies, lows, highs, counts),
        "Reliability diagram: each dot stands for predictions of similar confidence. "
        f"{_describe_calibration(outcome)}",
        f"Reliability diagram; the expected calibration error is {outcome.error:.1%}.",
    )


def _describe_calibration(outcome: Calibration) -> str:
    error = (
        f"On average confidence and accuracy differ by {outcome.error:.1%} (expected calibration "
        "error)"
    )
    if not outcome.is_miscalibrated:
        return f"{error}, which chance explains for that many predictions."
    direction = "overconfident" if outcome.overconfidence > 0 else "underconfident"
    return f"{error}, more than chance explains: the network is {direction}."


def _add_residuals(report: Report, result: TrainingResult) -> None:
    """Predicted against true values, and the residuals."""
    name, y = result.profile.target, result.y_true
    report.figure(
        predicted_against_true(y, result.y_pred, name),
        "Each point is a test example; on the dashed line the prediction is exact.",
    )
    report.figure(
        residuals(y, result.y_pred, name),
        "Residuals by predicted value, and their distribution. A curve or a funnel on the left "
        "shows structure in the data that the network does not use.",
    )


def add_recommendations(report: Report, result: TrainingResult) -> None:
    """Recommendations from the results, then those of the kind of data."""
    report.section("What to try next")
    recommendations = [
        *_recommendations(result),
        *result.kind.recommendations(result.profile, result.splits),
    ]
    if not recommendations:
        report.text("There are no specific recommendations. More examples help most networks.")
        return
    report.table(
        ["", "recommendation"],
        [[number, sentence] for number, sentence in enumerate(recommendations, 1)],
        "Based on these results; the most important first.",
    )


def add_commands(report: Report) -> None:
    """Commands to use the model."""
    report.section("Next commands", "In a terminal, in the folder of this report:")
    report.code(
        "lampas predict . FILES --out predictions.csv\n"
        "lampas evaluate . PATH  # metrics on other data\n"
        "lampas serve .          # a web page and an HTTP service for predictions\n"
        "python train.py         # the same training as a script"
    )


def _recommendations(result: TrainingResult) -> Iterator[str]:
    best = result.best_baseline
    difference = difference_to(result, best)
    if difference.significant and difference.interval.value < 0:
        yield f"Use {best.name}: on this data it is significantly better than the network."
    yield from _from_training(result)
    if result.profile.task == "classify":
        yield from _from_class_sizes(result)
        yield from _from_calibration(result)
    yield from _from_interval(result)


def _from_training(result: TrainingResult) -> Iterator[str]:
    epochs, best = len(result.history.epoch), result.best_epoch
    if best == epochs - 1:
        yield (
            f"The validation loss was still falling when training stopped after {epochs} epochs: "
            f"train longer (--epochs {2 * epochs})."
        )
    elif best < EARLY_EPOCH:
        rate = result.profile.settings.learning_rate
        yield (
            f"The best epoch was already number {best + 1}. Try a smaller learning rate (--rate "
            f"{rate / 3:.2g})."
        )
    if gap := _overfitting(result):
        yield (
            f"{gap}: the network is overfitting, it does better on the training data than on new "
            "data. More examples help most; stronger dropout or l2 in train.py, or a smaller "
            "network, may help."
        )


def _overfitting(result: TrainingResult) -> str:
    """Training and validation metrics of the best epoch, where they are far apart; else empty."""
    history, best = result.history.history, result.best_epoch
    if result.profile.task == "classify" and "val_accuracy" in history:
        training, validation = history["accuracy"][best], history["val_accuracy"][best]
        if training - validation > OVERFIT_GAP:
            return f"Accuracy is {training:.0%} in training and {validation:.0%} in validation"
        return ""
    training, validation = history["loss"][best], history["val_loss"][best]
    if validation > OVERFIT_RATIO * training:
        return f"The loss is {training:.3g} in training and {validation:.3g} in validation"
    return ""


def _from_class_sizes(result: TrainingResult) -> Iterator[str]:
    classes = result.profile.classes
    counts = np.bincount(result.kind.targets(result.splits.train), minlength=len(classes))
    rare = np.flatnonzero(counts < RARE * counts.mean())
    if len(rare):
        rarest = rare[counts[rare].argmin()]
        more_classes = pluralize(len(rare) - 1, "more class", "more classes")
        rare_too = f", and {more_classes} are rare too" if len(rare) > 1 else ""
        yield (
            f"“{classes[rarest]}” has {counts[rarest]:,} of {counts.sum():,} training examples"
            f"{rare_too}: collect more of them, or give them more weight (class_weight of fit in "
            "train.py). Prefer the balanced accuracy to the accuracy."
        )


def _from_calibration(result: TrainingResult) -> Iterator[str]:
    outcome = calibration(result.y_true, result.y_pred)
    if outcome.is_miscalibrated:
        direction = "too high" if outcome.overconfidence > 0 else "too low"
        yield (
            f"Its probabilities are {direction} (by {outcome.error:.0%}): if a decision depends on "
            "them, choose its threshold on examples of your own."
        )


def _from_interval(result: TrainingResult) -> Iterator[str]:
    interval = result.metrics[NETWORK][PRIMARY_METRIC[result.profile.task]]
    task = result.profile.task
    limit = WIDE_INTERVAL if task == "classify" else 2 * WIDE_INTERVAL * interval.value
    is_wide = interval.high - interval.low > limit
    size = result.kind.num_examples(result.splits.test)
    if is_wide and task == "forecast":
        yield (
            f"{size:,} overlapping windows are a small test set: evaluate again when more of the "
            "series is available (lampas evaluate)."
        )
    elif is_wide:
        yield (
            f"{size:,} test examples are a small test set: another split (--seed "
            f"{result.profile.settings.seed + 1}) may give another result. Try several, or "
            "collect more data."
        )
