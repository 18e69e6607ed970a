"""Flowers of five kinds, drawn: a stand-in for photographs where there is no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError
from .brush import Brush, Floats, Random, pose
from .kinds import KINDS
from .scenery import backdrop, foliage, photographed, stem

if TYPE_CHECKING:
    from PIL.Image import Image

CLASSES = tuple(KINDS)
SUPERSAMPLING = 3
"""Sub-pixels a side of each pixel, averaged at the end."""


def drawn_flowers(
    n: int = 2500, size: int = 64, seed: int = 0
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Drawn pictures of daisies, dandelions, roses, sunflowers and tulips, the classes in turn.

    One flower or several, near or far, from above or aslant, behind leaves, in any light, sharp or
    not; dandelions in bloom or gone to seed; roses and tulips of the same colours.

    Args:
        n: how many; fewer of the same seed are the first of more.
        size: pixels a side.
        seed: equal seeds give equal pictures.

    Returns:
        pictures uint8 ``(n, size, size, 3)`` and labels int32 ``(n,)``, an index into `CLASSES`.

    Raises:
        ArgumentError: when ``n`` or ``size`` is too small.
    """
    if n < 1 or size < 8:
        raise ArgumentError(f"pictures: 1 or more of 8 pixels or more, not {n} of {size}.")
    rng = np.random.RandomState(seed)
    y = np.arange(n, dtype=np.int32) % len(CLASSES)
    return np.stack([_picture(rng, CLASSES[label], size) for label in y]), y


def _picture(rng: Random, kind: str, size: int) -> npt.NDArray[np.uint8]:
    from PIL import ImageFilter

    image = _behind(rng, kind, size)
    brush, side = Brush(image), image.width
    foliage(brush, rng, side, rng.randint(0, 6))
    for centre, radius in _arrangement(rng, side):
        _flower(brush, rng, kind, centre, radius)
    if rng.rand() < 0.25:
        foliage(brush, rng, side, rng.randint(1, 3))
    small = image.reduce(SUPERSAMPLING)
    if rng.rand() < 0.6:
        small = small.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9) * size / 64))
    return photographed(rng, np.asarray(small, np.float64))


def _behind(rng: Random, kind: str, size: int) -> Image:
    """The backdrop, in half of the pictures with flowers far away, now and then of another kind."""
    from PIL import Image, ImageFilter

    side = 2 * size
    image = backdrop(rng, side)
    if rng.rand() < 0.5:
        far = kind if rng.rand() < 0.75 else CLASSES[rng.randint(len(CLASSES))]
        brush = Brush(image)
        for _ in range(rng.randint(1, 4)):
            _flower(brush, rng, far, rng.uniform(0, side, 2), side * rng.uniform(0.06, 0.14))
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(1.5, 4) * size / 64))
    return image.resize((size * SUPERSAMPLING,) * 2, Image.Resampling.BILINEAR)


def _arrangement(rng: Random, side: int) -> list[tuple[Floats, float]]:
    """Centre and radius of each flower: one, a few or many."""
    chance = rng.rand()
    if chance < 0.6:
        return [(side * rng.normal(0.5, 0.1, 2), side * rng.uniform(0.24, 0.48))]
    count = rng.randint(2, 5) if chance < 0.9 else rng.randint(5, 9)
    largest = 0.3 if count < 5 else 0.18
    return [
        (side * rng.uniform(0.12, 0.88, 2), side * rng.uniform(largest / 2, largest))
        for _ in range(count)
    ]


def _flower(brush: Brush, rng: Random, kind: str, centre: Floats, radius: float) -> None:
    if kind == "tulips":
        radius *= 0.75
    if rng.rand() < 0.7 or kind == "tulips":
        top = centre + np.array([0, radius * 0.6 if kind == "tulips" else 0])
        stem(brush, rng, top, radius, brush.image.width, rng.randint(0, 3))
    KINDS[kind](brush, pose(rng, centre, radius), rng)
