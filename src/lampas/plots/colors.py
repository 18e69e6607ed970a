"""Map numbers to colors. Strength is opacity, so colors suit a white and a dark page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .style import FLAME, MUTED, SEA, Axes

Floats = npt.NDArray[np.floating]
Pixels = npt.NDArray[np.uint8]

OUTLINE = 0.35

# Lightness rises monotonically.
HEAT_COLORS = ("#12161f", "#4a2326", "#a2421a", "#e2710f", "#f6b35c", "#fff3df")


def rgb(color: str) -> npt.NDArray[np.float64]:
    """Convert ``"#e2710f"`` to ``(3,)`` in 0..255."""
    return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float64)


def tint(color: str, strength: Floats) -> Pixels:
    """Return one color with opacity ``strength`` (``(...)`` in 0..1): ``(..., 4)``."""
    pixels = np.empty((*strength.shape, 4), dtype=np.uint8)
    pixels[..., :3] = rgb(color)
    pixels[..., 3] = np.rint(255 * np.clip(strength, 0, 1))
    return pixels


def diverging(values: Floats) -> Pixels:
    """Blue below zero, orange above, transparent at zero: ``(...)`` in -1..1 -> ``(..., 4)``."""
    above = (values > 0)[..., None]
    return np.where(above, tint(FLAME, values), tint(SEA, -values))


def heat_colormap(values: Floats) -> Pixels:
    """From dark over red and orange to nearly white: ``(...)`` in 0..1 -> ``(..., 4)``."""
    opaque = np.full((*np.shape(values), 1), 255.0)
    pixels = np.concatenate([ramp(values, HEAT_COLORS), opaque], axis=-1)
    return np.asarray(np.rint(pixels), dtype=np.uint8)


def ramp(values: Floats, colors: Sequence[str]) -> npt.NDArray[np.float64]:
    """Interpolate linearly between colors: ``(...)`` in 0..1 -> ``(..., 3)`` in 0..255."""
    stops = np.linspace(0, 1, len(colors))
    table = np.stack([rgb(color) for color in colors], axis=1)
    return np.stack([np.interp(values, stops, channel) for channel in table], axis=-1)


def mosaic(tiles: Pixels, columns: int, gap: float = 0.08) -> Pixels:
    """Lay ``(n, height, width, 4)`` out in rows of ``columns``, with clear gaps between.

    Small tiles are first enlarged, pixel by pixel, so that a gap of ``gap`` tile widths is thin;
    a grey line around each, one pixel wide and faint on any background, shows where it ends.
    """
    count, height, width, _ = tiles.shape
    zoom = -(-24 // max(height, width))
    tiles = tiles.repeat(zoom, axis=1).repeat(zoom, axis=2)
    tiles = np.pad(tiles, ((0, 0), (1, 1), (1, 1), (0, 0)))
    tiles[:, [0, -1]] = tiles[:, :, [0, -1]] = tint(MUTED, np.array(OUTLINE))
    space = max(1, round(gap * zoom * width))
    tiles = np.pad(tiles, ((0, -count % columns), (0, space), (0, space), (0, 0)))
    grid = tiles.reshape(-1, columns, *tiles.shape[1:]).swapaxes(1, 2)
    rows, tall, _, wide, _ = grid.shape
    return grid.reshape(rows * tall, columns * wide, 4)[:-space, :-space]


def outline(ax: Axes) -> None:
    """Draw the same faint frame around an image, which may have the color of the page."""
    from matplotlib.patches import Rectangle

    frame = Rectangle(
        (0, 0), 1, 1, transform=ax.transAxes, fill=False, edgecolor=MUTED, alpha=OUTLINE,
        linewidth=0.6, clip_on=False,
    )  # fmt: skip
    ax.add_patch(frame)
