"""A gallery of pictures with a caption each."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError, ShapeError
from ..style import WIDTH, drawing, new_canvas, place
from .pixels import Pixels, showable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP = 0.14
LARGEST = 1.6
LINE = 0.15
FONT = 8
LETTERS_PER_INCH = 14.5


@drawing
def pictures(
    images: Sequence[npt.ArrayLike] | npt.NDArray[np.generic],
    captions: Sequence[str] = (),
    *,
    columns: int = 6,
) -> Figure:
    """Draw pictures in rows, each over its caption, such as ``"true 4, said 9 (98 %)"``.

    Args:
        images: uint8 in 0..255 or floats, each ``(height, width)`` or ``(height, width, channels)``
            with 1, 3 or 4 channels; floats outside 0..1 are stretched to fit, all alike.
        captions: one for each picture, or none at all.
        columns: pictures in a row.

    Raises:
        DataError: there is no picture.
        ShapeError: the captions are not as many as the pictures, or a picture is no picture.
    """
    shown = showable(images)
    if not shown:
        raise DataError("There is no picture to draw.")
    if captions and len(captions) != len(shown):
        raise ShapeError(
            f"{len(shown)} pictures need as many captions; {len(captions)} were given."
        )
    columns = max(1, columns)
    width = min(LARGEST, (WIDTH + GAP) / columns - GAP)
    texts = [textwrap.fill(text, max(8, int(width * LETTERS_PER_INCH))) for text in captions]
    return _gallery(shown, texts, min(columns, len(shown)), width)


def _gallery(images: list[Pixels], captions: list[str], columns: int, width: float) -> Figure:
    """Rows as high as their tallest picture and longest caption, all in inches."""
    height = width * max(image.shape[0] / image.shape[1] for image in images)
    lines = max((text.count("\n") + 1 for text in captions), default=0)
    pitch = height + (0.08 + LINE * lines if lines else 0) + GAP
    rows = -(-len(images) // columns)
    figure = new_canvas(columns * (width + GAP) - GAP, rows * pitch - GAP)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        ax = place(figure, column * (width + GAP), row * pitch, width, height)
        ax.set_anchor("N")
        ax.imshow(image, interpolation="none" if max(image.shape) <= 128 else "antialiased")
        if captions:
            ax.text(
                0, -0.06 / height, captions[index], transform=ax.transAxes, va="top", fontsize=FONT
            )
    return figure
