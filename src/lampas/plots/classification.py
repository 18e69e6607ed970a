"""ROC curves and reliability diagrams of classifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, format_shape
from .formatting import display_text
from .style import GRID, GROUND, INK, MUTED, PALETTE, SEA, Axes, Figure, new_figure, styled

Values = npt.NDArray[np.float64]

SIDE = 4.6
THRESHOLD = 0.5
STROKES = ("-", (0, (5, 1.5)), (0, (1.5, 1)))


@styled
def roc(
    y: npt.ArrayLike, scores: Mapping[str, npt.ArrayLike], positive: str = "positive"
) -> Figure:
    """Draw ROC curves (receiver operating characteristics), with the area under each.

    A ring marks each model at a threshold of 0.5; the diagonal is chance.

    Args:
        y: ``(n,)`` or ``(n, 1)``, 1 (or True) for the positive class and 0 for the other.
        scores: model name -> ``(n,)`` or ``(n, 1)`` probabilities of the positive class.
        positive: name of the positive class.

    Raises:
        DataError: if there are no scores, or the values of ``y`` are not 0 and 1, both present.
        ShapeError: if scores and targets differ in number.
    """
    if not scores:
        raise DataError("There are no scores to draw a curve of.")
    figure = new_figure(SIDE, SIDE)
    ax = figure.subplots()
    strokes = (stroke for stroke in STROKES for _ in PALETTE)
    styles = cycle(zip(cycle(PALETTE), strokes))
    for (name, score), (color, stroke) in zip(scores.items(), styles, strict=False):
        fpr, tpr, _ = roc_curve(y, score)
        label = f"{name}: {auc(fpr, tpr):.3f}"
        ax.plot(fpr, tpr, color=color, linestyle=stroke, label=label, clip_on=False)
        rates = [np.mean(_flat(score)[_flat(y) == target] > THRESHOLD) for target in (0, 1)]
        ax.plot(*rates, "o", ms=6, mew=1.6, mec=color, color=GROUND, zorder=3, clip_on=False)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_aspect("equal")
    ax.grid(True, axis="both", color=GRID)
    ax.set_title(f"ROC curve for “{positive}”")
    ax.set_xlabel("false positive rate (1 − specificity)")
    ax.set_ylabel("true positive rate (sensitivity)")
    _diagonal(ax, "chance: 0.500", zorder=1)
    ax.plot([], [], "o", ms=6, mew=1.6, mec=INK, color=GROUND, label="threshold 0.5")
    ax.legend(loc="lower right", title="area under the curve", alignment="left")
    return figure


def _diagonal(ax: Axes, label: str, **options: Any) -> None:
    ax.plot([0, 1], [0, 1], color=MUTED, lw=1, ls=(0, (3, 2)), label=label, **options)


def roc_curve(y: npt.ArrayLike, score: npt.ArrayLike) -> tuple[Values, Values, Values]:
    """Return false positive rates, true positive rates and their thresholds.

    There is one point for each distinct score; an example is predicted positive if its score is at
    least the threshold. The first threshold is infinity.

    Args:
        y: ``(n,)`` or ``(n, 1)``, 1 for the positive class and 0 for the other.
        score: ``(n,)`` or ``(n, 1)`` scores of the positive class.

    Raises:
        DataError: if the values of ``y`` are not 0 and 1, both present, or a score is NaN.
        ShapeError: if scores and targets differ in number.
    """
    true, values = _flat(y), _flat(score)
    if true.ndim != 1 or true.shape != values.shape:
        raise ShapeError(
            f"A ROC curve needs one score for each target, got scores {format_shape(values.shape)} "
            f"for targets {format_shape(true.shape)}. Of two columns, pass the positive class's."
        )
    if set(np.unique(true)) != {0.0, 1.0}:
        classes = ", ".join(f"{value:g}" for value in np.unique(true)[:5]) or "none"
        raise DataError(f"A ROC curve needs targets of both classes, 0 and 1; got {classes}.")
    if (missing := np.isnan(values)).any():
        raise DataError(
            f"{missing.sum()} of {values.size} scores are NaN, the first in row "
            f"{missing.argmax()}. Remove these rows, or retrain the model."
        )
    order = np.argsort(-values, kind="stable")
    true, values = true[order], values[order]
    ends = np.append(np.flatnonzero(np.diff(values)), true.size - 1)
    hits = np.append(0, np.cumsum(true)[ends])
    false_alarms = np.append(0, ends + 1 - hits[1:])
    return false_alarms / false_alarms[-1], hits / hits[-1], np.append(np.inf, values[ends])


def auc(false_positive_rate: Values, true_positive_rate: Values) -> float:
    """Return the area under a curve of ``roc_curve``, by the trapezoidal rule."""
    return float(np.trapezoid(true_positive_rate, false_positive_rate))


def _flat(values: npt.ArrayLike) -> Values:
    array = np.asarray(values, dtype=np.float64)
    return array.ravel() if array.ndim == 1 or array.shape[1:] == (1,) else array


RELIABILITY_WIDTH, RELIABILITY_HEIGHT = 4.6, 5.4
BAR_WIDTH = 0.03


@styled
def calibration(
    confidence: npt.ArrayLike,
    accuracy: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    counts: Sequence[int],
) -> Figure:
    """Draw a reliability diagram: accuracy by confidence, above a histogram of the confidence.

    On the diagonal a network is well calibrated; below it, it is overconfident.

    Args:
        confidence: ``(bins,)`` mean probability of the predictions in each bin.
        accuracy: ``(bins,)`` share of correct predictions.
        low: ``(bins,)`` lower bound of the accuracy's interval.
        high: ``(bins,)`` upper bound.
        counts: predictions in each bin.

    Raises:
        DataError: if there is no bin.
        ShapeError: if the arrays differ in length.
    """
    columns = (confidence, accuracy, low, high, counts)
    arrays = [np.ravel(np.asarray(values, np.float64)) for values in columns]
    if not arrays[0].size:
        raise DataError("There are no predictions to draw.")
    if len({values.size for values in arrays}) > 1:
        sizes = ", ".join(str(values.size) for values in arrays)
        raise ShapeError(f"All arrays need one value per bin, got {sizes} values.")
    figure = new_figure(RELIABILITY_WIDTH, RELIABILITY_HEIGHT)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.4, 1))
    _diagonal(above, "perfect calibration")
    above.vlines(arrays[0], arrays[2], arrays[3], color=SEA, lw=1.6)
    above.plot(*arrays[:2], "o", ms=5, color=SEA, label="this network, 95% intervals")
    above.set_xlim(0, 1)
    above.set_ylim(0, 1.02)
    above.grid(True, axis="both", color=GRID)
    above.set_ylabel("accuracy")
    below.bar(arrays[0], arrays[4], BAR_WIDTH, color=SEA)
    for position, count in zip(arrays[0], arrays[4], strict=True):
        below.annotate(
            display_text(int(count)), (position, count), (0, 2), textcoords="offset points",
            fontsize=7, ha="center",
        )  # fmt: skip
    below.set_ylim(0, 1.25 * arrays[4].max())
    below.set_yticks([])
    below.set_ylabel("predictions")
    below.set_xlabel("confidence: probability of the predicted class")
    figure.legend(loc="outside upper left", ncols=2)
    return figure
