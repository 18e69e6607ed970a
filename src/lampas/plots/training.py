"""Learning curves, and the loss by learning rate of a range test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError
from .style import FLAME, GROUND, MUTED, SEA, WIDTH, Axes, Figure, new_axes, new_panels, styled

Values = npt.NDArray[np.float64]

PREFIX = "val_"
DECADES_FOR_LOG_SCALE = 2.0


class Panel(NamedTuple):
    """Name and values per epoch of a metric; training or validation may be empty."""

    name: str
    training: Values
    validation: Values


@styled
def training_curves(
    history: Mapping[str, Sequence[float] | npt.NDArray[np.floating]], best_epoch: int | None = None
) -> Figure:
    """Draw ``loss`` with ``val_loss``, ``accuracy`` with ``val_accuracy``, and so on.

    A metric that decreases by two decades or more gets a logarithmic axis. Non-finite values leave
    a gap.

    Args:
        history: metric name -> one value per epoch.
        best_epoch: epoch to mark, counted from 0; the axis counts from 1, as progress bars do.

    Raises:
        DataError: if the history is empty, or has no epoch ``best_epoch``.
    """
    panels = pair_metrics(history)
    epochs = max((max(p.training.size, p.validation.size) for p in panels), default=0)
    if epochs == 0:
        raise DataError("The history is empty: train for at least one epoch before drawing it.")
    if best_epoch is not None and not 0 <= best_epoch < epochs:
        raise DataError(f"best_epoch is {best_epoch}, but the history has epochs 0..{epochs - 1}.")
    figure, axes = new_panels(len(panels), min(len(panels), 2), top=0.35, height=2.6)
    for ax, panel in zip(axes, panels, strict=True):
        _draw(ax, panel, best_epoch, epochs)
    _legend(figure)
    return figure


def pair_metrics(history: Mapping[str, Sequence[float] | npt.NDArray[np.floating]]) -> list[Panel]:
    """Pair each metric with its ``val_`` values, in the order of the history."""
    names = dict.fromkeys(name.removeprefix(PREFIX) for name in history)
    return [
        Panel(name, _finite(history.get(name, ())), _finite(history.get(PREFIX + name, ())))
        for name in names
    ]


def spans_decades(panel: Panel) -> bool:
    """Whether the metric is positive, decreases and spans at least two decades."""
    values = np.concatenate([panel.training, panel.validation])
    values = values[np.isfinite(values)]
    if values.size == 0 or values.min() <= 0:
        return False
    first = panel.training if panel.training.size else panel.validation
    falling = first[-1] < first[0] if np.isfinite(first[[0, -1]]).all() else True
    return bool(falling and np.log10(values.max() / values.min()) >= DECADES_FOR_LOG_SCALE)


def _finite(values: Sequence[float] | npt.NDArray[np.floating]) -> Values:
    array = np.asarray(values, dtype=np.float64).ravel()
    return np.where(np.isfinite(array), array, np.nan)


def _draw(ax: Axes, panel: Panel, best_epoch: int | None, epochs: int) -> None:
    from matplotlib.ticker import MaxNLocator

    ax.set_title(panel.name.replace("_", " "))
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    ax.set_xlim(*((0.5, 1.5) if epochs == 1 else (1 - 0.02 * epochs, epochs * 1.02)))
    if spans_decades(panel):
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter("")
    _line(ax, panel.training, "training", SEA)
    _line(ax, panel.validation, "validation", FLAME)
    if not np.isfinite(np.concatenate([panel.training, panel.validation])).any():
        ax.set_yticks([])
        ax.text(0.5, 0.5, "no finite value", transform=ax.transAxes, color=MUTED, ha="center")
    if best_epoch is not None:
        _mark(ax, panel, best_epoch)


def _line(ax: Axes, values: Values, label: str, color: str) -> None:
    if values.size == 0:
        return
    epochs = np.arange(1, values.size + 1)
    ax.plot(epochs, values, color=color, label=label)
    # Values without a finite neighbor, which a line would not show.
    finite = np.pad(np.isfinite(values), 1)
    isolated = finite[1:-1] & ~finite[:-2] & ~finite[2:]
    if isolated.any():
        size = 4 if isolated.sum() <= 40 else 2.2
        ax.plot(epochs[isolated], values[isolated], "o", ms=size, color=color)


def _mark(ax: Axes, panel: Panel, best_epoch: int) -> None:
    """Mark the best epoch by a dashed line and a ring, with its value in the title."""
    epoch = best_epoch + 1
    ax.axvline(epoch, color=MUTED, linewidth=1, linestyle=(0, (3, 2)), label=f"best: epoch {epoch}")
    has_validation = panel.validation.size > 0
    values, color = (panel.validation, FLAME) if has_validation else (panel.training, SEA)
    if best_epoch >= values.size or not np.isfinite(value := values[best_epoch]):
        return
    ax.plot([epoch], [value], "o", ms=6, mew=1.6, mec=color, color=GROUND, zorder=3)
    note = f"{value:.4g} at epoch {epoch}"
    ax.set_title(note, loc="right", fontweight="normal", fontsize=8.5, color=MUTED)


def _legend(figure: Figure) -> None:
    """Add one legend for all panels, each label once."""
    entries: dict[Any, Any] = {}
    for ax in figure.axes:
        handles, labels = ax.get_legend_handles_labels()
        entries |= zip(labels, handles, strict=True)
    if len(entries) > 1:
        handles, labels = list(entries.values()), list(entries)
        figure.legend(handles, labels, loc="outside upper left", ncols=len(labels))


@styled
def lr_range(
    rates: npt.ArrayLike,
    losses: npt.ArrayLike,
    smoothed: npt.ArrayLike,
    suggestion: float | None,
) -> Figure:
    """Draw the loss by learning rate, raw and smoothed, and mark the suggested rate.

    Args:
        rates: one learning rate per step, as ``lampas.lr_find`` returns them.
        losses: loss of the batch at each rate.
        smoothed: smoothed losses.
        suggestion: suggested learning rate, or None.

    Raises:
        DataError: if there are no rates, or rates and losses differ in number.
    """
    arrays = [np.asarray(values, np.float64) for values in (rates, losses, smoothed)]
    if arrays[0].size == 0 or len({values.shape for values in arrays}) > 1:
        shapes = ", ".join(str(values.shape) for values in arrays)
        raise DataError(f"A range test needs one loss per rate, got shapes {shapes}.")
    figure, ax = new_axes(WIDTH, 3.0)
    ax.plot(arrays[0], arrays[1], color=MUTED, alpha=0.5, linewidth=0.8, label="loss of the batch")
    ax.plot(arrays[0], arrays[2], color=SEA, label="smoothed")
    if suggestion is not None:
        ax.axvline(suggestion, color=FLAME, linestyle="--", label=f"suggested: {suggestion:.2g}")
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter("")
    ax.set_ylim(0, 1.5 * max(arrays[2][0], arrays[2].min()))
    ax.set_xlabel("learning rate")
    ax.set_ylabel("loss")
    figure.legend(loc="outside upper left", ncols=3)
    return figure
