"""A batch of pictures of cells: where the cells are, and how to lay colour on them.

Lengths are in half sides of the picture: it reaches from -1 to 1. An outline is as soft as the
focus of its picture, so nothing has to be blurred afterwards.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

# Pink, beige, greyish and bluish, as the slides of several laboratories are.
STAINS = np.array([(206, 158, 166), (214, 184, 172), (196, 172, 178), (176, 150, 182)], float)


class Scene:
    """A batch of pictures that is being drawn.

    Args:
        rng: where all chance comes from.
        n: pictures.
        size: pixels a side.
    """

    def __init__(self, rng: np.random.RandomState, n: int, size: int) -> None:
        self.rng, self.n, self.size = rng, n, size
        middle = (np.arange(size) + 0.5) / size * 2 - 1
        self.x, self.y = middle[None, None, :], middle[None, :, None]
        self.colour = np.zeros((n, size, size, 3))
        self.inside = np.zeros((n, size, size))
        self.softness = (1.2 + 3.5 * rng.rand(n) ** 2) / size
        self.stain = self.between(0.75, 1.15) * STAINS[rng.randint(len(STAINS), size=n)]
        self.stain += rng.normal(0, 5, (n, 3))
        self.outline = _Outline(rng, n)
        self.strength = self.between(0.45, 1.0)[:, 0]

    def between(self, low: float, high: float) -> Floats:
        """``(n, 1)`` numbers."""
        return self.rng.uniform(low, high, (self.n, 1))

    def paint(self, which: Mask, cover: Floats, colour: Floats) -> None:
        """Lay ``colour``, ``(3,)`` or ``(k, 3)``, over the chosen pictures where ``cover`` says."""
        tints = np.broadcast_to(colour, (len(cover), 3))[:, None, None]
        alpha = (cover * self.inside[which])[..., None]
        self.colour[which] += alpha * (tints - self.colour[which])

    def around(self, which: Mask, centre: Floats, flat: float = 1.0) -> tuple[Floats, Floats]:
        """Distance and angle from ``centre``, ``(k, 2)``, in pictures turned at random.

        ``flat`` stretches one axis: below 1 a circle becomes an ellipse that is that much narrower.
        """
        turn = self.rng.rand(which.sum()) * 7
        x, y = self.x - centre[:, 0, None, None], self.y - centre[:, 1, None, None]
        cos, sin = np.cos(turn)[:, None, None], np.sin(turn)[:, None, None]
        along, across = cos * x + sin * y, (cos * y - sin * x) / flat
        return np.hypot(along, across), np.arctan2(across, along)

    def somewhere(self, which: Mask, furthest: float) -> Floats:
        """Places within the cells, up to a share of their radius from the middle: ``(k, 2)``."""
        count = int(which.sum())
        far = furthest * np.sqrt(self.rng.rand(count)) * self.outline.radius[which]
        angle = self.rng.rand(count) * 2 * np.pi
        return far[:, None] * np.stack([np.cos(angle), np.sin(angle)], -1)

    def soft(self, which: Mask, distance: Floats, focus: float = 1.0) -> Floats:
        """1 within an outline (distance below 0), 0 without, ``(k, size, size)``."""
        soft = focus * self.softness[which, None, None]
        t = np.clip(0.5 - distance / (2 * soft), 0, 1)
        return t * t * (3 - 2 * t)


class _Outline:
    """The rim of each cell: nearly a circle, a little wavy, some of them drawn out."""

    def __init__(self, rng: np.random.RandomState, n: int) -> None:
        self.radius = rng.uniform(0.74, 0.9, n)
        self.flat = rng.uniform(0.8, 1.0, n)
        self.turn = rng.rand(n) * 7
        self.waves = rng.normal(0, 1, (4, n)) * np.array([0.025, 0.02, 0.012, 0.008])[:, None]
        self.phases = rng.rand(4, n) * 7

    def distance(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """To the rim, below 0 within; and from the middle in radii."""
        cos, sin = np.cos(self.turn)[:, None, None], np.sin(self.turn)[:, None, None]
        along, across = cos * x + sin * y, (cos * y - sin * x) / self.flat[:, None, None]
        angle, far = np.arctan2(across, along), np.hypot(along, across)
        rim = self.radius[:, None, None] * np.ones_like(far)
        for number, (wave, phase) in enumerate(zip(self.waves, self.phases, strict=True)):
            rim += wave[:, None, None] * np.cos((number + 2) * angle + phase[:, None, None])
        return far - rim, far / rim


def blotches(rng: np.random.RandomState, n: int, size: int, cells: int) -> Floats:
    """Smooth noise of mean 0 and deviation near 1, ``(n, size, size)``: so many waves a side."""
    coarse = rng.normal(0, 1, (n, cells + 2, cells + 2))
    place = (np.arange(size) + 0.5) / size * cells
    whole = place.astype(int)
    part = place - whole
    weights = np.zeros((size, cells + 2))
    weights[np.arange(size), whole] = np.cos(part * np.pi / 2) ** 2
    weights[np.arange(size), whole + 1] = np.sin(part * np.pi / 2) ** 2
    return np.asarray(1.4 * np.einsum("ia,nab,jb->nij", weights, coarse, weights, optimize=True))
