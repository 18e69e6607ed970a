"""Synthetic images of red blood cells with and without malaria parasites.

Lengths are in halves of the image size: an image extends from -1 to 1. Outlines are as soft as the
focus of the image, so that nothing has to be blurred afterwards.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError
from .drawing import Floats, rays

Mask = npt.NDArray[np.bool_]

CLASSES = ("Parasitized", "Uninfected")
CHUNK_SIZE = 128
"""Cells that are drawn together; the random numbers depend on it."""

# Pink, beige, greyish and bluish, as in the slides of different laboratories.
STAINS = np.array([(206, 158, 166), (214, 184, 172), (196, 172, 178), (176, 150, 182)], float)
PARASITE = np.array([112, 82, 150.0])
CHROMATIN = np.array([98, 26, 88.0])
PIGMENT = np.array([66, 44, 40.0])
GRAIN = np.array([74, 40, 100.0])


def synthetic_cells(
    n: int = 3000, size: int = 64, seed: int = 0
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Generate images of red blood cells in Giemsa stain, segmented on black, infected in turn.

    Parasites are rings with a dot of chromatin, one or several per cell, mature trophozoites with
    pigment and, rarely, crescent-shaped gametocytes. Grains of stain and platelets occur in both
    classes, so that they have to be distinguished from parasites. Stain, light, focus and the shape
    of the cell vary.

    Args:
        n: number of images. For equal seeds, fewer images are the first ones of more.
        size: height and width in pixels.
        seed: seed of the random numbers.

    Returns:
        Images, uint8 ``(n, size, size, 3)``, and labels, int32 ``(n,)``, indices of
        ``lampas.datasets.synthetic.cells.CLASSES``.

    Raises:
        ArgumentError: ``n`` is below 1 or ``size`` below 8.

    Example:
        >>> import lampas as lp
        >>> x, y = lp.datasets.synthetic_cells(n=4, size=16)
        >>> x.shape, y.tolist()
        ((4, 16, 16, 3), [0, 1, 0, 1])
    """
    if n < 1 or size < 8:
        raise ArgumentError(f"n must be at least 1 and size at least 8, got n={n}, size={size}.")
    rng = np.random.RandomState(seed)
    chunks = [_chunk(rng, size) for _ in range(0, n, CHUNK_SIZE)]
    return np.concatenate(chunks)[:n], np.arange(n, dtype=np.int32) % 2


def _chunk(rng: np.random.RandomState, size: int) -> npt.NDArray[np.uint8]:
    """Draw infected and uninfected cells in turn, uint8 ``(CHUNK_SIZE, size, size, 3)``."""
    scene = _Scene(rng, CHUNK_SIZE, size)
    _cells(scene)
    infected = np.arange(CHUNK_SIZE) % 2 == 0
    stage = rng.rand(CHUNK_SIZE)
    for number, chance in enumerate((1.0, 0.25, 0.1)):
        several = infected & (rng.rand(CHUNK_SIZE) < chance)
        _rings(scene, several & ((stage < 0.6) | (number > 0)))
    _trophozoites(scene, infected & (stage >= 0.6) & (stage < 0.93))
    _gametocytes(scene, infected & (stage >= 0.93))
    for chance in (0.35, 0.2, 0.1):
        _debris(scene, rng.rand(CHUNK_SIZE) < np.where(infected, 0.4, 1) * chance)
    _platelets(scene, rng.rand(CHUNK_SIZE) < np.where(infected, 0.04, 0.14))
    return _photograph(scene)


