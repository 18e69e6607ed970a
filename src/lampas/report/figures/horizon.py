"""How the error of a forecast grows with its distance."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError, ShapeError
from ..style import PALETTE, WIDTH, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TALLEST = 5.0
"""Errors above this many times the usual largest one, of forecasts that run away, are cut off."""


@drawing
def horizon(errors: Mapping[str, npt.ArrayLike], label: str = "root mean square error") -> Figure:
    """Draw the error of each method against the number of steps ahead, from 1.

    Args:
        errors: name of the method -> ``(steps,)``, as many steps in each.
        label: of the error.

    Raises:
        DataError: there is no method or no step.
        ShapeError: the methods have different numbers of steps.
    """
    lines = {name: np.ravel(np.asarray(values, np.float64)) for name, values in errors.items()}
    sizes = {name: values.size for name, values in lines.items()}
    if not any(sizes.values()):
        raise DataError("There is no error to draw.")
    if len(set(sizes.values())) > 1:
        shown = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise ShapeError(f"All methods need as many steps as each other: {shown}.")
    figure = new_figure(WIDTH, 3.4)
    ax = figure.subplots()
    for (name, values), colour in zip(lines.items(), cycle(PALETTE), strict=False):
        marker = "o" if values.size == 1 else None
        ax.plot(np.arange(1, values.size + 1), values, color=colour, label=name, marker=marker)
    ax.set_xlim(1, max(2, *sizes.values()))
    largest = [np.max(values) for values in lines.values()]
    ax.set_ylim(0, 1.05 * min(max(largest), TALLEST * float(np.median(largest))) or 1.0)
    ax.set_xlabel("steps ahead")
    ax.set_ylabel(label)
    figure.legend(loc="outside upper left", ncols=min(5, len(lines)))
    return figure
