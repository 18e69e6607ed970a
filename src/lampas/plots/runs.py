"""Runs side by side: how far training and validation come apart in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import DataError, unknown_name
from .style import FLAME, MUTED, SEA, WIDTH, drawing, new_figure
from .training import PREFIX, Panel, pair

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS = 3
GAP_OPACITY = 0.22
LONGEST_NAME = 26


@drawing
def compared(
    histories: Mapping[str, Mapping[str, Sequence[float]]], metric: str = "loss"
) -> Figure:
    """Draw one metric of several runs on shared axes, training against validation.

    The gap between the two is shaded, and the last epoch's stands under the run's name: where it is
    wide the network knows its training data better than the world.

    Args:
        histories: name of the run -> its history: metric -> one value an epoch.
        metric: ``"loss"`` or ``"accuracy"``, say; its ``val_`` twin is the validation.

    Raises:
        DataError: there is no run, or one has no finite value of the metric or of its twin.
        UnknownNameError: a run has no such metric, or did not measure it on validation data.
    """
    if not histories:
        raise DataError("There is no run to compare.")
    panels = [_panel(name, history, metric) for name, history in histories.items()]
    columns = 2 if len(panels) == 4 else min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    figure = new_figure(WIDTH, 0.4 + 2.6 * rows)
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for ax, panel in zip(axes, panels, strict=False):
        _draw(ax, panel)
    for ax in axes[len(panels) :]:
        ax.remove()
    _label(list(axes[: len(panels)]), columns, metric)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=3)
    return figure


def last_gap(panel: Panel) -> float:
    """Validation - training in the last epoch in which both are finite; NaN without such."""
    epochs = min(panel.training.size, panel.validation.size)
    gaps = panel.validation[:epochs] - panel.training[:epochs]
    known = gaps[np.isfinite(gaps)]
    return float(known[-1]) if known.size else float("nan")


def _panel(name: str, history: Mapping[str, Sequence[float]], metric: str) -> Panel:
    for wanted in (metric, PREFIX + metric):
        if wanted not in history:
            raise unknown_name(f"metric of the run {name!r}:", wanted, history)
    (panel,) = pair({key: history[key] for key in (metric, PREFIX + metric)})
    if not np.isfinite(last_gap(panel)):
        raise DataError(f"The run {name!r} has no epoch with a finite {metric} on both sides.")
    return panel._replace(name=name)


def _draw(ax: Axes, panel: Panel) -> None:
    sides = ((panel.training, "training", SEA), (panel.validation, "validation", FLAME))
    for values, label, colour in sides:
        epochs = np.arange(1, values.size + 1)
        alone = "o" if values.size == 1 else None
        ax.plot(epochs, values, color=colour, label=label, marker=alone, ms=4)
    both = min(panel.training.size, panel.validation.size)
    ax.fill_between(
        np.arange(1, both + 1),
        panel.training[:both],
        panel.validation[:both],
        color=FLAME,
        alpha=GAP_OPACITY,
        linewidth=0,
        label="gap: validation − training",
    )
    name = panel.name
    short = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
    ax.set_title(short, fontsize=9, pad=19)
    gap = f"final gap {last_gap(panel):+.3g}".replace("-", "−")
    ax.annotate(
        gap, (0, 1), xytext=(0, 7), xycoords="axes fraction", textcoords="offset points",
        fontsize=8.5, color=MUTED,
    )  # fmt: skip


def _label(axes: Sequence[Axes], columns: int, metric: str) -> None:
    """Name the outer axes; panels above an empty place show their epochs themselves."""
    from matplotlib.ticker import MaxNLocator

    axes[0].xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    for index, ax in enumerate(axes):
        if index % columns == 0:
            ax.set_ylabel(metric.replace("_", " "))
        if index + columns >= len(axes):
            ax.set_xlabel("epoch")
            ax.tick_params(labelbottom=True)
