"""Activations, gradients and updates by layer during training, and gradients through time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError
from .style import FLAME, MUTED, PALETTE, SEA, WIDTH, Axes, Figure, new_axes, new_panels, styled

Curves = Mapping[str, npt.ArrayLike]

TYPICAL_RATIO = 1e-3
"""Update over weight; a rule of thumb (A. Karpathy, notes to Stanford's CS231n)."""
MAX_LABELS = 12


@styled
def health(
    steps: npt.ArrayLike,
    activations: Curves,
    gradients: Curves,
    updates: Curves,
    silent: Curves | None = None,
) -> Figure:
    """Draw the measurements of a health monitor: a line per layer, a panel per quantity.

    Colors change from the first layer to the last, so that a fan of lines shows a trend with depth.
    The second kernel of a layer is dashed. Values of 0 leave a gap on a logarithmic axis.

    Args:
        steps: training steps of the measurements, ``(samples,)``.
        activations: layer -> root mean square of its outputs, ``(samples,)``.
        gradients: kernel -> norm of the gradient over norm of the weight, ``(samples,)``; kernels
            are named ``"layer/kernel"``.
        updates: kernel -> norm of the update over norm of the weight, ``(samples,)``.
        silent: layer -> share of dead units or saturated outputs, ``(samples,)``.

    Raises:
        DataError: if there are no measurements, or a line is not as long as ``steps``.
    """
    at = np.asarray(steps, np.float64).ravel()
    panels = {
        "size of outputs": activations,
        "gradient / weight": gradients,
        "update / weight": updates,
        "dead or saturated": silent or {},
    }
    panels = {title: curves for title, curves in panels.items() if curves}
    if at.size == 0 or not panels:
        advice = "train for more steps, or pass one line per layer"
        raise DataError(f"There are no measurements: {advice}.")
    for title, curves in panels.items():
        for name, values in curves.items():
            if (size := np.size(values)) != at.size:
                raise DataError(f"{title} of {name} has {size} values for {at.size} steps.")
    colors = _by_depth(list(activations))
    figure, axes = new_panels(len(panels), min(2, len(panels)), top=0.6, height=2.3)
    for ax, (title, curves) in zip(axes, panels.items(), strict=True):
        _draw(ax, title, at, curves, colors)
    _legend(figure, colors)
    return figure


def _by_depth(layers: Sequence[str]) -> dict[str, str]:
    """A color for each layer, from a gradient between first and last."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    gradient = LinearSegmentedColormap.from_list("depth", [SEA, "#8a5a83", FLAME])
    positions = np.linspace(0, 1, max(2, len(layers)))
    return {path: to_hex(gradient(at)) for path, at in zip(layers, positions, strict=False)}


def _draw(
    ax: Axes, title: str, at: npt.NDArray[np.float64], curves: Curves, colors: Mapping[str, str]
) -> None:
    shares, drawn = title == "dead or saturated", set()
    for name, values in curves.items():
        line = np.asarray(values, np.float64).ravel()
        layer = _layer(name, colors)
        line = line if shares else np.where(line > 0, line, np.nan)
        style = (0, (3, 1.5)) if layer in drawn else "-"
        drawn.add(layer)
        marker = "o" if at.size <= 3 else None
        ax.plot(at, line, color=colors.get(layer, MUTED), ls=style, lw=1.4, marker=marker, ms=3)
    ax.set_title(title)
    ax.set_xlabel("step")
    if shares:
        ax.set_ylim(-0.02, 1.02)
        ax.yaxis.set_major_formatter("{x:.0%}")
    else:
        _logarithmic(ax)
    if title == "update / weight":
        ax.axhline(TYPICAL_RATIO, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))


def _logarithmic(ax: Axes) -> None:
    """Use a logarithmic axis of whole decades, so that at least two ticks have a label."""
    values = np.concatenate([np.asarray(line.get_ydata(), np.float64) for line in ax.lines])
    values = np.log10(values[np.isfinite(values)])
    ax.set_yscale("log")
    if values.size:
        ax.set_ylim(10 ** (np.floor(values.min()) - 0.05), 10 ** (np.ceil(values.max()) + 0.05))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter("")


def _layer(name: str, colors: Mapping[str, str]) -> str:
    """The layer that a kernel belongs to."""
    while name and name not in colors:
        name = name.rpartition("/")[0]
    return name


def _legend(figure: Figure, colors: Mapping[str, str]) -> None:
    """Add a legend of the layers; of many, some that are evenly spaced."""
    from matplotlib.lines import Line2D

    names = list(colors)
    chosen = np.unique(np.linspace(0, len(names) - 1, min(len(names), MAX_LABELS)).astype(int))
    handles = [Line2D([], [], color=colors[names[i]], label=names[i]) for i in chosen]
    if handles:
        figure.legend(handles=handles, loc="outside upper left", ncols=min(4, len(handles)))


@styled
def gradient_through_time(norms: Mapping[str, npt.ArrayLike]) -> Figure:
    """Draw the norm of the gradient at each time step, one line per network or layer.

    The last step is at the right: gradients that fall to the left vanish, those that rise explode.
    Norms of 0 leave a gap.

    Args:
        norms: name -> one value per step, as ``lampas.gradient_flow`` returns them.

    Raises:
        DataError: if there is no line, or a line has no steps.
    """
    lines = {name: np.asarray(values, np.float64).ravel() for name, values in norms.items()}
    if not lines or min(line.size for line in lines.values()) == 0:
        raise DataError("There is no gradient to draw: pass one value per step.")
    figure, ax = new_axes(WIDTH, 3.0)
    for (name, line), color in zip(lines.items(), cycle(PALETTE), strict=False):
        offsets = np.arange(1 - line.size, 1)
        ax.plot(offsets, np.where(line > 0, line, np.nan), label=name, color=color)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.set_xlabel("steps before the last one")
    ax.set_ylabel("norm of the gradient")
    ax.grid(axis="y", color=MUTED, alpha=0.2)
    figure.legend(loc="outside upper left", ncols=min(len(lines), 4))
    return figure
