"""What lies in a blood smear, drawn into many pictures at once by the distance to each outline."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .smear import Floats, Mask, Scene, blotches

PARASITE = np.array([112, 82, 150.0])
CHROMATIN = np.array([98, 26, 88.0])
PIGMENT = np.array([66, 44, 40.0])
GRAIN = np.array([74, 40, 100.0])


def cells(scene: Scene) -> None:
    """Cells with a pale middle and a darker rim, blotched, and lit from one side."""
    rng, n = scene.rng, scene.n
    distance, far = scene.outline.distance(scene.x, scene.y)
    # The cut along the rim is sharp in every picture: segmentation made it, not the microscope.
    scene.inside = np.clip(0.5 - distance * scene.size / 2, 0, 1)
    pallor = rng.uniform(-0.03, 0.17, n)[:, None, None]
    wide = rng.uniform(0.3, 0.6, n)[:, None, None]
    shade = 1 + pallor * np.exp(-((far / wide) ** 2)) - 0.12 * np.exp(-(((far - 1) / 0.09) ** 2))
    shade += blotches(rng, n, scene.size, 7) * rng.uniform(0.01, 0.05, n)[:, None, None]
    angle, slope = rng.rand(n, 1, 1) * 7, rng.uniform(0, 0.14, (n, 1, 1))
    shade += slope * (np.cos(angle) * scene.x + np.sin(angle) * scene.y)
    scene.colour = scene.stain[:, None, None] * shade[..., None]
    _neighbours(scene, rng.rand(n) < 0.12)


def _neighbours(scene: Scene, which: Mask) -> None:
    """Where another cell lies over the rim, the stain is deeper."""
    angle = scene.rng.rand(which.sum()) * 7
    centre = 1.35 * np.stack([np.cos(angle), np.sin(angle)], -1)
    far, _ = scene.around(which, centre, 0.9)
    scene.paint(which, 0.75 * scene.soft(which, far - 0.8), scene.stain[which] * 0.8)


def rings(scene: Scene, which: Mask) -> None:
    """Young parasites: a thin ring of cytoplasm, thicker on one side, with a dot of chromatin."""
    rng, count = scene.rng, int(which.sum())
    centre = scene.somewhere(which, 0.72)
    far, angle = scene.around(which, centre, 0.8)
    radius = rng.uniform(0.11, 0.21, (count, 1, 1))
    thick = rng.uniform(0.028, 0.05, (count, 1, 1)) * (1.2 + 0.7 * np.cos(angle))
    band = scene.soft(which, np.abs(far - radius) - thick)
    strength = scene.strength[which, None, None]
    ink = 0.5 * PARASITE + 0.5 * scene.stain[which] * (0.62, 0.55, 0.85)
    scene.paint(which, 0.9 * strength * band, ink)
    where = rng.rand(count) * 7
    for dots in (np.ones(count), rng.rand(count) < 0.25):
        dot = centre + radius[:, 0] * np.stack([np.cos(where), np.sin(where)], -1)
        near, _ = scene.around(which, dot, 0.8)
        size = rng.uniform(0.045, 0.08, (count, 1, 1))
        cover = scene.soft(which, near - size) * dots[:, None, None]
        scene.paint(which, (0.4 + 0.6 * strength) * cover, CHROMATIN)
        where = where + rng.uniform(0.8, 1.6, count)


def trophozoites(scene: Scene, which: Mask) -> None:
    """Grown parasites: an uneven blot of cytoplasm with chromatin, and grains of brown pigment."""
    rng, count = scene.rng, int(which.sum())
    centre = scene.somewhere(which, 0.5)
    far, angle = scene.around(which, centre, 0.75)
    rim = rng.uniform(0.16, 0.4, (count, 1, 1))
    rim = rim * (
        1 + 0.2 * np.cos(2 * angle + 1) + 0.16 * np.cos(3 * angle) + 0.08 * np.cos(5 * angle)
    )
    strength = scene.strength[which, None, None]
    ink = 0.6 * PARASITE + 0.4 * scene.stain[which] * (0.7, 0.62, 0.9)
    scene.paint(which, 0.8 * strength * scene.soft(which, far - rim, 1.5), ink)
    for colour, largest, spread in (
        (CHROMATIN, 0.13, 0.1),
        (PIGMENT, 0.05, 0.14),
        (PIGMENT, 0.04, 0.14),
    ):
        near, _ = scene.around(which, centre + rng.normal(0, spread / 2, (count, 2)), 0.7)
        size = rng.uniform(largest / 2, largest, (count, 1, 1))
        scene.paint(which, (0.45 + 0.5 * strength) * scene.soft(which, near - size), colour)


def gametocytes(scene: Scene, which: Mask) -> None:
    """Crescents with dark chromatin in the middle, the form that tells falciparum."""
    count = int(which.sum())
    centre = scene.somewhere(which, 0.15)
    far, angle = scene.around(which, centre)
    crescent = np.hypot((far - 0.5) / 0.13, _wrapped(angle) * 0.5 / 0.62) - 1
    strength = scene.strength[which, None, None]
    scene.paint(which, (0.3 + 0.6 * strength) * scene.soft(which, 0.13 * crescent), PARASITE)
    core = np.hypot(
        (far - 0.5) / 0.08, _wrapped(angle) * 0.5 / scene.rng.uniform(0.12, 0.25, (count, 1, 1))
    )
    scene.paint(
        which, (0.3 + 0.5 * strength) * scene.soft(which, 0.08 * (core - 1), 1.5), CHROMATIN
    )


def debris(scene: Scene, which: Mask) -> None:
    """Grains of stain: dark, uneven, of any size up to a ring's, some with a bright halo."""
    rng, count = scene.rng, int(which.sum())
    centre = scene.somewhere(which, 1.0)
    far, angle = scene.around(which, centre, 0.7)
    size = 0.03 + 0.13 * rng.rand(count, 1, 1) ** 2
    waves = rng.uniform(0, 0.22, (3, count, 1, 1)) * np.cos(
        np.array([2, 3, 5])[:, None, None, None] * angle + rng.rand(3, count, 1, 1) * 7
    )
    rim = size * (1 + waves.sum(0))
    halo = 0.5 * (rng.rand(count) < 0.3)[:, None, None]
    scene.paint(which, halo * scene.soft(which, far - 1.6 * rim), scene.stain[which] * 1.2)
    ink = GRAIN + rng.normal(0, 16, (count, 3))
    strength = rng.uniform(0.35, 0.95, (count, 1, 1))
    scene.paint(which, strength * scene.soft(which, far - rim), ink)


