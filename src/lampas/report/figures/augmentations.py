"""What random augmentation makes of a picture."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError, ShapeError, show_shape
from ..style import MUTED, WIDTH, drawing, new_canvas, place
from .pixels import Pixels, showable
from .shades import outline

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP = 0.08
APART = 0.26
"""Inches between the original and its variants."""
LARGEST = 1.25
HEAD = 0.24
LINE = 0.14
LETTERS_PER_INCH = 14.5


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
    side = min(LARGEST, (WIDTH - APART - (columns - 2) * GAP) / columns)
    height = side * max(image.shape[0] / image.shape[1] for row in rows for image in row)
    texts = [textwrap.fill(t, max(8, int(side * LETTERS_PER_INCH))) for t in captions or ()]
    lines = max((text.count("\n") + 1 for text in texts), default=0)
    pitch = height + GAP + (0.06 + LINE * lines if lines else 0)
    lefts = [0.0, *(side + APART + i * (side + GAP) for i in range(columns - 1))]
    figure = new_canvas(lefts[-1] + side, HEAD + len(rows) * pitch - GAP)
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