class _Scene:
    """A batch of images that is being drawn.

    Args:
        rng: source of all random numbers.
        n: number of images.
        size: height and width in pixels.
    """

    def __init__(self, rng: np.random.RandomState, n: int, size: int) -> None:
        self.rng, self.n, self.size = rng, n, size
        middle = (np.arange(size) + 0.5) / size * 2 - 1
        self.x, self.y = middle[None, None, :], middle[None, :, None]
        self.color = np.zeros((n, size, size, 3))
        self.inside = np.zeros((n, size, size))
        self.softness = (1.2 + 3.5 * rng.rand(n) ** 2) / size
        self.stain = self.between(0.75, 1.15) * STAINS[rng.randint(len(STAINS), size=n)]
        self.stain += rng.normal(0, 5, (n, 3))
        # The rim of each cell is almost a circle, slightly wavy, some of them elongated.
        self.radius, self.flat = rng.uniform(0.74, 0.9, n), rng.uniform(0.8, 1.0, n)
        self.turn = rng.rand(n) * 7
        self.waves = rng.normal(0, 1, (4, n)) * np.array([0.025, 0.02, 0.012, 0.008])[:, None]
        self.phases = rng.rand(4, n) * 7
        self.strength = self.between(0.45, 1.0)[:, 0]

    def between(self, low: float, high: float) -> Floats:
        """Random numbers, ``(n, 1)``."""
        return self.rng.uniform(low, high, (self.n, 1))

    def paint(self, chosen: Mask, cover: Floats, color: Floats) -> None:
        """Blend ``color``, ``(3,)`` or ``(k, 3)``, into the chosen images."""
        tints = np.broadcast_to(color, (len(cover), 3))[:, None, None]
        alpha = (cover * self.inside[chosen])[..., None]
        self.color[chosen] += alpha * (tints - self.color[chosen])

    def around(self, chosen: Mask, center: Floats, flat: float = 1.0) -> tuple[Floats, Floats]:
        """Distance and angle from ``center``, ``(k, 2)``, in images rotated at random.

        A factor ``flat`` below 1 turns circles into ellipses that are narrower by that factor.
        """
        turn = self.rng.rand(chosen.sum()) * 7
        x, y = self.x - center[:, 0, None, None], self.y - center[:, 1, None, None]
        return _polar(x, y, turn, flat)

    def from_rim(self) -> tuple[Floats, Floats]:
        """Distance to the rim, negative inside; and distance from the center in radii."""
        far, angle = _polar(self.x, self.y, self.turn, self.flat[:, None, None])
        rim = self.radius[:, None, None] * np.ones_like(far)
        for number, (wave, phase) in enumerate(zip(self.waves, self.phases, strict=True)):
            rim += wave[:, None, None] * np.cos((number + 2) * angle + phase[:, None, None])
        return far - rim, far / rim

    def random_positions(self, chosen: Mask, furthest: float) -> Floats:
        """Positions within a fraction of the cell radius from the center, ``(k, 2)``."""
        count = int(chosen.sum())
        far = furthest * np.sqrt(self.rng.rand(count)) * self.radius[chosen]
        return far[:, None] * rays(self.rng.rand(count) * 2 * np.pi)

    def soft(self, chosen: Mask, distance: Floats, focus: float = 1.0) -> Floats:
        """1 inside an outline (negative distance), 0 outside, soft between, ``(k, size, size)``."""
        soft = focus * self.softness[chosen, None, None]
        t = np.clip(0.5 - distance / (2 * soft), 0, 1)
        return t * t * (3 - 2 * t)


def _polar(x: Floats, y: Floats, turn: Floats, flat: Floats | float) -> tuple[Floats, Floats]:
    """Distance and angle of points in rotated ellipses, narrower than a circle by ``flat``."""
    cos, sin = np.cos(turn)[:, None, None], np.sin(turn)[:, None, None]
    along, across = cos * x + sin * y, (cos * y - sin * x) / flat
    return np.hypot(along, across), np.arctan2(across, along)


def _blotches(rng: np.random.RandomState, n: int, size: int, cells: int) -> Floats:
    """Smooth noise with mean 0, standard deviation near 1 and ``cells`` waves per side."""
    coarse = rng.normal(0, 1, (n, cells + 2, cells + 2))
    position = (np.arange(size) + 0.5) / size * cells
    index = position.astype(int)
    fraction = position - index
    weights = np.zeros((size, cells + 2))
    weights[np.arange(size), index] = np.cos(fraction * np.pi / 2) ** 2
    weights[np.arange(size), index + 1] = np.sin(fraction * np.pi / 2) ** 2
    return np.asarray(1.4 * np.einsum("ia,nab,jb->nij", weights, coarse, weights, optimize=True))


