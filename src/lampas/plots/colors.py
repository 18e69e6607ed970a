"""Numbers to colours. Strength is opacity, so a shade sits well on a white and on a dark page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .style import FLAME, MUTED, SEA

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.floating]
Pixels = npt.NDArray[np.uint8]

OUTLINE = 0.35

# From a cold torch to the white of its flame; lightness only ever rises.
EMBERS = ("#12161f", "#4a2326", "#a2421a", "#e2710f", "#f6b35c", "#fff3df")


def rgb(colour: str) -> npt.NDArray[np.float64]:
    """``"#e2710f"`` -> ``(3,)`` in 0..255."""
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float64)


def tint(colour: str, strength: Floats) -> Pixels:
    """One colour, as opaque as ``strength`` (``(...)`` in 0..1) says: ``(..., 4)``."""
    pixels = np.empty((*strength.shape, 4), dtype=np.uint8)
    pixels[..., :3] = rgb(colour)
    pixels[..., 3] = np.rint(255 * np.clip(strength, 0, 1))
    return pixels


def diverging(values: Floats) -> Pixels:
    """Blue below zero, orange above, clear at zero: ``(...)`` in -1..1 -> ``(..., 4)``."""
    above = (values > 0)[..., None]
    return np.where(above, tint(FLAME, values), tint(SEA, -values))


def embers(values: Floats) -> Pixels:
    """Dark, through the colours of a flame, to nearly white: ``(...)`` in 0..1 -> ``(..., 4)``."""
    opaque = np.full((*np.shape(values), 1), 255.0)
    pixels = np.concatenate([ramp(values, EMBERS), opaque], axis=-1)
    return np.asarray(np.rint(pixels), dtype=np.uint8)


def ramp(values: Floats, colours: Sequence[str]) -> npt.NDArray[np.float64]:
    """From the first colour to the last, evenly: ``(...)`` in 0..1 -> ``(..., 3)`` in 0..255."""
    stops = np.linspace(0, 1, len(colours))
    table = np.stack([rgb(colour) for colour in colours], axis=1)
    return np.stack([np.interp(values, stops, channel) for channel in table], axis=-1)


def mosaic(tiles: Pixels, columns: int, gap: float = 0.08) -> Pixels:
    """Lay ``(n, height, width, 4)`` out in rows of ``columns``, with clear gaps between.

    Small tiles are first enlarged, pixel by pixel, so that a gap of ``gap`` tile widths is thin;
    a hairline around each shows where it ends.
    """
    count, height, width, _ = tiles.shape
    zoom = -(-24 // max(height, width))
    tiles = tiles.repeat(zoom, axis=1).repeat(zoom, axis=2)
    tiles = _outlined(tiles)
    space = max(1, round(gap * zoom * width))
    tiles = np.pad(tiles, ((0, -count % columns), (0, space), (0, space), (0, 0)))
    grid = tiles.reshape(-1, columns, *tiles.shape[1:]).swapaxes(1, 2)
    rows, tall, _, wide, _ = grid.shape
    return grid.reshape(rows * tall, columns * wide, 4)[:-space, :-space]


def _outlined(tiles: Pixels) -> Pixels:
    """Add a frame, one pixel wide, in a grey that is faint on any ground."""
    framed = np.pad(tiles, ((0, 0), (1, 1), (1, 1), (0, 0)))
    line = tint(MUTED, np.array(OUTLINE))
    framed[:, [0, -1]] = line
    framed[:, :, [0, -1]] = line
    return framed


def outline(ax: Axes) -> None:
    """The same faint frame around a picture, which may be as light or dark as the page."""
    from matplotlib.patches import Rectangle

    frame = Rectangle(
        (0, 0), 1, 1, transform=ax.transAxes, fill=False, edgecolor=MUTED, alpha=OUTLINE,
        linewidth=0.6, clip_on=False,
    )  # fmt: skip
    ax.add_patch(frame)
