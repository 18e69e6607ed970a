"""The common style of all figures.

Figures use matplotlib's object API only (no pyplot, no global state), so they are safe in threads,
servers and notebooks. matplotlib is imported when the first figure is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from .errors import PlotError

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes
    from matplotlib.figure import Figure as Figure
else:  # annotations need no matplotlib
    Axes = Figure = Any

# In the HTML report these four become CSS variables, which depend on light or dark mode.
INK = "#1b2433"
MUTED = "#667080"
GRID = "#dde2e9"
GROUND = "#fefefe"

SEA = "#2f7fbf"
FLAME = "#e2710f"
# For text on a strong color, in light and dark mode.
SOOT = "#14100c"

# Distinguishable with red, green or blue color blindness (the tests check how well), and visible on
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
    # A class named "$x$" is not a formula.
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
    """Use the Lampas style inside a ``with`` block; matplotlib's settings are restored after it.

    Raises:
        PlotError: if matplotlib is not installed.
    """
    try:
        import matplotlib
    except ImportError as error:
        raise PlotError(
            "Figures are drawn with matplotlib, which is not installed. "
            "Install it with: pip install 'lampas[app]'"
        ) from error
    with matplotlib.rc_context(cast(Any, RC)):
        yield


styled = style()
"""Decorates a function so that it draws inside ``style()``."""


def new_figure(width: float, height: float, automatic_layout: bool = True) -> Figure:
    """Return an empty figure of ``width`` by ``height`` inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained" if automatic_layout else None)


def new_axes(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure of ``width`` by ``height`` inches, and its only axes."""
    figure = new_figure(width, height)
    return figure, figure.subplots()


def new_panels(
    count: int, columns: int, top: float, height: float, share: bool = False
) -> tuple[Figure, list[Axes]]:
    """Return a figure of full width, and ``count`` axes in rows of ``columns``.

    There are ``height`` inches for each row below ``top`` inches; with ``share`` all have the same
    limits.
    """
    rows = -(-count // columns)
    figure = new_figure(WIDTH, top + height * rows)
    axes = figure.subplots(rows, columns, sharex=share, sharey=share, squeeze=False).ravel()
    for ax in axes[count:]:
        ax.remove()
    return figure, list(axes[:count])


def add_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes without a frame at a position in inches from the figure's upper left corner."""
    full_width, full_height = figure.get_size_inches()
    bottom = full_height - top - height
    box = (left / full_width, bottom / full_height, width / full_width, height / full_height)
    axes = figure.add_axes(box)
    axes.set_axis_off()
    return axes
