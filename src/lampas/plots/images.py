"""Grids of images with captions, and images beside their random augmentations."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, format_shape
from .colors import outline
from .style import MUTED, WIDTH, Axes, Figure, add_axes, new_figure, styled

Pixels = npt.NDArray[np.uint8]
ImageArrays = Sequence[npt.ArrayLike] | npt.NDArray[np.generic]

GAP = 0.14
MAX_WIDTH = 1.6
VARIANT_GAP = 0.08
ORIGINAL_GAP = 0.26
"""Inches between the original and its variants."""
MAX_VARIANT_WIDTH = 1.25
HEADER_HEIGHT = 0.24
CAPTION_SIZE = 8
LETTERS_PER_INCH = 14.5


@styled
def image_grid(images: ImageArrays, captions: Sequence[str] = (), *, columns: int = 6) -> Figure:
    """Draw images in rows with captions below, such as ``"true 4, predicted 9 (98%)"``.

    Args:
        images: uint8 in 0..255 or floats, each ``(height, width)`` or ``(height, width, channels)``
            with 1, 3 or 4 channels; if floats are outside 0..1, all images are rescaled alike.
        captions: one for each image, or none at all.
        columns: images per row.

    Raises:
        DataError: if there is no image.
        ShapeError: if captions and images differ in number, or an image has another shape.
    """
    pixels = displayable_images(images)
    if not pixels:
        raise DataError("There is no image to draw.")
    columns = max(1, columns)
    width = min(MAX_WIDTH, (WIDTH + GAP) / columns - GAP)
    columns = min(columns, len(pixels))
    # All in inches; rows are as high as the tallest image and the longest caption.
    height = width * max(image.shape[0] / image.shape[1] for image in pixels)
    texts, lines = wrapped_captions(captions, width * LETTERS_PER_INCH, len(pixels), "images")
    pitch = height + (0.08 + 0.15 * lines if lines else 0) + GAP
    rows = -(-len(pixels) // columns)
    figure = new_figure(columns * (width + GAP) - GAP, rows * pitch - GAP, False)
    for index, image in enumerate(pixels):
        row, column = divmod(index, columns)
        ax = draw_image(figure, image, column * (width + GAP), row * pitch, width, height)
        if texts:
            below = -0.06 / height
            ax.text(0, below, texts[index], transform=ax.transAxes, va="top", fontsize=CAPTION_SIZE)
    return figure


@styled
def augmentations(
    originals: ImageArrays, variants: ImageArrays, captions: Sequence[str] | None = None
) -> Figure:
    """Draw a row for each image: the original first, then its random variants.

    Args:
        originals: ``(n, height, width, channels)``, as for ``image_grid``.
        variants: ``(n, k, height, width, channels)``, on the scale of the originals: floats in
            0..255 are accepted if the originals are bytes.
        captions: one for each original, or none at all.

    Raises:
        DataError: if there is no image, or no variant.
        ShapeError: if variants, captions and originals differ in number, or have another shape.
    """
    rows = _variant_rows(originals, variants)
    columns = len(rows[0])
    side = min(MAX_VARIANT_WIDTH, (WIDTH - ORIGINAL_GAP - (columns - 2) * VARIANT_GAP) / columns)
    height = side * max(image.shape[0] / image.shape[1] for row in rows for image in row)
    texts, lines = wrapped_captions(captions or (), side * LETTERS_PER_INCH, len(rows), "rows")
    pitch = height + VARIANT_GAP + (0.06 + 0.14 * lines if lines else 0)
    lefts = [0.0, *(side + ORIGINAL_GAP + i * (side + VARIANT_GAP) for i in range(columns - 1))]
    figure = new_figure(lefts[-1] + side, HEADER_HEIGHT + len(rows) * pitch - VARIANT_GAP, False)
    for left, text in zip(lefts, ("original", "random variants"), strict=False):
        x = left / figure.get_figwidth()
        figure.text(x, 1, text, fontsize=CAPTION_SIZE, color=MUTED, va="top")
    for index, row in enumerate(rows):
        top = HEADER_HEIGHT + index * pitch
        for image, left in zip(row, lefts, strict=True):
            outline(draw_image(figure, image, left, top, side, height))
        if texts:
            y = 1 - (top + height + 0.05) / figure.get_figheight()
            figure.text(0, y, texts[index], fontsize=CAPTION_SIZE, va="top")
    return figure


def draw_image(
    figure: Figure, image: Pixels, left: float, top: float, width: float, height: float
) -> Axes:
    """Draw an image at a position in inches from the figure's upper left corner."""
    ax = add_axes(figure, left, top, width, height)
    ax.set_anchor("N")
    ax.imshow(image, interpolation="none" if max(image.shape) <= 128 else "antialiased")
    return ax


