"""How a network fared while it learnt: sizes of outputs, gradients and updates, silent units.

How much of the error's gradient arrives at each step: does it vanish or explode?
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError
from .style import FLAME, MUTED, PALETTE, SEA, WIDTH, drawing, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


Curves = Mapping[str, npt.ArrayLike]

USUAL_RATIO = 1e-3
"""Update over weight; a rule of thumb (A. Karpathy, notes to Stanford's CS231n)."""
MOST_LABELS = 12


@drawing
def health(
    steps: npt.ArrayLike,
    activations: Curves,
    gradients: Curves,
    updates: Curves,
    silent: Curves | None = None,
) -> Figure:
    """Draw what ``lampas.Monitor`` has measured: a line for each layer, a panel for each quantity.

    Colours go from the first layer to the last, so a fan of lines shows what changes with depth. A
    second kernel of a layer is dashed. Values of 0 leave a gap where the axis is logarithmic.

    Args:
        steps: when it was measured, ``(samples,)``.
        activations: layer -> root mean square of its outputs, ``(samples,)``.
        gradients: kernel -> gradient over weight, as long; kernels are named ``"layer/kernel"``.
        updates: kernel -> update over weight, as long.
        silent: layer -> share of dead units or saturated outputs, as long.

    Raises:
        DataError: nothing was measured, or a line is not as long as ``steps``.
    """
    at = np.asarray(steps, np.float64).ravel()
    panels = {
        "size of outputs": activations,
        "gradient / weight": gradients,
        "update / weight": updates,
        "dead or saturated": silent or {},
    }
    panels = {title: curves for title, curves in panels.items() if curves}
    _check(at, panels)
    colours = _by_depth(list(activations))
    rows = -(-len(panels) // 2)
    figure = new_figure(WIDTH, 0.6 + 2.3 * rows)
    axes = figure.subplots(rows, min(2, len(panels)), squeeze=False).ravel()
    for ax, (title, curves) in zip(axes, panels.items(), strict=False):
        _draw(ax, title, at, curves, colours)
    for ax in axes[len(panels) :]:
        ax.remove()
    _legend(figure, colours)
    return figure


def _check(at: npt.NDArray[np.float64], panels: Mapping[str, Curves]) -> None:
    if at.size == 0 or not panels:
        raise DataError("Nothing was measured: let the fit run longer, or give a line a layer.")
    for title, curves in panels.items():
        for name, values in curves.items():
            if np.size(values) != at.size:
                raise DataError(
                    f"{title} of {name} has {np.size(values)} values for {at.size} steps."
                )


def _by_depth(layers: Sequence[str]) -> dict[str, str]:
    """A colour for each layer, on the way from the first one's to the last one's."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    shades = LinearSegmentedColormap.from_list("depth", [SEA, "#8a5a83", FLAME])
    places = np.linspace(0, 1, max(2, len(layers)))
    return {path: to_hex(shades(place)) for path, place in zip(layers, places, strict=False)}


def _draw(
    ax: Axes, title: str, at: npt.NDArray[np.float64], curves: Curves, colours: Mapping[str, str]
) -> None:
    shares, drawn = title == "dead or saturated", set()
    for name, values in curves.items():
        line = np.asarray(values, np.float64).ravel()
        layer = _layer(name, colours)
        style = (0, (3, 1.5)) if layer in drawn else "-"
        drawn.add(layer)
        ax.plot(
            at,
            line if shares else np.where(line > 0, line, np.nan),
            color=colours.get(layer, MUTED),
            linestyle=style,
            linewidth=1.4,
            marker="o" if at.size <= 3 else None,
            markersize=3,
        )
    ax.set_title(title)
    ax.set_xlabel("step")
    if shares:
        ax.set_ylim(-0.02, 1.02)
        ax.yaxis.set_major_formatter("{x:.0%}")
    else:
        _logarithmic(ax)
    if title == "update / weight":
        ax.axhline(USUAL_RATIO, color=MUTED, linewidth=1, linestyle=(0, (1, 2)))


def _logarithmic(ax: Axes) -> None:
    """Whole decades, so that two ticks or more have a number."""
    from matplotlib.ticker import NullFormatter

    seen = np.concatenate([np.asarray(line.get_ydata(), np.float64) for line in ax.lines])
    seen = np.log10(seen[np.isfinite(seen)])
    ax.set_yscale("log")
    if seen.size:
        ax.set_ylim(10 ** (np.floor(seen.min()) - 0.05), 10 ** (np.ceil(seen.max()) + 0.05))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())


def _layer(name: str, colours: Mapping[str, str]) -> str:
    """The layer that a kernel is in."""
    while name and name not in colours:
        name = name.rpartition("/")[0]
    return name


def _legend(figure: Figure, colours: Mapping[str, str]) -> None:
    """The layers by colour; of many, some from the first to the last."""
    from matplotlib.lines import Line2D

    names = list(colours)
    chosen = np.unique(np.linspace(0, len(names) - 1, min(len(names), MOST_LABELS)).astype(int))
    handles = [Line2D([], [], color=colours[names[i]], label=names[i]) for i in chosen]
    if handles:
        figure.legend(handles=handles, loc="outside upper left", ncols=min(4, len(handles)))


@drawing
def gradient_through_time(norms: Mapping[str, npt.ArrayLike]) -> Figure:
    """Draw the norm of the gradient at each step, one line for each network or layer.

    The last step is at the right: a line that falls to the left vanishes, one that rises explodes.
    Norms of 0 leave a gap.

    Args:
        norms: name -> one value for each step, as ``lampas.gradient_flow`` gives them.

    Raises:
        DataError: there is no line, or a line without steps.
    """
    lines = {name: np.asarray(values, np.float64).ravel() for name, values in norms.items()}
    if not lines or min(line.size for line in lines.values()) == 0:
        raise DataError("There is no gradient to draw: give one value for each step.")
    figure = new_figure(WIDTH, 3.0)
    ax = figure.subplots()
    for (name, line), colour in zip(lines.items(), cycle(PALETTE), strict=False):
        back = np.arange(1 - line.size, 1)
        ax.plot(back, np.where(line > 0, line, np.nan), label=name, color=colour)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter("{x:g}")
    ax.set_xlabel("steps before the last one")
    ax.set_ylabel("norm of the gradient")
    ax.grid(axis="y", color=MUTED, alpha=0.2)
    figure.legend(loc="outside upper left", ncols=min(len(lines), 4))
    return figure
