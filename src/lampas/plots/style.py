"""One look for every picture: deep ink, a quiet grid, the flame of a torch as the accent.

Figures are made with matplotlib's object API alone (no pyplot, no global state), so they are safe
in threads, servers and notebooks. Nothing is imported from matplotlib until a figure is drawn.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, cast

from .errors import ReportError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

P = ParamSpec("P")

# These four follow the page: in the HTML report each becomes a CSS variable, light or dark.
INK = "#1b2433"
MUTED = "#667080"
GRID = "#dde2e9"
GROUND = "#fefefe"

SEA = "#2f7fbf"
FLAME = "#e2710f"
# For text on a strong colour: the same by day and by night.
SOOT = "#14100c"

# Told apart by people who see no red, no green or no blue (the tests check how well), and seen on
# white and on near-black.
PALETTE = (SEA, FLAME, "#7f35d8", "#9cb86a", "#843c4e", "#d6a3b2")

WIDTH = 7.5
"""Width in inches of a figure that fills the column of a report."""

RC: dict[str, Any] = {
    "figure.facecolor": GROUND,
    "figure.dpi": 100,
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 8.5,
    "text.color": INK,
    # A class called "$x$" is a name, not a formula.
    "text.parse_math": False,
    "axes.facecolor": "none",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.8,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "xtick.color": MUTED,
    "xtick.major.size": 3,
    "xtick.labelsize": 8,
    "ytick.color": MUTED,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
    "ytick.labelsize": 8,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "legend.handlelength": 1.2,
    "legend.columnspacing": 1.6,
    "legend.borderpad": 0,
    "svg.fonttype": "none",
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in the Lampas style inside the ``with``; outside it, matplotlib is as it was.

    Raises:
        ReportError: matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise ReportError(
            "Figures are drawn with matplotlib, which is not installed. "
            "Install it with: pip install 'lampas[app]'"
        ) from error
    with matplotlib.rc_context(cast(Any, RC)):
        yield


def drawing(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Make ``draw`` run inside ``style()``."""

    @functools.wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with style():
            return draw(*args, **kwargs)

    return styled


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of ``width`` by ``height`` inches that lays its axes out by itself."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def new_canvas(width: float, height: float) -> Figure:
    """An empty figure of ``width`` by ``height`` inches whose axes are placed by hand."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height))


def bare(axes: Axes) -> Axes:
    """Take ticks, grid and frame from ``axes``: what is left is a picture."""
    axes.set_axis_off()
    return axes


def place(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Bare axes at a place given in inches from the figure's upper left corner."""
    full_width, full_height = figure.get_size_inches()
    bottom = full_height - top - height
    box = (left / full_width, bottom / full_height, width / full_width, height / full_height)
    return bare(figure.add_axes(box))
