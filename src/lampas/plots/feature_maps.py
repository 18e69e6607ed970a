"""What each layer makes of one picture.

What a first convolution looks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..core.errors import ShapeError, show_shape
from .colors import Floats, Pixels, diverging, embers, mosaic, outline
from .images import show_picture
from .style import INK, MUTED, WIDTH, drawing, new_canvas, place

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MOST = 8
MOST_LAYERS = 7
GAP = 0.1
LABEL = 0.34
ROW_GAP = 0.2
PICTURE = 1.3
NOTE = 0.25


@drawing
def feature_maps(maps: Mapping[str, npt.ArrayLike], image: npt.ArrayLike) -> Figure:
    """Draw a picture, and for each layer a strip of up to eight of its feature maps.

    Where a layer has more channels than eight, those that vary most are shown, in their order; of
    more layers than seven, the first, the last and those evenly between.
    Each map has its own scale, from its lowest value (dark) to its highest (light).

    Args:
        maps: layer name -> ``(height, width, channels)``, from the first layer to the last.
        image: ``(height, width)`` or ``(height, width, channels)``, as for ``pictures``.

    Raises:
        ShapeError: a layer's maps have not three axes.
    """
    layers = {name: _checked(name, np.asarray(value)) for name, value in maps.items()}
    chosen = evenly(list(layers), MOST_LAYERS)
    side = (WIDTH - PICTURE - 0.3 - (MOST - 1) * GAP) / MOST
    heights = [side * _aspect(layers[name]) for name in chosen]
    picture = show_picture(image)
    tall = PICTURE * _aspect(picture)
    total = sum(LABEL + height + ROW_GAP for height in heights) - ROW_GAP
    note = NOTE if len(chosen) < len(layers) else 0
    figure = new_canvas(WIDTH, max(total, LABEL + tall + note))
    _label(figure, 0, 0, "picture", f"{picture.shape[0]}×{picture.shape[1]}")
    _show(figure, picture, 0, LABEL, PICTURE, tall)
    if note:
        of = f"{len(chosen)} of {len(layers)} layers"
        y = 1 - (LABEL + tall + 0.08) / figure.get_figheight()
        figure.text(0, y, of, fontsize=7.5, color=MUTED, va="top")
    top = 0.0
    for name, height in zip(chosen, heights, strict=True):
        _strip(figure, name, layers[name], top, side, height)
        top += LABEL + height + ROW_GAP
    return figure


def evenly(names: list[str], most: int) -> list[str]:
    """At most so many of the names: the first, the last and those evenly between."""
    places = np.linspace(0, len(names) - 1, min(most, len(names)))
    return [names[round(place)] for place in places]


def most_varied(layer: Floats, most: int = MOST) -> npt.NDArray[np.intp]:
    """The channels of ``(height, width, channels)`` that vary most over the picture, in order."""
    spread = np.nan_to_num(layer.std(axis=(0, 1)))
    return np.sort(np.argsort(-spread, kind="stable")[:most])


def _checked(name: str, layer: npt.NDArray[np.generic]) -> Floats:
    if layer.ndim != 3 or not layer.size:
        raise ShapeError(
            f"The feature maps of {name!r} are {show_shape(layer.shape)}, "
            f"not (height, width, channels)."
        )
    return layer.astype(np.float64)


def _aspect(layer: npt.NDArray[np.generic]) -> float:
    return float(layer.shape[0] / layer.shape[1])


def _strip(
    figure: Figure, name: str, layer: Floats, top: float, side: float, height: float
) -> None:
    left = PICTURE + 0.3
    tall, wide, count = layer.shape
    chosen = most_varied(layer)
    of = f"{count} maps" if len(chosen) == count else f"{len(chosen)} of {count} maps"
    _label(figure, left, top, name, f"{tall}×{wide}, {of}")
    for position, channel in enumerate(chosen):
        x = left + position * (side + GAP)
        _show(figure, _stretched(layer[..., channel]), x, top + LABEL, side, height)


def _stretched(values: Floats) -> Pixels:
    values = np.nan_to_num(values)
    low, high = float(values.min()), float(values.max())
    return embers((values - low) / (high - low) if high > low else np.zeros_like(values))


def _label(figure: Figure, left: float, top: float, name: str, facts: str) -> None:
    width, height = figure.get_size_inches()
    x, y = left / width, 1 - top / height
    figure.text(x, y, name, fontsize=8.5, fontweight="bold", color=INK, va="top")
    figure.text(x, y - 0.15 / height, facts, fontsize=7.5, color=MUTED, va="top")


def _show(
    figure: Figure, picture: Pixels, left: float, top: float, width: float, height: float
) -> None:
    ax = place(figure, left, top, width, height)
    ax.imshow(picture, interpolation="none" if max(picture.shape) <= 128 else "antialiased")
    outline(ax)


MAX_FILTERS = 96
TITLE_HEIGHT = 0.32
LARGEST = 0.85


@drawing
def filters(kernel: npt.ArrayLike) -> Figure:
    """Draw the filters of a convolution, up to 96 of them, all on one scale.

    One input channel: blue below zero, orange above, clear at zero. Three: as colours, with grey
    for zero. Any other number: the length of the weight vector over the input channels.

    Args:
        kernel: ``(height, width, input channels, filters)``.

    Raises:
        ShapeError: the kernel has not four axes.
    """
    weights = np.asarray(kernel, dtype=np.float64)
    if weights.ndim != 4 or not weights.size:
        raise ShapeError(
            f"A kernel is (height, width, input channels, filters); "
            f"this one is {show_shape(weights.shape)}."
        )
    tiles, meaning = _shade(np.moveaxis(weights, -1, 0))
    shown = tiles[:MAX_FILTERS]
    columns = _columns(len(shown))
    grid = mosaic(shown, columns)
    width = min(WIDTH, LARGEST * columns)
    height = width * grid.shape[0] / grid.shape[1]
    figure = new_canvas(WIDTH, height + TITLE_HEIGHT)
    of = f"{len(tiles)}" if len(shown) == len(tiles) else f"{len(shown)} of {len(tiles)}"
    title = f"{of} filters, {weights.shape[0]}×{weights.shape[1]}.  {meaning}"
    figure.text(0, 1, title, fontsize=8.5, color=MUTED, va="top")
    place(figure, 0, TITLE_HEIGHT, width, height).imshow(grid, interpolation="none")
    return figure


def _shade(weights: Floats) -> tuple[Pixels, str]:
    """``(filters, height, width, channels)`` -> pixels ``(filters, height, width, 4)``, meaning."""
    channels = weights.shape[-1]
    largest = max(float(np.abs(weights).max()), 1e-12)
    if channels == 1:
        return diverging(weights[..., 0] / largest), "Blue: below zero; orange: above zero"
    if channels == 3:
        colours = np.rint(127.5 + 127.5 * weights / largest).astype(np.uint8)
        opaque = np.full((*colours.shape[:-1], 1), 255, dtype=np.uint8)
        return np.concatenate([colours, opaque], axis=-1), "Red, green and blue; grey: zero"
    length = np.linalg.norm(weights, axis=-1)
    return embers(length / max(float(length.max()), 1e-12)), f"Norm over {channels} input channels"


def _columns(count: int) -> int:
    """A row length that fills its rows where one in reach does, and is never longer than 16."""
    if count <= 8:
        return count
    widths = range(16, 7, -1)
    return min(widths, key=lambda width: (-count % width, -width))
