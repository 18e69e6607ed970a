"""Feature maps of convolutional layers for one image, and filters of a convolution."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ..core.errors import ShapeError, format_shape
from .colors import Floats, Pixels, diverging, heat_colormap, mosaic, outline
from .images import displayable_image, draw_image
from .style import INK, MUTED, WIDTH, Figure, add_axes, new_figure, styled

MAX_MAPS = 8
MAX_LAYERS = 7
GAP = 0.1
LABEL_HEIGHT = 0.34
ROW_GAP = 0.2
IMAGE_WIDTH = 1.3
NOTE_HEIGHT = 0.25


@styled
def feature_maps(maps: Mapping[str, npt.ArrayLike], image: npt.ArrayLike) -> Figure:
    """Draw an image, and for each layer a row of up to eight of its feature maps.

    Of more than eight channels, those with the highest variance are shown, in their order; of more
    than seven layers, seven that are evenly spaced. Each map has its own scale, from its lowest
    value (dark) to its highest (light).

    Args:
        maps: layer name -> ``(height, width, channels)``, from the first layer to the last.
        image: ``(height, width)`` or ``(height, width, channels)``, as for ``image_grid``.

    Raises:
        ShapeError: if a layer's maps do not have three axes.
    """
    layers = {name: np.asarray(value, np.float64) for name, value in maps.items()}
    for name, layer in layers.items():
        if layer.ndim != 3 or not layer.size:
            raise ShapeError(
                f"The feature maps of {name!r} have shape {format_shape(layer.shape)}, not "
                "(height, width, channels)."
            )
    chosen = evenly_spaced(list(layers), MAX_LAYERS)
    first = IMAGE_WIDTH + 0.3
    side = (WIDTH - IMAGE_WIDTH - 0.3 - (MAX_MAPS - 1) * GAP) / MAX_MAPS
    heights = [side * _aspect(layers[name]) for name in chosen]
    pixels = displayable_image(image)
    image_height = IMAGE_WIDTH * _aspect(pixels)
    total = sum(LABEL_HEIGHT + height + ROW_GAP for height in heights) - ROW_GAP
    note_height = NOTE_HEIGHT if len(chosen) < len(layers) else 0
    figure = new_figure(WIDTH, max(total, LABEL_HEIGHT + image_height + note_height), False)
    _label(figure, 0, 0, "image", f"{pixels.shape[0]}×{pixels.shape[1]}")
    outline(draw_image(figure, pixels, 0, LABEL_HEIGHT, IMAGE_WIDTH, image_height))
    if note_height:
        text = f"{len(chosen)} of {len(layers)} layers"
        y = 1 - (LABEL_HEIGHT + image_height + 0.08) / figure.get_figheight()
        figure.text(0, y, text, fontsize=7.5, color=MUTED, va="top")
    top = 0.0
    for name, height in zip(chosen, heights, strict=True):
        rows, columns, count = layers[name].shape
        channels = highest_variance(layers[name])
        shown = f"{count} maps" if len(channels) == count else f"{len(channels)} of {count} maps"
        _label(figure, first, top, name, f"{rows}×{columns}, {shown}")
        for position, channel in enumerate(channels):
            pixels, left = _stretched(layers[name][..., channel]), first + position * (side + GAP)
            outline(draw_image(figure, pixels, left, top + LABEL_HEIGHT, side, height))
        top += LABEL_HEIGHT + height + ROW_GAP
    return figure


def evenly_spaced(names: list[str], max_names: int) -> list[str]:
    """Return at most ``max_names`` evenly spaced names, with the first and the last."""
    positions = np.linspace(0, len(names) - 1, min(max_names, len(names)))
    return [names[round(position)] for position in positions]


def highest_variance(layer: Floats, max_maps: int = MAX_MAPS) -> npt.NDArray[np.intp]:
    """Return the channels of ``(height, width, channels)`` with the highest variance, in order."""
    spread = np.nan_to_num(layer.std(axis=(0, 1)))
    return np.sort(np.argsort(-spread, kind="stable")[:max_maps])


def _aspect(layer: npt.NDArray[np.generic]) -> float:
    return float(layer.shape[0] / layer.shape[1])


def _stretched(values: Floats) -> Pixels:
    values = np.nan_to_num(values)
    low, high = float(values.min()), float(values.max())
    return heat_colormap((values - low) / (high - low) if high > low else np.zeros_like(values))


def _label(figure: Figure, left: float, top: float, name: str, details: str) -> None:
    width, height = figure.get_size_inches()
    x, y = left / width, 1 - top / height
    figure.text(x, y, name, fontsize=8.5, fontweight="bold", color=INK, va="top")
    figure.text(x, y - 0.15 / height, details, fontsize=7.5, color=MUTED, va="top")


MAX_FILTERS = 96
TITLE_HEIGHT = 0.32
MAX_FILTER_WIDTH = 0.85


@styled
def filters(kernel: npt.ArrayLike) -> Figure:
    """Draw up to 96 filters of a convolution, all on one scale.

    One input channel: blue below zero, orange above, transparent at zero. Three: as colors, with
    grey for zero. Any other number: the norm of the weights over the input channels.

    Args:
        kernel: ``(height, width, input channels, filters)``.

    Raises:
        ShapeError: if the kernel does not have four axes.
    """
    weights = np.asarray(kernel, dtype=np.float64)
    if weights.ndim != 4 or not weights.size:
        raise ShapeError(
            f"A kernel is (height, width, input channels, filters); "
            f"got {format_shape(weights.shape)}."
        )
    tiles, legend = _colored(np.moveaxis(weights, -1, 0))
    shown = tiles[:MAX_FILTERS]
    columns = _columns(len(shown))
    grid = mosaic(shown, columns)
    width = min(WIDTH, MAX_FILTER_WIDTH * columns)
    height = width * grid.shape[0] / grid.shape[1]
    figure = new_figure(WIDTH, height + TITLE_HEIGHT, False)
    number = f"{len(tiles)}" if len(shown) == len(tiles) else f"{len(shown)} of {len(tiles)}"
    title = f"{number} filters, {weights.shape[0]}×{weights.shape[1]}.  {legend}"
    figure.text(0, 1, title, fontsize=8.5, color=MUTED, va="top")
    add_axes(figure, 0, TITLE_HEIGHT, width, height).imshow(grid, interpolation="none")
    return figure


def _colored(weights: Floats) -> tuple[Pixels, str]:
    """``(filters, height, width, channels)`` -> pixels ``(filters, height, width, 4)``, legend."""
    channels = weights.shape[-1]
    largest = max(float(np.abs(weights).max()), 1e-12)
    if channels == 1:
        return diverging(weights[..., 0] / largest), "Blue: below zero; orange: above zero"
    if channels == 3:
        colors = np.rint(127.5 + 127.5 * weights / largest).astype(np.uint8)
        opaque = np.full((*colors.shape[:-1], 1), 255, dtype=np.uint8)
        return np.concatenate([colors, opaque], axis=-1), "Red, green and blue; grey: zero"
    length = np.linalg.norm(weights, axis=-1)
    pixels = heat_colormap(length / max(float(length.max()), 1e-12))
    return pixels, f"Norm over {channels} input channels"


def _columns(count: int) -> int:
    """Number of columns, at most 16, that leaves the fewest gaps in the last row."""
    if count <= 8:
        return count
    widths = range(16, 7, -1)
    return min(widths, key=lambda width: (-count % width, -width))
