"""What a first convolution looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...core.errors import ShapeError, show_shape
from ..style import MUTED, WIDTH, drawing, new_canvas, place
from .shades import Floats, Pixels, diverging, embers, mosaic

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 96
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
    shown = tiles[:MOST]
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
