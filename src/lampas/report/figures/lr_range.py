"""A range test of the learning rate: where the loss falls, and where it climbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError
from ..style import FLAME, MUTED, SEA, WIDTH, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@drawing
def lr_range(
    rates: npt.ArrayLike, losses: npt.ArrayLike, smoothed: npt.ArrayLike, suggestion: float
) -> Figure:
    """Draw the loss of each batch by its learning rate, smoothed, with the rate that is suggested.

    Args:
        rates: one a step, as ``lampas.lr_find`` gives them.
        losses: of the batch at each rate.
        smoothed: the same, smoothed.
        suggestion: a rate, which is marked.

    Raises:
        DataError: when there are no rates, or not as many losses.
    """
    each = [np.asarray(values, np.float64) for values in (rates, losses, smoothed)]
    if each[0].size == 0 or len({values.shape for values in each}) > 1:
        shapes = ", ".join(str(values.shape) for values in each)
        raise DataError(f"A range test has a loss for each rate, got shapes {shapes}.")
    figure = new_figure(WIDTH, 3.0)
    ax = figure.subplots()
    ax.plot(each[0], each[1], color=MUTED, alpha=0.5, linewidth=0.8, label="loss of the batch")
    ax.plot(each[0], each[2], color=SEA, label="smoothed")
    ax.axvline(suggestion, color=FLAME, linestyle="--", label=f"suggested: {suggestion:.2g}")
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter("")
    ax.set_ylim(0, 1.5 * max(each[2][0], each[2].min()))
    ax.set_xlabel("learning rate")
    ax.set_ylabel("loss")
    figure.legend(loc="outside upper left", ncols=3)
    return figure
