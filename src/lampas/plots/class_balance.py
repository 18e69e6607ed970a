"""How many examples there are of each class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from ..app.report.report import show
from ..core.errors import DataError
from .style import GRID, INK, MUTED, PALETTE, WIDTH, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Counts = npt.NDArray[np.int64]

PITCH = 0.27
TALLEST = 6.5
LEGIBLE = 0.11
"""Inches that a line of the smallest letters needs."""
LONGEST_NAME = 24


@drawing
def class_balance(counts: Mapping[str, int] | Mapping[str, Mapping[str, int]]) -> Figure:
    """Draw a bar for each class, as long as it has examples, in the order given.

    With several splits the bars are stacked. Above stands how much larger the largest class is than
    the smallest. Of many classes some go unnamed.

    Args:
        counts: class -> number of examples; or split -> the same:
            ``{"training": {"cat": 40, "dog": 60}, "test": {"cat": 10, "dog": 15}}``.

    Raises:
        DataError: there is no class, or a count is below zero.
    """
    splits, classes, table = _table(counts)
    height = float(np.clip(PITCH * len(classes), 0.8, TALLEST))
    figure = new_figure(WIDTH, height + (1.15 if splits else 0.85))
    ax = figure.subplots()
    places, left = np.arange(len(classes)), np.zeros(len(classes), np.int64)
    for index, row in enumerate(table):
        label = splits[index] if splits else None
        colour = PALETTE[index % len(PALETTE)]
        ax.barh(places, row, 0.72, left=left, color=colour, label=label)
        left = left + row
    _name(ax, classes, height)
    _count(ax, left, height)
    if splits:
        figure.legend(loc="outside upper left", ncols=min(6, len(splits)))
    return figure


def _table(
    counts: Mapping[str, int] | Mapping[str, Mapping[str, int]],
) -> tuple[list[str], list[str], Counts]:
    """Names of splits (none if there is no such division), of classes, ``(splits, classes)``."""
    nested = any(isinstance(value, Mapping) for value in counts.values())
    by_split = cast(Mapping[str, Mapping[str, int]], counts if nested else {"": counts})
    classes = list(dict.fromkeys(name for split in by_split.values() for name in split))
    if not classes:
        raise DataError("There is no class to count.")
    rows = [[split.get(name, 0) for name in classes] for split in by_split.values()]
    table = np.array(rows, np.int64)
    if table.min() < 0:
        at = classes[int(table.min(axis=0).argmin())]
        raise DataError(f"The class {at!r} is counted {table.min()} times; counts start at 0.")
    return (list(by_split) if nested else []), classes, table


def balance(totals: Counts) -> str:
    """What is to be said of the sizes of the classes."""
    smallest, largest = int(totals.min()), int(totals.max())
    number = f"{len(totals)} classes, {show(int(totals.sum()))} examples"
    if smallest == largest:
        return f"{number}: all of one size"
    if smallest == 0:
        return f"{number}; {int((totals == 0).sum())} without any"
    return f"{number}; the largest class has {largest / smallest:.3g} times the smallest's"


def _name(ax: Axes, classes: list[str], height: float) -> None:
    """Class names on the left, every second or third when there is no room for all."""
    pitch = height / len(classes)
    step = int(np.ceil(LEGIBLE / pitch))
    short = [n if len(n) <= LONGEST_NAME else n[: LONGEST_NAME - 1] + "…" for n in classes]
    font = float(np.clip(50 * pitch * step, 5.5, 8.5))
    ax.set_yticks(np.arange(0, len(classes), step), short[::step], fontsize=font, color=INK)
    ax.set_ylim(len(classes) - 0.4, -0.6)


def _count(ax: Axes, totals: Counts, height: float) -> None:
    """The count and share at the end of each bar, where they can be read."""
    from matplotlib.ticker import MaxNLocator

    ax.set_title(balance(totals), fontsize=8.5, fontweight="normal", color=MUTED)
    ax.set_xlabel("examples")
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.grid(False)
    ax.grid(True, axis="x", color=GRID)
    ax.set_xlim(0, max(1, float(totals.max())) * 1.14)
    if height / len(totals) < LEGIBLE:
        return
    font = min(8, 50 * height / len(totals))
    for place, total in enumerate(totals):
        text = f"{show(int(total))} ({total / max(1, totals.sum()):.0%})"
        ax.annotate(
            text, (total, place), (4, 0), textcoords="offset points", va="center", fontsize=font
        )
