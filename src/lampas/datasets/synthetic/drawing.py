"""Draw shapes with Pillow on a canvas with subpixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image

Floats = npt.NDArray[np.float64]
Random = np.random.RandomState

GOLDEN = np.pi * (3 - np.sqrt(5))
"""The golden angle, by which plants rotate from one leaf, petal or seed to the next."""


@dataclass(frozen=True)
class Pose:
    """Position and orientation of a flower: ``point -> matrix @ point + center``, in subpixels."""

    matrix: Floats
    center: Floats

    def __call__(self, points: Floats) -> Floats:
        """Map points ``(..., 2)`` of the unit flower to the canvas."""
        return points @ self.matrix.T + self.center

    @property
    def radius(self) -> float:
        """Mean radius of the image of the unit circle."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix))))


def random_pose(rng: Random, center: Floats, radius: float, min_aspect: float = 0.45) -> Pose:
    """Rotate a flower at random and tilt it, down to a height of ``min_aspect`` times its width."""
    tilt = rng.uniform(min_aspect, 1)
    return Pose(
        rotation(rng.normal(0, 0.5)) @ np.diag([radius, radius * tilt]) @ rotation(rng.rand() * 7),
        center,
    )


def rotation(angle: float) -> Floats:
    """The matrix ``(2, 2)`` of a rotation by ``angle``."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def rays(angles: Floats) -> Floats:
    """Unit vectors ``(..., 2)`` in the directions of the angles."""
    return np.concatenate([np.cos(angles)[..., None], np.sin(angles)[..., None]], -1)


def petal(width: float, widest: float = 0.6, sharpness: float = 0.6) -> Floats:
    """The outline of a petal along the x axis from 0 to 1, ``(14, 2)``.

    Args:
        width: half of the maximum width.
        widest: position of the maximum width along the axis.
        sharpness: small for a round tip, 1 and more for a pointed tip.
    """
    along = np.linspace(0, 1, 8)
    across = width * np.sin(np.pi * along ** (np.log(0.5) / np.log(widest))) ** sharpness
    upper = np.stack([along, across], -1)
    return np.concatenate([upper, upper[-2:0:-1] * (1, -1)])


def rotated_copies(outline: Floats, angles: Floats, lengths: Floats, start: float = 0.0) -> Floats:
    """Copies of an outline with the given angles and lengths, ``(copies, points, 2)``."""
    along, across = rays(angles), rays(angles + np.pi / 2)
    x, y = start + outline[:, :1] * (lengths - start)[:, None, None], outline[:, 1:]
    return x * along[:, None] + y * lengths[:, None, None] * across[:, None]


class Brush:
    """Draws on an image; colors are ``(3,)`` in 0..255 and blended with the opacity ``alpha``."""

    def __init__(self, image: Image) -> None:
        from PIL import ImageDraw

        self.image = image
        self._draw = ImageDraw.Draw(image, "RGBA")

    def fill(self, outlines: Floats, colors: Floats, alpha: float = 1.0) -> None:
        """Fill a polygon, ``(points, 2)``, or several in order, ``(n, points, 2)``."""
        corners = outlines.reshape(-1, 2 * outlines.shape[-2]).tolist()
        for corner, ink in zip(corners, _inks(colors, alpha, len(corners)), strict=True):
            self._draw.polygon(corner, ink)

    def line(self, points: Floats, colors: Floats, width: float, alpha: float = 1.0) -> None:
        """Draw a line through ``(points, 2)``, or several in order, ``(n, points, 2)``."""
        lines = points.reshape(-1, 2 * points.shape[-2]).tolist()
        for line, ink in zip(lines, _inks(colors, alpha, len(lines)), strict=True):
            self._draw.line(line, ink, max(1, round(width)))

    def dots(self, centers: Floats, radius: float, colors: Floats, alpha: float = 1.0) -> None:
        """Draw discs around the centers ``(n, 2)``."""
        boxes = np.concatenate([centers - radius, centers + radius], -1).tolist()
        for box, ink in zip(boxes, _inks(colors, alpha, len(boxes)), strict=True):
            self._draw.ellipse(box, ink)


def _inks(colors: Floats, alpha: float, count: int) -> list[tuple[int, ...]]:
    """Convert one color ``(3,)`` or several ``(n, 3)`` to RGBA tuples for Pillow."""
    values = np.clip(np.broadcast_to(colors, (count, 3)), 0, 255).astype(int).tolist()
    return [(*color, round(255 * alpha)) for color in values]


def vary_color(
    rng: Random, color: tuple[float, float, float] | Floats, spread: float = 10
) -> Floats:
    """Vary the brightness of a color at random, and its hue slightly."""
    return np.asarray(color) * rng.normal(1, spread / 120) + rng.normal(0, spread / 2, 3)


def choose_color(
    rng: Random, colors: tuple[tuple[int, int, int], ...], spread: float = 10
) -> Floats:
    """Choose one of the colors and vary it."""
    return vary_color(rng, colors[rng.randint(len(colors))], spread)
