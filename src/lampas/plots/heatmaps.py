"""Where in a picture the evidence lies: pictures beside themselves under their heat maps."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, show_shape
from .colors import Floats, outline, ramp
from .images import Pixels, showable
from .style import MUTED, WIDTH, drawing, new_canvas, place

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = 3
INNER, OUTER = 0.06, 0.26
"""Inches between a picture and its overlay, and between one such pair and the next."""
SIDE = ((WIDTH + OUTER) / COLUMNS - OUTER - INNER) / 2
KEY = 0.3
LINE = 0.15
LETTERS = 36
"""As many letters of a caption fit under a pair."""

GREY = np.array([0.299, 0.587, 0.114])
DIMMED = 0.55
# What the heat adds to the grey picture: light alone, so that the picture shows through.
GLOW = ("#000000", "#7a1600", "#d9560a", "#ffb02e")


@drawing
def heatmaps(
    pictures: Sequence[npt.ArrayLike] | npt.NDArray[np.generic],
    maps: Sequence[npt.ArrayLike] | npt.NDArray[np.generic],
    captions: Sequence[str] = (),
) -> Figure:
    """Draw each picture, and beside it the same in grey under its heat map.

    Args:
        pictures: as for ``figures.pictures``.
        maps: for each a ``(height, width)`` map of its size in 0..1, as ``grad_cam`` and
            ``saliency`` give; NaN is taken as 0.
        captions: one for each picture, or none at all.

    Raises:
        DataError: there is no picture.
        ShapeError: maps or captions are not as many as pictures, or a map has another size than
            its picture.
    """
    shown = showable(pictures)
    if not shown:
        raise DataError("There is no picture to draw.")
    _check(shown, maps, captions)
    texts = [textwrap.fill(text, LETTERS) for text in captions]
    height = SIDE * max(picture.shape[0] / picture.shape[1] for picture in shown)
    lines = max((text.count("\n") + 1 for text in texts), default=0)
    pitch = height + OUTER + (0.02 + LINE * lines if lines else -0.1)
    columns, rows = min(COLUMNS, len(shown)), -(-len(shown) // COLUMNS)
    width = max(columns * (2 * SIDE + INNER + OUTER) - OUTER, 3.4)
    figure = new_canvas(width, KEY + rows * pitch - OUTER + 0.12)
    _key(figure)
    for index, (picture, heat) in enumerate(zip(shown, maps, strict=True)):
        row, column = divmod(index, COLUMNS)
        left, top = column * (2 * SIDE + INNER + OUTER), KEY + row * pitch
        _show(figure, picture, left, top, height)
        _show(figure, overlay(picture, np.asarray(heat)), left + SIDE + INNER, top, height)
        if texts:
            at = (left / width, 1 - (top + height + 0.06) / figure.get_figheight())
            figure.text(*at, texts[index], va="top", fontsize=8)
    return figure


def overlay(picture: Pixels, heat: Floats) -> Pixels:
    """A dimmed, grey ``(height, width, 3 or 4)`` picture that glows where ``heat`` is high."""
    strength = np.clip(np.nan_to_num(heat.astype(np.float64)), 0, 1)
    grey = DIMMED * (picture[..., :3] @ GREY) * (1 - DIMMED * strength)
    lit = grey[..., None] + ramp(strength, GLOW)
    return np.rint(np.minimum(lit, 255)).astype(np.uint8)


def _check(
    shown: list[Pixels],
    maps: Sequence[npt.ArrayLike] | npt.NDArray[np.generic],
    captions: Sequence[str],
) -> None:
    if len(maps) != len(shown):
        raise ShapeError(f"{len(shown)} pictures need as many maps; {len(maps)} were given.")
    if captions and len(captions) != len(shown):
        raise ShapeError(
            f"{len(shown)} pictures need as many captions; {len(captions)} were given."
        )
    for index, (picture, heat) in enumerate(zip(shown, maps, strict=True)):
        if np.shape(heat) != picture.shape[:2]:
            raise ShapeError(
                f"Picture {index} is {show_shape(picture.shape[:2])} and needs a map of that "
                f"shape; the one given is {show_shape(np.shape(heat))}."
            )


def _key(figure: Figure) -> None:
    """What the colours mean, in a line above all."""
    figure.text(0, 1, "evidence:  none", fontsize=8, color=MUTED, va="top")
    scale = overlay(np.full((1, 128, 3), 90, np.uint8), np.linspace(0, 1, 128)[None])
    place(figure, 0.92, 0.02, 0.9, 0.1).imshow(scale, aspect="auto", interpolation="none")
    x = 1.9 / figure.get_figwidth()
    figure.text(x, 1, "most in this picture", fontsize=8, color=MUTED, va="top")


def _show(figure: Figure, picture: Pixels, left: float, top: float, height: float) -> None:
    ax = place(figure, left, top, SIDE, height)
    ax.set_anchor("N")
    ax.imshow(picture, interpolation="none" if max(picture.shape) <= 128 else "antialiased")
    outline(ax)