def _cells(scene: _Scene) -> None:
    """Draw blotched cells with a pale center and a darker rim, lit from one side."""
    rng, n = scene.rng, scene.n
    distance, far = scene.from_rim()
    # The edge is sharp in every image, since segmentation creates it, not the microscope.
    scene.inside = np.clip(0.5 - distance * scene.size / 2, 0, 1)
    pallor = rng.uniform(-0.03, 0.17, n)[:, None, None]
    wide = rng.uniform(0.3, 0.6, n)[:, None, None]
    shade = 1 + pallor * np.exp(-((far / wide) ** 2)) - 0.12 * np.exp(-(((far - 1) / 0.09) ** 2))
    shade += _blotches(rng, n, scene.size, 7) * rng.uniform(0.01, 0.05, n)[:, None, None]
    angle, gradient = rng.rand(n, 1, 1) * 7, rng.uniform(0, 0.14, (n, 1, 1))
    shade += gradient * (np.cos(angle) * scene.x + np.sin(angle) * scene.y)
    scene.color = scene.stain[:, None, None] * shade[..., None]
    _neighbours(scene, rng.rand(n) < 0.12)


def _neighbours(scene: _Scene, chosen: Mask) -> None:
    """Deepen the stain where another cell overlaps the rim."""
    far, _ = scene.around(chosen, 1.35 * rays(scene.rng.rand(chosen.sum()) * 7), 0.9)
    scene.paint(chosen, 0.75 * scene.soft(chosen, far - 0.8), scene.stain[chosen] * 0.8)


def _rings(scene: _Scene, chosen: Mask) -> None:
    """Draw young parasites: a ring of cytoplasm, thicker on one side, with a dot of chromatin."""
    rng, count = scene.rng, int(chosen.sum())
    center = scene.random_positions(chosen, 0.72)
    far, angle = scene.around(chosen, center, 0.8)
    radius = rng.uniform(0.11, 0.21, (count, 1, 1))
    thick = rng.uniform(0.028, 0.05, (count, 1, 1)) * (1.2 + 0.7 * np.cos(angle))
    band = scene.soft(chosen, np.abs(far - radius) - thick)
    strength = scene.strength[chosen, None, None]
    ink = 0.5 * PARASITE + 0.5 * scene.stain[chosen] * (0.62, 0.55, 0.85)
    scene.paint(chosen, 0.9 * strength * band, ink)
    where = rng.rand(count) * 7
    for dots in (np.ones(count), rng.rand(count) < 0.25):
        near, _ = scene.around(chosen, center + radius[:, 0] * rays(where), 0.8)
        size = rng.uniform(0.045, 0.08, (count, 1, 1))
        cover = scene.soft(chosen, near - size) * dots[:, None, None]
        scene.paint(chosen, (0.4 + 0.6 * strength) * cover, CHROMATIN)
        where = where + rng.uniform(0.8, 1.6, count)


def _trophozoites(scene: _Scene, chosen: Mask) -> None:
    """Draw mature parasites: uneven cytoplasm with chromatin and grains of brown pigment."""
    rng, count = scene.rng, int(chosen.sum())
    center = scene.random_positions(chosen, 0.5)
    far, angle = scene.around(chosen, center, 0.75)
    waves = 1 + 0.2 * np.cos(2 * angle + 1) + 0.16 * np.cos(3 * angle) + 0.08 * np.cos(5 * angle)
    rim = rng.uniform(0.16, 0.4, (count, 1, 1)) * waves
    strength = scene.strength[chosen, None, None]
    ink = 0.6 * PARASITE + 0.4 * scene.stain[chosen] * (0.7, 0.62, 0.9)
    scene.paint(chosen, 0.8 * strength * scene.soft(chosen, far - rim, 1.5), ink)
    grains = (CHROMATIN, 0.13, 0.1), (PIGMENT, 0.05, 0.14), (PIGMENT, 0.04, 0.14)
    for color, largest, spread in grains:
        near, _ = scene.around(chosen, center + rng.normal(0, spread / 2, (count, 2)), 0.7)
        size = rng.uniform(largest / 2, largest, (count, 1, 1))
        scene.paint(chosen, (0.45 + 0.5 * strength) * scene.soft(chosen, near - size), color)


