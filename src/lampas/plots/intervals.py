"""Estimates with their confidence intervals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..core.errors import DataError
from .formatting import display_text, shorten
from .style import GRID, INK, PALETTE, SEA, Figure, new_axes, styled

WIDE, PITCH = 5.3, 0.42
MAX_NAME_LENGTH = 28


@styled
def intervals(
    estimates: Mapping[str, tuple[float, float, float]], label: str, percent: bool = False
) -> Figure:
    """Draw a dot with whiskers for each method.

    Args:
        estimates: method name -> estimate, lower and upper bound of its interval.
        label: what is estimated.
        percent: whether the numbers are shares, to be written in percent.

    Raises:
        DataError: if there is no method, or a number is not finite.
    """
    table = np.array(list(estimates.values()), np.float64).reshape(-1, 3) * (100 if percent else 1)
    if not table.size or not np.isfinite(table).all():
        raise DataError(f"Every method needs three finite numbers, got {dict(estimates)}.")
    figure, ax = new_axes(WIDE, 0.75 + PITCH * len(table))
    colors = PALETTE if len(table) <= len(PALETTE) else [SEA] * len(table)
    for position, ((value, low, high), color) in enumerate(zip(table, colors, strict=False)):
        ax.plot([low, high], [position, position], color=color, lw=2.2)
        ax.plot([value], [position], "o", ms=7, color=color)
        ax.annotate(
            f"{value:.1f}%" if percent else display_text(float(f"{value:.3g}")),
            (value, position), (0, 6), textcoords="offset points", ha="center", fontsize=8,
        )  # fmt: skip
    short = [shorten(name, MAX_NAME_LENGTH) for name in estimates]
    ax.set_yticks(range(len(table)), short, color=INK)
    ax.set_ylim(len(table) - 0.5, -0.7)
    ax.grid(False)
    ax.grid(True, axis="x", color=GRID)
    ax.set_xlabel(f"{label} in percent" if percent else label)
    return figure
