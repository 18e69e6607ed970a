"""Grids of spectrograms."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, format_shape
from .colors import Pixels, heat_colormap, outline
from .style import MUTED, WIDTH, add_axes, new_canvas, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP = 0.16
KEY = 0.28
HEIGHT = 1.05
LINE = 0.15
LETTERS_PER_INCH = 17


@styled
def spectrograms(
    spectra: Sequence[npt.ArrayLike] | npt.NDArray[np.generic],
    captions: Sequence[str] = (),
    *,
    seconds: float | None = None,
    columns: int = 3,
) -> Figure:
    """Draw spectrograms in rows with captions below, such as ``"true loop, predicted ambient"``.

    Time runs to the right and frequency upwards. Each spectrogram is scaled from dark to light over
    its own range, so that quiet recordings are visible too.

    Args:
        spectra: each ``(steps, bands)``, the lowest band first, as `MelSpectrogram` returns them.
        captions: one for each, or none at all.
        seconds: duration of each, for the key; None if unknown.
        columns: spectrograms per row.

    Raises:
        DataError: if there is no spectrogram.
        ShapeError: if captions and spectrograms differ in number, or one does not have two axes.
    """
    arrays = [_checked(index, spectrum) for index, spectrum in enumerate(spectra)]
    if not arrays:
        raise DataError("There is no spectrogram to draw.")
    if captions and len(captions) != len(arrays):
        raise ShapeError(f"{len(arrays)} spectrograms need as many captions, got {len(captions)}.")
    width = (WIDTH + GAP) / columns - GAP
    texts = [textwrap.fill(text, max(8, int(width * LETTERS_PER_INCH))) for text in captions]
    lines = max((text.count("\n") + 1 for text in texts), default=0)
    pitch = HEIGHT + (0.06 + LINE * lines if lines else 0) + GAP
    rows = -(-len(arrays) // columns)
    figure = new_canvas(columns * (width + GAP) - GAP, KEY + rows * pitch - GAP)
    _key(figure, seconds)
    for index, spectrum in enumerate(arrays):
        row, column = divmod(index, columns)
        ax = add_axes(figure, column * (width + GAP), KEY + row * pitch, width, HEIGHT)
        ax.imshow(spectrogram_pixels(spectrum), origin="lower", aspect="auto", interpolation="none")
        outline(ax)
        if texts:
            below = -0.06 / HEIGHT
            ax.text(0, below, texts[index], transform=ax.transAxes, va="top", fontsize=8)
    return figure


def spectrogram_pixels(spectrum: npt.NDArray[np.float64]) -> Pixels:
    """Convert ``(steps, bands)`` to colors ``(bands, steps, 4)``; non-finite values are dark."""
    finite = spectrum[np.isfinite(spectrum)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    scaled = (spectrum.T - low) / max(high - low, 1e-12)
    return heat_colormap(np.nan_to_num(scaled, posinf=0.0, neginf=0.0))


def _checked(index: int, spectrum: npt.ArrayLike) -> npt.NDArray[np.float64]:
    array = np.asarray(spectrum, np.float64)
    if array.ndim != 2:
        raise ShapeError(
            f"A spectrogram is (steps, bands); number {index} is {format_shape(array.shape)}."
        )
    return array


def _key(figure: Figure, seconds: float | None) -> None:
    """Draw a key above the spectrograms."""
    duration = "" if seconds is None else f" ({seconds:g} s)"
    text = f"time to the right{duration}, frequency upwards; quiet"
    figure.text(0, 1, text, fontsize=8, color=MUTED, va="top")
    left = 0.052 * len(text)
    scale = heat_colormap(np.linspace(0, 1, 128)[None])
    add_axes(figure, left, 0.02, 0.9, 0.1).imshow(scale, aspect="auto", interpolation="none")
    x = (left + 0.98) / figure.get_figwidth()
    figure.text(x, 1, "loud", fontsize=8, color=MUTED, va="top")
