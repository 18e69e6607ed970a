"""Whether what is said to be 80 % sure comes true in 80 of 100 cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError, ShapeError
from ..style import GRID, MUTED, SEA, drawing, new_figure
from ..words import show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = npt.NDArray[np.float64]

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
