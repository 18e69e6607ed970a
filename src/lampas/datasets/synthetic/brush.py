"""Shapes in the plane, posed in space and painted with Pillow on a canvas of sub-pixels."""

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
"""The golden angle: how a plant turns from one leaf, petal or seed to the next."""


@dataclass(frozen=True)
class Pose:
    """Where a flower is and how it is seen: ``point -> matrix @ point + centre``, in sub-pixels."""

    matrix: Floats
    centre: Floats

    def __call__(self, points: Floats) -> Floats:
        """``(..., 2)`` points of the unit flower -> the same on the canvas."""
        return points @ self.matrix.T + self.centre

    @property
    def radius(self) -> float:
        """Of the posed unit circle, on average."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix))))


def pose(rng: Random, centre: Floats, radius: float, flattest: float = 0.45) -> Pose:
    """A flower turned at random and seen from above or, at most ``flattest``, from its side."""
    tilt = rng.uniform(flattest, 1)
    return Pose(
        rotation(rng.normal(0, 0.5)) @ np.diag([radius, radius * tilt]) @ rotation(rng.rand() * 7),
        centre,
    )


def rotation(angle: float) -> Floats:
    """The matrix ``(2, 2)`` that turns by ``angle``."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def rays(angles: Floats) -> Floats:
    """Unit vectors ``(..., 2)``."""
    return np.concatenate([np.cos(angles)[..., None], np.sin(angles)[..., None]], -1)


def petal(width: float, fullest: float = 0.6, blunt: float = 0.6) -> Floats:
    """The outline of a petal along the x axis from 0 to 1, ``(14, 2)``.

    Args:
        width: half its width at its fullest.
        fullest: how far out it is widest.
        blunt: small for a round tip, 1 and more for a pointed one.
    """
    along = np.linspace(0, 1, 8)
    wide = width * np.sin(np.pi * along ** (np.log(0.5) / np.log(fullest))) ** blunt
    upper = np.stack([along, wide], -1)
    return np.concatenate([upper, upper[-2:0:-1] * (1, -1)])


def turned(outline: Floats, angles: Floats, lengths: Floats, start: float = 0.0) -> Floats:
    """Copies of an outline, each at an angle and of a length: ``(copies, points, 2)``."""
    along, across = rays(angles), rays(angles + np.pi / 2)
    x, y = start + outline[:, :1] * (lengths - start)[:, None, None], outline[:, 1:]
    return x * along[:, None] + y * lengths[:, None, None] * across[:, None]


class Brush:
    """Paints on an image; colours are ``(3,)`` in 0..255, what is translucent is blended."""

    def __init__(self, image: Image) -> None:
        from PIL import ImageDraw

        self.image = image
        self._draw = ImageDraw.Draw(image, "RGBA")

    def fill(self, outlines: Floats, colours: Floats, alpha: float = 1.0) -> None:
        """A polygon, ``(points, 2)``, or many of them in turn, ``(n, points, 2)``."""
        corners = outlines.reshape(-1, 2 * outlines.shape[-2]).tolist()
        for corner, ink in zip(corners, _inks(colours, alpha, len(corners)), strict=True):
            self._draw.polygon(corner, ink)

    def line(self, points: Floats, colours: Floats, width: float, alpha: float = 1.0) -> None:
        """A line through ``(points, 2)``, or many of them in turn, ``(n, points, 2)``."""
        places = points.reshape(-1, 2 * points.shape[-2]).tolist()
        for place, ink in zip(places, _inks(colours, alpha, len(places)), strict=True):
            self._draw.line(place, ink, max(1, round(width)))

    def dots(self, centres: Floats, radius: float, colours: Floats, alpha: float = 1.0) -> None:
        """Discs around ``(n, 2)``."""
        boxes = np.concatenate([centres - radius, centres + radius], -1).tolist()
        for box, ink in zip(boxes, _inks(colours, alpha, len(boxes)), strict=True):
            self._draw.ellipse(box, ink)


def _inks(colours: Floats, alpha: float, count: int) -> list[tuple[int, ...]]:
    """``(3,)`` for all or ``(n, 3)`` -> what Pillow takes."""
    whole = np.clip(np.broadcast_to(colours, (count, 3)), 0, 255).astype(int).tolist()
    return [(*colour, round(255 * alpha)) for colour in whole]


def varied(rng: Random, colour: tuple[float, float, float] | Floats, spread: float = 10) -> Floats:
    """A colour near ``colour``: lighter or darker, and a little of another hue."""
    return np.asarray(colour) * rng.normal(1, spread / 120) + rng.normal(0, spread / 2, 3)


def one_of(rng: Random, colours: tuple[tuple[int, int, int], ...], spread: float = 10) -> Floats:
    """One of the colours, varied."""
    return varied(rng, colours[rng.randint(len(colours))], spread)
