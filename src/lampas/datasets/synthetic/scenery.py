"""What is around a flower: ground and sky, stems, leaves, light and the camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .brush import Brush, Floats, Random, one_of, petal, turned, varied

if TYPE_CHECKING:
    from PIL.Image import Image

GREENS = ((70, 112, 48), (96, 138, 60), (48, 84, 44), (120, 150, 80))
GROUNDS = (
    *(GREENS * 2),
    *((40, 52, 36), (28, 30, 28), (108, 86, 62), (150, 150, 140), (130, 170, 214), (180, 206, 230)),
)
STEM = (84, 124, 58)


def backdrop(rng: Random, side: int) -> Image:
    """Soft blots of two colours, with bright spots out of focus: ``side`` pixels, RGB."""
    from PIL import Image

    ground, other = one_of(rng, GROUNDS, 18), one_of(rng, GROUNDS[:10], 18)
    cells = rng.randint(3, 9)
    mix = rng.rand(cells, cells, 1) * rng.uniform(0.3, 1)
    blots = ground * (1 - mix) + other * mix + rng.normal(0, 9, (cells, cells, 1))
    if rng.rand() < 0.3:
        spots = rng.rand(cells, cells) < 0.12
        blots[spots] = rng.randint(60, 256, (int(spots.sum()), 3))
    pixels = np.clip(blots, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC)


def foliage(brush: Brush, rng: Random, side: int, blades: int) -> None:
    """Leaves and blades of grass across the picture."""
    for _ in range(blades):
        root = rng.uniform(-0.1, 1.1, 2) * side
        length = np.array([side * rng.uniform(0.25, 0.8)])
        angle = np.array([rng.normal(-np.pi / 2, 0.7)])
        outline = petal(rng.choice([0.03, 0.05, 0.14, 0.2]), 0.5, 0.8)
        green = one_of(rng, GREENS, 14)
        leaf = turned(outline, angle, length)[0] + root
        brush.fill(leaf, green, 0.92)
        rib = turned(np.array([[0.05, 0], [0.95, 0]]), angle, length)[0] + root
        brush.line(rib, green * 0.8, side * 0.008, 0.6)


def stem(brush: Brush, rng: Random, top: Floats, radius: float, side: int, leaves: int) -> None:
    """From a flower down and out of the picture, a little bent."""
    colour = varied(rng, STEM, 14)
    foot = np.array([top[0] + rng.normal(0, 0.14) * side, side * 1.1])
    bend = (top + foot) / 2 + (rng.normal(0, 0.05) * side, 0)
    t = np.linspace(0, 1, 8)[:, None]
    curve = (1 - t) ** 2 * top + 2 * t * (1 - t) * bend + t**2 * foot
    brush.line(curve, colour * 0.8, radius * 0.2)
    brush.line(curve - (radius * 0.03, 0), colour, radius * 0.12)
    for _ in range(leaves):
        angle = -np.pi / 2 + rng.choice([-1, 1]) * rng.uniform(0.2, 0.7)
        length = np.array([rng.uniform(1.4, 2.6) * radius])
        leaf = turned(petal(0.13, 0.45, 0.8), np.array([angle]), length)[0]
        start = curve[rng.randint(4, 7)]
        brush.fill(leaf + start, varied(rng, colour, 8))
        brush.fill(leaf * (0.92, 0.96) + start, varied(rng, colour * 1.12, 6))


def photographed(rng: Random, picture: Floats) -> npt.NDArray[np.uint8]:
    """Light, white balance, vignette and the noise of a sensor on ``(size, size, 3)``."""
    size = len(picture)
    across = np.linspace(-1, 1, size)
    angle, slope = rng.rand() * 7, rng.uniform(0, 0.3)
    light = 1 + slope * (np.cos(angle) * across[:, None] + np.sin(angle) * across)
    light -= rng.uniform(0, 0.2) * (across[:, None] ** 2 + across**2) / 2
    balance = rng.uniform(0.7, 1.15) * np.clip(rng.normal(1, 0.06, 3), 0.8, 1.2)
    seen = picture * light[..., None] * balance
    flat = rng.uniform(0, 0.2)
    seen = seen * (1 - flat) + flat * seen.mean()
    seen += rng.normal(0, rng.uniform(1, 8), picture.shape)
    return np.clip(seen, 0, 255).astype(np.uint8)
