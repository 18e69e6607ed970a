"""Grids of spectrograms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, format_shape
from .colors import Pixels, heat_colormap, outline
from .images import ImageArrays, wrapped_captions
from .style import MUTED, WIDTH, Figure, add_axes, new_figure, styled

GAP = 0.16
KEY = 0.28
HEIGHT = 1.05
LINE = 0.15
LETTERS_PER_INCH = 17


@styled
def spectrograms(
    spectra: ImageArrays,
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
    arrays = [np.asarray(spectrum, np.float64) for spectrum in spectra]
    for index, array in enumerate(arrays):
        if array.ndim != 2:
            shape = format_shape(array.shape)
            raise ShapeError(f"A spectrogram is (steps, bands); number {index} is {shape}.")
    if not arrays:
        raise DataError("There is no spectrogram to draw.")
    width = (WIDTH + GAP) / columns - GAP
    letters = width * LETTERS_PER_INCH
    texts, lines = wrapped_captions(captions, letters, len(arrays), "spectrograms")
    pitch = HEIGHT + (0.06 + LINE * lines if lines else 0) + GAP
    rows = -(-len(arrays) // columns)
    figure = new_figure(columns * (width + GAP) - GAP, KEY + rows * pitch - GAP, False)
    duration = "" if seconds is None else f" ({seconds:g} s)"
    text = f"time to the right{duration}, frequency upwards; quiet"
    scale = heat_colormap(np.linspace(0, 1, 128)[None])
    draw_key(figure, text, 0.052 * len(text), scale, "loud")
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


def draw_key(figure: Figure, lowest: str, left: float, scale: Pixels, highest: str) -> None:
    """Draw a color scale above the panels, at ``left`` inches, between two explanations."""
    figure.text(0, 1, lowest, fontsize=8, color=MUTED, va="top")
    add_axes(figure, left, 0.02, 0.9, 0.1).imshow(scale, aspect="auto", interpolation="none")
    x = (left + 0.98) / figure.get_figwidth()
    figure.text(x, 1, highest, fontsize=8, color=MUTED, va="top")
