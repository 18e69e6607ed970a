"""How well scores tell two classes apart, whatever the threshold.

Whether what is said to be 80 % sure comes true in 80 of 100 cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..app.report.report import show
from ..core.errors import DataError, ShapeError, show_shape
from .style import GRID, GROUND, INK, MUTED, PALETTE, SEA, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


Values = npt.NDArray[np.float64]

SIDE = 4.6
THRESHOLD = 0.5
STROKES = ("-", (0, (5, 1.5)), (0, (1.5, 1)))


@drawing
def roc(
    y: npt.ArrayLike, scores: Mapping[str, npt.ArrayLike], positive: str = "positive"
) -> Figure:
    """Draw receiver operating characteristics, with the area under each in the legend.

    A ring marks where a threshold of 0.5 puts each model; the diagonal is what chance would do.

    Args:
        y: ``(n,)`` or ``(n, 1)``, 1 (or True) for the positive class and 0 for the other.
        scores: name of the model -> ``(n,)`` or ``(n, 1)`` probabilities of the positive class.
        positive: what the positive class is called.

    Raises:
        DataError: there is no score, or ``y`` does not hold both classes and nothing else.
        ShapeError: there are not as many scores as targets.
    """
    if not scores:
        raise DataError("There is no score to draw a curve of.")
    figure = new_figure(SIDE, SIDE)
    ax = figure.subplots()
    strokes = (stroke for stroke in STROKES for _ in PALETTE)
    looks = cycle(zip(cycle(PALETTE), strokes))
    for (name, score), (colour, stroke) in zip(scores.items(), looks, strict=False):
        alarms, hits, _ = roc_curve(y, score)
        label = f"{name}: {auc(alarms, hits):.3f}"
        ax.plot(alarms, hits, color=colour, linestyle=stroke, label=label, clip_on=False)
        at = [np.mean(_flat(score)[_flat(y) == side] > THRESHOLD) for side in (0, 1)]
        ax.plot(*at, "o", ms=6, mew=1.6, mec=colour, color=GROUND, zorder=3, clip_on=False)
    _finish(ax, positive)
    return figure


def roc_curve(y: npt.ArrayLike, score: npt.ArrayLike) -> tuple[Values, Values, Values]:
    """False positive rates, true positive rates, and the thresholds that give them.

    One point for each distinct score, so equal scores count together; a case is called positive
    when its score is at the threshold or above. The first threshold, infinity, calls none so.

    Raises:
        DataError: ``y`` does not hold both 0 and 1 and nothing else, or a score is NaN.
        ShapeError: there are not as many scores as targets.
    """
    true, values = _checked(_flat(y), _flat(score))
    order = np.argsort(-values, kind="stable")
    true, values = true[order], values[order]
    ends = np.append(np.flatnonzero(np.diff(values)), true.size - 1)
    hits = np.append(0, np.cumsum(true)[ends])
    alarms = np.append(0, ends + 1 - hits[1:])
    return alarms / alarms[-1], hits / hits[-1], np.append(np.inf, values[ends])


def auc(false_positive_rate: Values, true_positive_rate: Values) -> float:
    """The area under a curve of ``roc_curve``; trapezoids count ties as half."""
    return float(np.trapezoid(true_positive_rate, false_positive_rate))


def _flat(values: npt.ArrayLike) -> Values:
    array = np.asarray(values, dtype=np.float64)
    return array.ravel() if array.ndim == 1 or array.shape[1:] == (1,) else array


def _checked(true: Values, score: Values) -> tuple[Values, Values]:
    if true.ndim != 1 or true.shape != score.shape:
        raise ShapeError(
            f"A ROC curve needs one score for each target, got scores {show_shape(score.shape)} "
            f"for targets {show_shape(true.shape)}. Of two columns give the positive class's."
        )
    if set(np.unique(true)) != {0.0, 1.0}:
        found = ", ".join(f"{value:g}" for value in np.unique(true)[:5])
        raise DataError(
            f"A ROC curve needs targets of both classes, 0 and 1; these hold {found or 'nothing'}."
        )
    if np.isnan(score).any():
        raise DataError(
            f"{np.isnan(score).sum()} of {score.size} scores are NaN, the first in row "
            f"{np.isnan(score).argmax()}. Leave such rows out, or train again."
        )
    return true, score


def _finish(ax: Axes, positive: str) -> None:
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_aspect("equal")
    ax.grid(True, axis="both", color=GRID)
    ax.set_title(f"telling “{positive}” from the rest")
    ax.set_xlabel("false positive rate (1 − specificity)")
    ax.set_ylabel("true positive rate (sensitivity)")
    dashes = (0, (3, 2))
    ax.plot([0, 1], [0, 1], color=MUTED, lw=1, ls=dashes, zorder=1, label="chance: 0.500")
    ax.plot([], [], "o", ms=6, mew=1.6, mec=INK, color=GROUND, label="threshold 0.5")
    ax.legend(loc="lower right", title="area under the curve", alignment="left")


WIDE, HIGH = 4.6, 5.4
BAR = 0.03


@drawing
def calibration(
    said: npt.ArrayLike,
    right: npt.ArrayLike,
    low: npt.ArrayLike,
    high: npt.ArrayLike,
    counts: Sequence[int],
) -> Figure:
    """Draw a reliability diagram: how often answers are right, by how sure they are.

    Beneath it stands how many answers are as sure as that. On the diagonal a network can be
    believed; below it, it is surer than it should be.

    Args:
        said: ``(bins,)`` mean probability of the answers in each bin.
        right: ``(bins,)`` share of right ones.
        low: ``(bins,)`` lower end of that share's interval.
        high: ``(bins,)`` upper end.
        counts: answers in each bin.

    Raises:
        DataError: there is no bin.
        ShapeError: one has not as many bins as another.
    """
    each = [np.ravel(np.asarray(values, np.float64)) for values in (said, right, low, high, counts)]
    if not each[0].size:
        raise DataError("There is no answer to draw.")
    if len({values.size for values in each}) > 1:
        sizes = ", ".join(str(values.size) for values in each)
        raise ShapeError(f"Every bin needs a value of each kind, got {sizes} values.")
    figure = new_figure(WIDE, HIGH)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3.4, 1))
    _shares(above, *each[:4])
    _counts(below, each[0], each[4])
    figure.legend(loc="outside upper left", ncols=2)
    return figure


def _shares(ax: Axes, said: Values, right: Values, low: Values, high: Values) -> None:
    dashes = (0, (3, 2))
    ax.plot([0, 1], [0, 1], color=MUTED, lw=1, ls=dashes, label="said what comes true")
    ax.vlines(said, low, high, color=SEA, lw=1.6)
    ax.plot(said, right, "o", ms=5, color=SEA, label="this network, 95 % intervals")
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1.02)
    ax.grid(True, axis="both", color=GRID)
    ax.set_ylabel("share of right answers")


def _counts(ax: Axes, said: Values, counts: Values) -> None:
    ax.bar(said, counts, BAR, color=SEA)
    for place, count in zip(said, counts, strict=True):
        ax.annotate(
            show(int(count)), (place, count), (0, 2), textcoords="offset points", fontsize=7,
            ha="center",
        )  # fmt: skip
    ax.set_ylim(0, 1.25 * counts.max())
    ax.set_yticks([])
    ax.set_ylabel("answers")
    ax.set_xlabel("probability given to the answer")