def displayable_images(images: ImageArrays) -> list[Pixels]:
    """Convert every image to ``(height, width, 3 or 4)`` uint8.

    Integers are taken as 0..255 and floats as 0..1. If floats are outside 0..1 (standardized
    images, for example), all images are rescaled from their common minimum and maximum, so that
    they stay comparable.

    Raises:
        ShapeError: if an image is neither ``(height, width)`` nor ``(height, width, 1, 3 or 4)``.
    """
    arrays = [_with_channels(np.asarray(image)) for image in images]
    low, high = _value_range(arrays)
    return [_to_bytes(array, low, high) for array in arrays]


def displayable_image(image: npt.ArrayLike) -> Pixels:
    """Convert one image as ``displayable_images`` does."""
    return displayable_images([image])[0]


def wrapped_captions(
    captions: Sequence[str], letters: float, count: int, items: str
) -> tuple[list[str], int]:
    """Return captions broken into lines of as many letters, and the largest number of lines.

    Raises:
        ShapeError: if there are captions, but not ``count``; ``items`` is what they describe.
    """
    if captions and len(captions) != count:
        raise ShapeError(f"{count} {items} need as many captions, got {len(captions)}.")
    texts = [textwrap.fill(text, max(8, int(letters))) for text in captions]
    return texts, max((text.count("\n") + 1 for text in texts), default=0)


def _variant_rows(originals: Any, variants: Any) -> list[list[Pixels]]:
    """Original and variants of each row, all on one scale."""
    if len(originals) != len(variants):
        raise ShapeError(
            f"{len(originals)} originals need as many rows of variants, got {len(variants)}."
        )
    counts = {len(row) for row in variants}
    if not counts or counts == {0}:
        raise DataError("There is no image or no variant to draw.")
    if len(counts) > 1:
        raise ShapeError(f"All rows need the same number of variants, got {sorted(counts)}.")
    firsts = [np.asarray(image) for image in originals]
    augmented = [np.asarray(image) for row in variants for image in row]
    if any(image.ndim not in (2, 3) for image in augmented):
        raise ShapeError(
            f"Variants are (n, k, height, width, channels), got {format_shape(np.shape(variants))}."
        )
    if all(np.issubdtype(image.dtype, np.integer) for image in firsts):
        augmented = [_rounded_bytes(image) for image in augmented]
    pixels = displayable_images([*firsts, *augmented])
    count = counts.pop()
    rest = [pixels[i : i + count] for i in range(len(firsts), len(pixels), count)]
    return [[first, *row] for first, row in zip(pixels, rest, strict=False)]


def _rounded_bytes(image: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Floats in 0..255 rounded to bytes; other images unchanged."""
    if not np.issubdtype(image.dtype, np.floating) or np.nanmax(image, initial=0) <= 1:
        return image
    return np.rint(np.nan_to_num(image).clip(0, 255)).astype(np.uint8)


def _with_channels(image: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[-1] not in (1, 3, 4):
        raise ShapeError(
            f"An image is (height, width) or (height, width, 1, 3 or 4 channels), got "
            f"{format_shape(image.shape)}."
        )
    return image.repeat(3, axis=-1) if image.shape[-1] == 1 else image


def _value_range(images: list[npt.NDArray[np.generic]]) -> tuple[float, float]:
    """The values of black and white for the float images among ``images``."""
    floats = [image for image in images if np.issubdtype(image.dtype, np.floating)]
    finite = [image[np.isfinite(image)] for image in floats]
    low = min((float(values.min()) for values in finite if values.size), default=0.0)
    high = max((float(values.max()) for values in finite if values.size), default=1.0)
    return (0.0, 1.0) if low >= 0 and high <= 1 else (low, max(high, low + 1e-12))


def _to_bytes(image: npt.NDArray[np.generic], low: float, high: float) -> Pixels:
    if np.issubdtype(image.dtype, np.floating):
        scaled = 255 * (image.astype(np.float64) - low) / (high - low)
        return np.asarray(np.rint(np.nan_to_num(scaled.clip(0, 255))), dtype=np.uint8)
    if image.dtype == np.bool_:
        return image.astype(np.uint8) * np.uint8(255)
    return np.clip(image.astype(np.int64), 0, 255).astype(np.uint8)
