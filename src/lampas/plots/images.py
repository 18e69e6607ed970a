"""A gallery of pictures with a caption each.

What random augmentation makes of a picture.

A picture as it was stored -> a picture that can be shown.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, show_shape
from .colors import outline
from .style import MUTED, WIDTH, drawing, new_canvas, place

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


VARIANT_GAP = 0.08
APART = 0.26
"""Inches between the original and its variants."""
VARIANT_LARGEST = 1.25
HEAD = 0.24
VARIANT_LINE = 0.14
VARIANT_LETTERS_PER_INCH = 14.5


@drawing
def augmentations(
    originals: Sequence[npt.ArrayLike] | npt.NDArray[np.generic],
    variants: Sequence[npt.ArrayLike] | npt.NDArray[np.generic],
    captions: Sequence[str] | None = None,
) -> Figure:
    """Draw a row for each picture: the original first, then its random variants.

    Args:
        originals: ``(n, height, width, channels)``, as for ``pictures``.
        variants: ``(n, k, height, width, channels)``, on the scale of the originals: floats made
            of bytes are taken as 0..255 too.
        captions: one for each original, or none at all.

    Raises:
        DataError: there is no picture, or no variant.
        ShapeError: variants or captions are not as many as originals, or are no pictures.
    """
    rows = _rows(originals, variants)
    if captions and len(captions) != len(rows):
        raise ShapeError(f"{len(rows)} rows need as many captions; {len(captions)} were given.")
    columns = len(rows[0])
    side = min(VARIANT_LARGEST, (WIDTH - APART - (columns - 2) * VARIANT_GAP) / columns)
    height = side * max(image.shape[0] / image.shape[1] for row in rows for image in row)
    texts = [textwrap.fill(t, max(8, int(side * VARIANT_LETTERS_PER_INCH))) for t in captions or ()]
    lines = max((text.count("\n") + 1 for text in texts), default=0)
    pitch = height + VARIANT_GAP + (0.06 + VARIANT_LINE * lines if lines else 0)
    lefts = [0.0, *(side + APART + i * (side + VARIANT_GAP) for i in range(columns - 1))]
    figure = new_canvas(lefts[-1] + side, HEAD + len(rows) * pitch - VARIANT_GAP)
    for left, text in zip(lefts, ("original", "random variants"), strict=False):
        x = left / figure.get_figwidth()
        figure.text(x, 1, text, fontsize=8, color=MUTED, va="top")
    for index, row in enumerate(rows):
        top = HEAD + index * pitch
        _draw_row(figure, row, lefts, top, side, height)
        if texts:
            y = 1 - (top + height + 0.05) / figure.get_figheight()
            figure.text(0, y, texts[index], fontsize=8, va="top")
    return figure


def _rows(originals: Any, variants: Any) -> list[list[Pixels]]:
    """Original and variants of each row, all on one scale."""
    if len(originals) != len(variants):
        raise ShapeError(
            f"{len(originals)} originals need as many rows of variants; {len(variants)} were given."
        )
    counts = {len(row) for row in variants}
    if not counts or counts == {0}:
        raise DataError("There is no picture or no variant to draw.")
    if len(counts) > 1:
        raise ShapeError(f"Rows have unlike numbers of variants: {sorted(counts)}.")
    firsts = [np.asarray(image) for image in originals]
    made = [np.asarray(image) for row in variants for image in row]
    if any(image.ndim not in (2, 3) for image in made):
        raise ShapeError(
            f"Variants are (n, k, height, width, channels); these are "
            f"{show_shape(np.shape(variants))}."
        )
    if all(np.issubdtype(image.dtype, np.integer) for image in firsts):
        made = [_bytes(image) for image in made]
    shown = showable([*firsts, *made])
    count = counts.pop()
    rest = [shown[i : i + count] for i in range(len(firsts), len(shown), count)]
    return [[first, *row] for first, row in zip(shown, rest, strict=False)]


def _bytes(image: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Floats in 0..255 as the bytes that they were; others stay."""
    if not np.issubdtype(image.dtype, np.floating) or np.nanmax(image, initial=0) <= 1:
        return image
    return np.rint(np.nan_to_num(image).clip(0, 255)).astype(np.uint8)


def _draw_row(
    figure: Figure, row: list[Pixels], lefts: list[float], top: float, side: float, height: float
) -> None:
    for image, left in zip(row, lefts, strict=True):
        ax = place(figure, left, top, side, height)
        ax.set_anchor("N")
        ax.imshow(image, interpolation="none" if max(image.shape) <= 128 else "antialiased")
        outline(ax)


Pixels = npt.NDArray[np.uint8]


def showable(images: Sequence[npt.ArrayLike] | npt.NDArray[np.generic]) -> list[Pixels]:
    """Make every picture ``(height, width, 3 or 4)`` uint8.

    Whole numbers are taken as 0..255 and floats as 0..1. Floats outside 0..1 (standardised
    pictures, say) are stretched, all with the same low and high, so that they stay comparable.

    Raises:
        ShapeError: a picture is neither ``(height, width)`` nor ``(height, width, 1, 3 or 4)``.
    """
    arrays = [_channels_last(np.asarray(image)) for image in images]
    low, high = _range(arrays)
    return [_to_bytes(array, low, high) for array in arrays]


def show_picture(image: npt.ArrayLike) -> Pixels:
    """One picture, as ``showable`` makes it."""
    return showable([image])[0]


def _channels_last(image: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[-1] not in (1, 3, 4):
        raise ShapeError(
            f"A picture is (height, width) or (height, width, 1, 3 or 4 channels); "
            f"this one is {show_shape(image.shape)}."
        )
    return image.repeat(3, axis=-1) if image.shape[-1] == 1 else image


def _range(images: list[npt.NDArray[np.generic]]) -> tuple[float, float]:
    """What is black and what is white, for the float pictures among ``images``."""
    floats = [image for image in images if np.issubdtype(image.dtype, np.floating)]
    known = [image[np.isfinite(image)] for image in floats]
    low = min((float(values.min()) for values in known if values.size), default=0.0)
    high = max((float(values.max()) for values in known if values.size), default=1.0)
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, max(high, low + 1e-12))


def _to_bytes(image: npt.NDArray[np.generic], low: float, high: float) -> Pixels:
    if np.issubdtype(image.dtype, np.floating):
        scaled = 255 * (image.astype(np.float64) - low) / (high - low)
        return np.asarray(np.rint(np.nan_to_num(scaled.clip(0, 255))), dtype=np.uint8)
    if image.dtype == np.bool_:
        return image.astype(np.uint8) * np.uint8(255)
    return np.clip(image.astype(np.int64), 0, 255).astype(np.uint8)
