"""Sounds to be looked at: time to the right, pitch upwards, light where it is loud."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, ShapeError, show_shape
from .colors import Pixels, embers, outline
from .style import MUTED, WIDTH, drawing, new_canvas, place

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP = 0.16
KEY = 0.28
HEIGHT = 1.05
LINE = 0.15
LETTERS_PER_INCH = 17


@drawing
def spectrograms(
    spectra: Sequence[npt.ArrayLike] | npt.NDArray[np.generic],
    captions: Sequence[str] = (),
    *,
    seconds: float | None = None,
    columns: int = 3,
) -> Figure:
    """Draw spectrograms in rows, each over its caption, such as ``"true loop, said ambient"``.

    Each goes from dark to light over its own range, so that quiet sounds are seen, too.

    Args:
        spectra: each ``(steps, bands)``, the lowest band first, as `MelSpectrogram` gives them.
        captions: one for each, or none at all.
        seconds: how long they all last, to be told.
        columns: spectrograms in a row.

    Raises:
        DataError: there is no spectrogram.
        ShapeError: the captions are not as many, or one has not two axes.
    """
    arrays = [_checked(index, spectrum) for index, spectrum in enumerate(spectra)]
    if not arrays:
        raise DataError("There is no spectrogram to draw.")
    if captions and len(captions) != len(arrays):
        raise ShapeError(
            f"{len(arrays)} spectrograms need as many captions; {len(captions)} were given."
        )
    width = (WIDTH + GAP) / columns - GAP
    texts = [textwrap.fill(text, max(8, int(width * LETTERS_PER_INCH))) for text in captions]
    lines = max((text.count("\n") + 1 for text in texts), default=0)
    pitch = HEIGHT + (0.06 + LINE * lines if lines else 0) + GAP
    rows = -(-len(arrays) // columns)
    figure = new_canvas(columns * (width + GAP) - GAP, KEY + rows * pitch - GAP)
    _key(figure, seconds)
    for index, spectrum in enumerate(arrays):
        row, column = divmod(index, columns)
        ax = place(figure, column * (width + GAP), KEY + row * pitch, width, HEIGHT)
        ax.imshow(shades(spectrum), origin="lower", aspect="auto", interpolation="none")
        outline(ax)
        if texts:
            below = -0.06 / HEIGHT
            ax.text(0, below, texts[index], transform=ax.transAxes, va="top", fontsize=8)
    return figure


def shades(spectrum: npt.NDArray[np.float64]) -> Pixels:
    """Loudness ``(steps, bands)`` as colours ``(bands, steps, 4)``; what is not finite is dark."""
    known = spectrum[np.isfinite(spectrum)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
    share = (spectrum.T - low) / max(high - low, 1e-12)
    return embers(np.nan_to_num(share, posinf=0.0, neginf=0.0))


def _checked(index: int, spectrum: npt.ArrayLike) -> npt.NDArray[np.float64]:
    array = np.asarray(spectrum, np.float64)
    if array.ndim != 2:
        raise ShapeError(
            f"A spectrogram is (steps, bands); number {index} is {show_shape(array.shape)}."
        )
    return array


def _key(figure: Figure, seconds: float | None) -> None:
    """What is what, in a line above all."""
    lasting = "" if seconds is None else f" ({seconds:g} s)"
    text = f"time to the right{lasting}, pitch upwards; quiet"
    figure.text(0, 1, text, fontsize=8, color=MUTED, va="top")
    left = 0.052 * len(text)
    scale = embers(np.linspace(0, 1, 128)[None])
    place(figure, left, 0.02, 0.9, 0.1).imshow(scale, aspect="auto", interpolation="none")
    x = (left + 0.98) / figure.get_figwidth()
    figure.text(x, 1, "loud", fontsize=8, color=MUTED, va="top")
