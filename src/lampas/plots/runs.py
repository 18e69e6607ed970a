"""Several runs side by side: training and validation of one metric."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..core.errors import DataError, unknown_name
from .formatting import shorten
from .style import FLAME, MUTED, SEA, Axes, Figure, new_panels, styled
from .training import PREFIX, Panel, pair_metrics

COLUMNS = 3
GAP_OPACITY = 0.22
MAX_NAME_LENGTH = 26


@styled
def compare_runs(
    histories: Mapping[str, Mapping[str, Sequence[float]]], metric: str = "loss"
) -> Figure:
    """Draw one metric of several runs on shared axes, training against validation.

    The gap between the two is shaded, and its final value is written below the run's name. A wide
    gap means overfitting.

    Args:
        histories: run name -> its history: metric -> one value per epoch.
        metric: metric to draw, ``"loss"`` or ``"accuracy"``; its validation values are those of
            ``"val_" + metric``.

    Raises:
        DataError: if there is no run, or a run has no finite value of the metric on both sides.
        UnknownNameError: if a run has no such metric, or no validation values of it.
    """
    if not histories:
        raise DataError("There is no run to compare.")
    panels = [_panel(name, history, metric) for name, history in histories.items()]
    columns = 2 if len(panels) == 4 else min(COLUMNS, len(panels))
    figure, axes = new_panels(len(panels), columns, 0.4, 2.6, share=True)
    for ax, panel in zip(axes, panels, strict=True):
        _draw(ax, panel)
    _label(axes, columns, metric)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=3)
    return figure


def last_gap(panel: Panel) -> float:
    """Return validation - training in the last epoch in which both are finite, or NaN."""
    epochs = min(panel.training.size, panel.validation.size)
    gaps = panel.validation[:epochs] - panel.training[:epochs]
    finite = gaps[np.isfinite(gaps)]
    return float(finite[-1]) if finite.size else float("nan")


def _panel(name: str, history: Mapping[str, Sequence[float]], metric: str) -> Panel:
    for key in (metric, PREFIX + metric):
        if key not in history:
            raise unknown_name(f"metric of the run {name!r}:", key, history)
    (panel,) = pair_metrics({key: history[key] for key in (metric, PREFIX + metric)})
    if not np.isfinite(last_gap(panel)):
        raise DataError(f"The run {name!r} has no epoch with finite {metric} and val_{metric}.")
    return panel._replace(name=name)


def _draw(ax: Axes, panel: Panel) -> None:
    lines = (panel.training, "training", SEA), (panel.validation, "validation", FLAME)
    for values, label, color in lines:
        epochs = np.arange(1, values.size + 1)
        marker_style = "o" if values.size == 1 else None
        ax.plot(epochs, values, color=color, label=label, marker=marker_style, ms=4)
    both = min(panel.training.size, panel.validation.size)
    x, training, validation = np.arange(1, both + 1), panel.training[:both], panel.validation[:both]
    gap = "gap: validation − training"
    ax.fill_between(x, training, validation, color=FLAME, alpha=GAP_OPACITY, lw=0, label=gap)
    ax.set_title(shorten(panel.name, MAX_NAME_LENGTH), fontsize=9, pad=19)
    ax.annotate(
        f"final gap {last_gap(panel):+.3g}".replace("-", "−"), (0, 1), xytext=(0, 7),
        xycoords="axes fraction", textcoords="offset points", fontsize=8.5, color=MUTED,
    )  # fmt: skip


def _label(axes: Sequence[Axes], columns: int, metric: str) -> None:
    """Label the outer axes; panels above an empty cell show their own epochs."""
    from matplotlib.ticker import MaxNLocator

    axes[0].xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    for index, ax in enumerate(axes):
        if index % columns == 0:
            ax.set_ylabel(metric.replace("_", " "))
        if index + columns >= len(axes):
            ax.set_xlabel("epoch")
            ax.tick_params(labelbottom=True)