def platelets(scene: Scene, which: Mask) -> None:
    """Platelets that lie on the cell: pale violet, grained, within a clear halo."""
    rng, count = scene.rng, int(which.sum())
    centre = scene.somewhere(which, 0.95)
    far, angle = scene.around(which, centre, 0.85)
    rim = rng.uniform(0.13, 0.24, (count, 1, 1)) * (1 + 0.1 * np.cos(4 * angle))
    scene.paint(which, 0.4 * scene.soft(which, far - 1.35 * rim, 2), scene.stain[which] * 1.15)
    grained = 1 + 0.5 * blotches(rng, count, scene.size, scene.size // 3)
    cover = np.clip(0.6 * grained, 0, 1) * scene.soft(which, far - rim, 1.5)
    scene.paint(which, cover, np.array([142, 98, 166.0]))


def finished(scene: Scene) -> npt.NDArray[np.uint8]:
    """The camera's light, colour and noise; black around the cell."""
    rng, n = scene.rng, scene.n
    balance = np.clip(rng.normal(1, 0.03, (n, 1, 1, 3)), 0.9, 1.1)
    light = rng.uniform(0.8, 1.12, (n, 1, 1, 1))
    noise = rng.normal(0, 1, scene.colour.shape) * rng.uniform(1.5, 7, (n, 1, 1, 1))
    seen = scene.colour * balance * light + noise
    return (np.clip(seen, 0, 255) * scene.inside[..., None]).astype(np.uint8)


def _wrapped(angle: Floats) -> Floats:
    """Angles in -pi .. pi."""
    return (angle + np.pi) % (2 * np.pi) - np.pi
