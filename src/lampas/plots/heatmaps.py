"""Images beside the same images with an overlaid heat map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.errors import DataError, ShapeError, format_shape
from .colors import Floats, outline, ramp
from .images import ImageArrays, Pixels, displayable_images, draw_image, wrapped_captions
from .spectrograms import draw_key
from .style import WIDTH, Figure, new_figure, styled

COLUMNS = 3
INNER, OUTER = 0.06, 0.26
"""Inches between an image and its overlay, and between one pair and the next."""
SIDE = ((WIDTH + OUTER) / COLUMNS - OUTER - INNER) / 2
KEY = 0.3
LINE = 0.15
CAPTION_LETTERS = 36
"""Letters of a caption line that fit under a pair."""

GREY = np.array([0.299, 0.587, 0.114])
DIMMED = 0.55
# Added to the grey image, so that it shows through.
GLOW = ("#000000", "#7a1600", "#d9560a", "#ffb02e")


@styled
def heatmaps(images: ImageArrays, maps: ImageArrays, captions: Sequence[str] = ()) -> Figure:
    """Draw each image, and beside it the same in grey under its heat map.

    Args:
        images: as for ``image_grid``.
        maps: one ``(height, width)`` map per image of its size in 0..1, as ``grad_cam`` and
            ``saliency`` give; NaN is taken as 0.
        captions: one for each image, or none at all.

    Raises:
        DataError: if there is no image.
        ShapeError: if maps, captions and images differ in number, or a map and its image in size.
    """
    shown = displayable_images(images)
    if not shown:
        raise DataError("There is no image to draw.")
    if len(maps) != len(shown):
        raise ShapeError(f"{len(shown)} images need as many maps, got {len(maps)}.")
    texts, lines = wrapped_captions(captions, CAPTION_LETTERS, len(shown), "images")
    for index, (image, heat) in enumerate(zip(shown, maps, strict=True)):
        if np.shape(heat) != image.shape[:2]:
            raise ShapeError(
                f"Image {index} is {format_shape(image.shape[:2])} and needs a map of that "
                f"shape, got {format_shape(np.shape(heat))}."
            )
    height = SIDE * max(image.shape[0] / image.shape[1] for image in shown)
    pitch = height + OUTER + (0.02 + LINE * lines if lines else -0.1)
    columns, rows = min(COLUMNS, len(shown)), -(-len(shown) // COLUMNS)
    width = max(columns * (2 * SIDE + INNER + OUTER) - OUTER, 3.4)
    figure = new_figure(width, KEY + rows * pitch - OUTER + 0.12, False)
    scale = overlay(np.full((1, 128, 3), 90, np.uint8), np.linspace(0, 1, 128)[None])
    draw_key(figure, "evidence:  none", 0.92, scale, "most in this image")
    for index, (image, heat) in enumerate(zip(shown, maps, strict=True)):
        row, column = divmod(index, COLUMNS)
        left, top = column * (2 * SIDE + INNER + OUTER), KEY + row * pitch
        outline(draw_image(figure, image, left, top, SIDE, height))
        glowing = overlay(image, np.asarray(heat))
        outline(draw_image(figure, glowing, left + SIDE + INNER, top, SIDE, height))
        if texts:
            at = (left / width, 1 - (top + height + 0.06) / figure.get_figheight())
            figure.text(*at, texts[index], va="top", fontsize=8)
    return figure


def overlay(image: Pixels, heat: Floats) -> Pixels:
    """Return the image ``(height, width, 3 or 4)`` in grey, glowing where ``heat`` is high."""
    strength = np.clip(np.nan_to_num(heat.astype(np.float64)), 0, 1)
    grey = DIMMED * (image[..., :3] @ GREY) * (1 - DIMMED * strength)
    glowing = grey[..., None] + ramp(strength, GLOW)
    return np.rint(np.minimum(glowing, 255)).astype(np.uint8)
