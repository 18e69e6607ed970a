"""A function, and what was learned of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...core.errors import ShapeError, show_shape
from ..style import FLAME, INK, MUTED, WIDTH, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Values = npt.NDArray[np.float64]


@drawing
def fit_against_truth(
    x: npt.ArrayLike,
    truth: npt.ArrayLike,
    prediction: npt.ArrayLike,
    samples: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    label: str = "prediction",
) -> Figure:
    """Draw a function of one variable, its approximation, and beneath them the error.

    Args:
        x: ``(n,)`` or ``(n, 1)`` places, in any order.
        truth: ``(n,)`` or ``(n, 1)`` values of the function.
        prediction: ``(n,)`` or ``(n, 1)`` values of the approximation.
        samples: places and values that were trained on, ``(m,)`` each.
        label: what the approximation is called.

    Raises:
        ShapeError: the three do not have as many values as each other.
    """
    arrays = [np.asarray(values, dtype=np.float64) for values in (x, truth, prediction)]
    if len({array.size for array in arrays}) != 1 or not arrays[0].size:
        shapes = ", ".join(show_shape(array.shape) for array in arrays)
        raise ShapeError(
            f"x, truth and prediction need as many values as each other, not {shapes}."
        )
    order = np.argsort(arrays[0].ravel(), kind="stable")
    places, true, learned = (array.ravel()[order] for array in arrays)
    figure = new_figure(WIDTH, 4.6)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.15))
    if samples is not None:
        _samples(above, *samples)
    above.plot(
        places, true, color=INK, linewidth=1.4, linestyle=(0, (4, 2)), label="truth", zorder=3
    )
    above.plot(places, learned, color=FLAME, label=label)
    figure.legend(loc="outside upper left", ncols=3)
    _error(below, places, learned - true)
    return figure


def _samples(ax: Axes, x: npt.ArrayLike, y: npt.ArrayLike) -> None:
    places, values = np.ravel(x), np.ravel(y)
    size = 14 if places.size <= 300 else 5
    ax.scatter(
        places,
        values,
        s=size,
        color=MUTED,
        alpha=0.55,
        linewidths=0,
        label="samples",
        rasterized=places.size > 1500,
    )


def _error(ax: Axes, x: Values, error: Values) -> None:
    ax.axhline(0, color=MUTED, linewidth=0.8)
    ax.plot(x, error, color=FLAME, linewidth=1.2)
    ax.fill_between(x, error, color=FLAME, alpha=0.2, linewidth=0)
    ax.set_title("error")
    ax.set_xlabel("x")
    known = error[np.isfinite(error)]
    if known.size:
        largest, root = np.abs(known).max(), np.sqrt(np.mean(known**2))
        facts = f"largest {largest:.3g}, root mean square {root:.3g}"
        ax.set_title(facts, loc="right", fontsize=8.5, fontweight="normal", color=MUTED)
