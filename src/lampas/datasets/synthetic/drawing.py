"""Draw shapes with Pillow on a canvas with subpixels."""

from __future__ import annotations

from collections.abc import Iterator
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


def rotation(angle: float) -> Floats:
    """The matrix ``(2, 2)`` of a rotation by ``angle``."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def rays(angles: Floats | float) -> Floats:
    """Unit vectors ``(..., 2)`` in the directions of the angles."""
    return np.stack([np.cos(angles), np.sin(angles)], -1)


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


def rotated_copies(
    outline: Floats, angles: Floats | float, lengths: Floats | float, start: float = 0.0
) -> Floats:
    """Copies of an outline by angle and length, ``(copies, points, 2)``, or a single one."""
    along, across = rays(angles)[..., None, :], rays(angles + np.pi / 2)[..., None, :]
    length = np.asarray(lengths)[..., None, None]
    return (start + outline[:, :1] * (length - start)) * along + outline[:, 1:] * length * across


class Brush:
    """Draws on an image; colors are ``(3,)`` in 0..255 and blended with the opacity ``alpha``."""

    def __init__(self, image: Image) -> None:
        from PIL import ImageDraw

        self.image = image
        self._draw = ImageDraw.Draw(image, "RGBA")

    def fill(self, outlines: Floats, colors: Floats, alpha: float = 1.0) -> None:
        """Fill a polygon, ``(points, 2)``, or several in order, ``(n, points, 2)``."""
        for corners, ink in _with_inks(outlines.reshape(-1, 2 * outlines.shape[-2]), colors, alpha):
            self._draw.polygon(corners, ink)

    def line(self, points: Floats, colors: Floats, width: float, alpha: float = 1.0) -> None:
        """Draw a line through ``(points, 2)``, or several in order, ``(n, points, 2)``."""
        for line, ink in _with_inks(points.reshape(-1, 2 * points.shape[-2]), colors, alpha):
            self._draw.line(line, ink, max(1, round(width)))

    def dots(self, centers: Floats, radius: float, colors: Floats, alpha: float = 1.0) -> None:
        """Draw discs around the centers ``(n, 2)``."""
        boxes = np.concatenate([centers - radius, centers + radius], -1)
        for box, ink in _with_inks(boxes, colors, alpha):
            self._draw.ellipse(box, ink)


def _with_inks(
    shapes: Floats, colors: Floats, alpha: float
) -> Iterator[tuple[list[float], tuple[int, ...]]]:
    """Each shape with its color, one ``(3,)`` for all or ``(n, 3)``, as RGBA for Pillow."""
    values = np.clip(np.broadcast_to(colors, (len(shapes), 3)), 0, 255).astype(int).tolist()
    for shape, color in zip(shapes.tolist(), values, strict=True):
        yield shape, (*color, round(255 * alpha))