def _gametocytes(scene: _Scene, chosen: Mask) -> None:
    """Draw crescents with dark chromatin in the center, typical of P. falciparum."""
    far, angle = scene.around(chosen, scene.random_positions(chosen, 0.15))
    along = ((angle + np.pi) % (2 * np.pi) - np.pi) * 0.5
    crescent = np.hypot((far - 0.5) / 0.13, along / 0.62) - 1
    strength = scene.strength[chosen, None, None]
    scene.paint(chosen, (0.3 + 0.6 * strength) * scene.soft(chosen, 0.13 * crescent), PARASITE)
    core = np.hypot((far - 0.5) / 0.08, along / scene.rng.uniform(0.12, 0.25, (len(far), 1, 1))) - 1
    scene.paint(chosen, (0.3 + 0.5 * strength) * scene.soft(chosen, 0.08 * core, 1.5), CHROMATIN)


def _debris(scene: _Scene, chosen: Mask) -> None:
    """Draw dark grains of stain up to the size of a ring, some with a bright halo."""
    rng, count = scene.rng, int(chosen.sum())
    center = scene.random_positions(chosen, 1.0)
    far, angle = scene.around(chosen, center, 0.7)
    size = 0.03 + 0.13 * rng.rand(count, 1, 1) ** 2
    waves = rng.uniform(0, 0.22, (3, count, 1, 1)) * np.cos(
        np.array([2, 3, 5])[:, None, None, None] * angle + rng.rand(3, count, 1, 1) * 7
    )
    rim = size * (1 + waves.sum(0))
    halo = 0.5 * (rng.rand(count) < 0.3)[:, None, None]
    scene.paint(chosen, halo * scene.soft(chosen, far - 1.6 * rim), scene.stain[chosen] * 1.2)
    ink = GRAIN + rng.normal(0, 16, (count, 3))
    strength = rng.uniform(0.35, 0.95, (count, 1, 1))
    scene.paint(chosen, strength * scene.soft(chosen, far - rim), ink)


def _platelets(scene: _Scene, chosen: Mask) -> None:
    """Draw platelets on the cell: pale violet and grained, with a clear halo."""
    rng, count = scene.rng, int(chosen.sum())
    center = scene.random_positions(chosen, 0.95)
    far, angle = scene.around(chosen, center, 0.85)
    rim = rng.uniform(0.13, 0.24, (count, 1, 1)) * (1 + 0.1 * np.cos(4 * angle))
    scene.paint(chosen, 0.4 * scene.soft(chosen, far - 1.35 * rim, 2), scene.stain[chosen] * 1.15)
    grained = 1 + 0.5 * _blotches(rng, count, scene.size, scene.size // 3)
    cover = np.clip(0.6 * grained, 0, 1) * scene.soft(chosen, far - rim, 1.5)
    scene.paint(chosen, cover, np.array([142, 98, 166.0]))


def _photograph(scene: _Scene) -> npt.NDArray[np.uint8]:
    """Apply white balance, brightness and noise of a camera; black out the background."""
    rng, n = scene.rng, scene.n
    balance = np.clip(rng.normal(1, 0.03, (n, 1, 1, 3)), 0.9, 1.1)
    light = rng.uniform(0.8, 1.12, (n, 1, 1, 1))
    noise = rng.normal(0, 1, scene.color.shape) * rng.uniform(1.5, 7, (n, 1, 1, 1))
    pixels = scene.color * balance * light + noise
    return (np.clip(pixels, 0, 255) * scene.inside[..., None]).astype(np.uint8)
