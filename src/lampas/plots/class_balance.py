"""Bar chart of the number of examples per class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError
from .formatting import display_text, shorten
from .style import GRID, INK, MUTED, PALETTE, WIDTH, Axes, Figure, new_axes, styled

Counts = npt.NDArray[np.int64]
ClassCounts = Mapping[str, int] | Mapping[str, Mapping[str, int]]

PITCH = 0.27
MAX_HEIGHT = 6.5
LINE_HEIGHT = 0.11
"""Inches that a line of the smallest letters needs."""
MAX_NAME_LENGTH = 24


@styled
def class_balance(counts: ClassCounts) -> Figure:
    """Draw a horizontal bar for each class, in the order of ``counts``.

    With several splits the bars are stacked. The title compares the largest class with the
    smallest. If there are many classes, only some are named.

    Args:
        counts: class -> number of examples; or split -> the same:
            ``{"training": {"cat": 40, "dog": 60}, "test": {"cat": 10, "dog": 15}}``.

    Raises:
        DataError: if there is no class, or a count is negative.
    """
    splits, classes, table = _table(counts)
    height = float(np.clip(PITCH * len(classes), 0.8, MAX_HEIGHT))
    figure, ax = new_axes(WIDTH, height + (1.15 if splits else 0.85))
    positions, left = np.arange(len(classes)), np.zeros(len(classes), np.int64)
    for index, row in enumerate(table):
        label, color = splits[index] if splits else None, PALETTE[index % len(PALETTE)]
        ax.barh(positions, row, 0.72, left=left, color=color, label=label)
        left = left + row
    # Only every second or third class is named if there is no room for all.
    pitch = height / len(classes)
    step = int(np.ceil(LINE_HEIGHT / pitch))
    short = [shorten(name, MAX_NAME_LENGTH) for name in classes]
    font = float(np.clip(50 * pitch * step, 5.5, 8.5))
    ax.set_yticks(positions[::step], short[::step], fontsize=font, color=INK)
    ax.set_ylim(len(classes) - 0.4, -0.6)
    _count(ax, left, height)
    if splits:
        figure.legend(loc="outside upper left", ncols=min(6, len(splits)))
    return figure


def _table(counts: ClassCounts) -> tuple[list[str], list[str], Counts]:
    """Names of the splits (empty without splits) and classes, counts ``(splits, classes)``."""
    nested = any(isinstance(value, Mapping) for value in counts.values())
    by_split = cast(Mapping[str, Mapping[str, int]], counts if nested else {"": counts})
    classes = list(dict.fromkeys(name for split in by_split.values() for name in split))
    if not classes:
        raise DataError("There is no class to draw.")
    rows = [[split.get(name, 0) for name in classes] for split in by_split.values()]
    table = np.array(rows, np.int64)
    if table.min() < 0:
        name = classes[int(table.min(axis=0).argmin())]
        raise DataError(f"The class {name!r} has a count of {table.min()}; counts start at 0.")
    return (list(by_split) if nested else []), classes, table


def describe_balance(totals: Counts) -> str:
    """Compare the sizes of the classes in a few words."""
    smallest, largest = int(totals.min()), int(totals.max())
    number = f"{len(totals)} classes, {display_text(int(totals.sum()))} examples"
    if smallest == largest:
        return f"{number}: all of equal size"
    if smallest == 0:
        return f"{number}; {int((totals == 0).sum())} without examples"
    return f"{number}; the largest class is {largest / smallest:.3g} times the smallest"


def _count(ax: Axes, totals: Counts, height: float) -> None:
    """Write count and share at the end of each bar, if there is room."""
    from matplotlib.ticker import MaxNLocator

    ax.set_title(describe_balance(totals), fontsize=8.5, fontweight="normal", color=MUTED)
    ax.set_xlabel("examples")
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.grid(False)
    ax.grid(True, axis="x", color=GRID)
    ax.set_xlim(0, max(1, float(totals.max())) * 1.14)
    if height / len(totals) < LINE_HEIGHT:
        return
    font = min(8, 50 * height / len(totals))
    for y, total in enumerate(totals):
        text = f"{display_text(int(total))} ({total / max(1, totals.sum()):.0%})"
        ax.annotate(text, (total, y), (4, 0), textcoords="offset points", va="center", size=font)
