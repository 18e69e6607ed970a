"""Measured numbers side by side, each with how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..app.report.report import show
from ..core.errors import DataError
from .style import GRID, INK, PALETTE, SEA, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDE, PITCH = 5.3, 0.42
LONGEST_NAME = 28
SHARES = 100


@drawing
def intervals(
    found: Mapping[str, tuple[float, float, float]], label: str, share: bool = False
) -> Figure:
    """Draw a dot with whiskers for each method, in a colour of its own while there are few.

    Args:
        found: name of the method -> value, lower and upper end of its interval.
        label: what is measured.
        share: the numbers are shares, to be written in per cent.

    Raises:
        DataError: there is no method, or a number is not finite.
    """
    table = np.array(list(found.values()), np.float64).reshape(-1, 3) * (SHARES if share else 1)
    if not table.size or not np.isfinite(table).all():
        raise DataError(f"Every method needs three finite numbers to be drawn, got {dict(found)}.")
    figure = new_figure(WIDE, 0.75 + PITCH * len(table))
    ax = figure.subplots()
    colours = PALETTE if len(table) <= len(PALETTE) else [SEA] * len(table)
    for place, ((value, low, high), colour) in enumerate(zip(table, colours, strict=False)):
        ax.plot([low, high], [place, place], color=colour, lw=2.2)
        ax.plot([value], [place], "o", ms=7, color=colour)
        ax.annotate(
            f"{value:.1f}%" if share else show(float(f"{value:.3g}")), (value, place), (0, 6),
            textcoords="offset points", ha="center", fontsize=8,
        )  # fmt: skip
    short = [n if len(n) <= LONGEST_NAME else n[: LONGEST_NAME - 1] + "…" for n in found]
    ax.set_yticks(range(len(table)), short, color=INK)
    ax.set_ylim(len(table) - 0.5, -0.7)
    ax.grid(False)
    ax.grid(True, axis="x", color=GRID)
    ax.set_xlabel(f"{label}, in per cent" if share else label)
    return figure
