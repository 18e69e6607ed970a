"""How much of the error's gradient arrives at each step: does it vanish or explode?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError
from ..style import MUTED, PALETTE, WIDTH, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@drawing
def gradient_through_time(norms: Mapping[str, npt.ArrayLike]) -> Figure:
    """Draw the norm of the gradient at each step, one line for each network or layer.

    The last step is at the right: a line that falls to the left vanishes, one that rises explodes.
    Norms of 0 leave a gap.

    Args:
        norms: name -> one value for each step, as ``lampas.gradient_flow`` gives them.

    Raises:
        DataError: there is no line, or a line without steps.
    """
    lines = {name: np.asarray(values, np.float64).ravel() for name, values in norms.items()}
    if not lines or min(line.size for line in lines.values()) == 0:
        raise DataError("There is no gradient to draw: give one value for each step.")
    figure = new_figure(WIDTH, 3.0)
    ax = figure.subplots()
    for (name, line), colour in zip(lines.items(), cycle(PALETTE), strict=False):
        back = np.arange(1 - line.size, 1)
        ax.plot(back, np.where(line > 0, line, np.nan), label=name, color=colour)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.set_xlabel("steps before the last one")
    ax.set_ylabel("norm of the gradient")
    ax.grid(axis="y", color=MUTED, alpha=0.2)
    figure.legend(loc="outside upper left", ncols=min(len(lines), 4))
    return figure
