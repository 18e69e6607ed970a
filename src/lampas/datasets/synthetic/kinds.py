"""Five kinds of flowers, each painted as a unit flower in a pose."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .brush import (
    GOLDEN,
    Brush,
    Floats,
    Pose,
    Random,
    one_of,
    petal,
    rays,
    rotation,
    turned,
    varied,
)

WHITES = ((246, 244, 240), (238, 240, 246), (250, 246, 232))
YELLOWS = ((252, 206, 40), (250, 186, 22), (246, 220, 70))
PINKS = ((240, 150, 176), (226, 96, 140), (246, 190, 204))
REDS = ((196, 26, 44), (220, 44, 50), (160, 18, 44))
GREEN = (72, 120, 52)
CIRCLE = rays(np.linspace(0, 2 * np.pi, 25)[:-1])


def daisy(brush: Brush, pose: Pose, rng: Random) -> None:
    """A ring of long petals, white or pink, around a yellow disc."""
    colour = one_of(rng, WHITES * 3 + PINKS + ((186, 150, 214),))
    count, width = rng.randint(13, 26), rng.uniform(0.09, 0.15)
    disc = rng.uniform(0.2, 0.33)
    for layer in range(rng.randint(1, 3)):
        _whorl(brush, pose, rng, count, 1 - 0.1 * layer, petal(width, 0.65, 0.55), colour, disc / 2)
    yellow = one_of(rng, ((250, 196, 30), (236, 166, 20), (226, 190, 50)))
    _disc(brush, pose, rng, disc, yellow, yellow * 0.78, 24)


def sunflower(brush: Brush, pose: Pose, rng: Random) -> None:
    """Two rings of pointed yellow petals around a broad disc of seeds in spirals."""
    colour = one_of(rng, YELLOWS)
    disc = rng.uniform(0.36, 0.55)
    outline = petal(rng.uniform(0.1, 0.15), 0.5, 1.0)
    for layer in range(2):
        tint = colour * (1, 1 - 0.06 * (1 - layer), 1)
        count = rng.randint(15, 24)
        _whorl(brush, pose, rng, count, 1 - 0.1 * layer, outline, tint, disc * 0.8)
    brown = one_of(rng, ((72, 42, 22), (96, 58, 26), (54, 34, 26), (104, 92, 34)))
    _disc(brush, pose, rng, disc, brown, brown * 1.7 + (20, 10, 0), 70)
    brush.fill(pose(CIRCLE * disc * rng.uniform(0.3, 0.5)), brown * 0.75 + (8, 14, 0), 0.6)


def dandelion(brush: Brush, pose: Pose, rng: Random) -> None:
    """A head of many narrow yellow straps; or, gone to seed, a ball of white hairs."""
    if rng.rand() < 0.4:
        _seed_head(brush, pose, rng)
        return
    colour = one_of(rng, YELLOWS)
    for layer, length in enumerate((1.0, 0.86, 0.7, 0.52, 0.34)):
        outline = petal(0.055 / length**0.7, 0.8, 0.35)
        count = rng.randint(22, 30) - 3 * layer
        tint = colour * (1, 1 - 0.035 * layer, 1 - 0.1 * layer)
        _whorl(brush, pose, rng, count, length, outline, tint, 0.0, ragged=0.1)
    core = colour * (0.9, 0.72, 0.4) * rng.normal(1, 0.12, (14, 1))
    brush.dots(pose(rng.normal(0, 0.1, (14, 2))), 0.03 * pose.radius + 0.5, core)


def rose(brush: Brush, pose: Pose, rng: Random) -> None:
    """Broad petals wrapped around each other from the outside in, each over its own shadow."""
    colour = one_of(rng, REDS * 2 + PINKS * 2 + WHITES + YELLOWS[:2] + ((244, 160, 120),))
    layers, light = rng.randint(20, 30), rng.rand() * 7
    # Far petals are large and lie open; near ones are small and stand upright.
    inward = np.arange(layers) / layers
    size = 0.66 * (1 - inward) ** 0.9 + 0.06
    angles = rng.rand() * 7 + GOLDEN * np.arange(layers)
    waves = 1 + 0.05 * np.sin(0.75 * np.arange(len(CIRCLE)) + angles[:, None])
    petals = turned(CIRCLE * (1, 1.15), angles, size) * waves[..., None]
    outward = rays(angles)[:, None]
    middle = outward * (0.46 * (1 - inward))[:, None, None]
    shade = 1 - 0.28 * inward + 0.13 * np.cos(angles - light) + rng.normal(0, 0.03, layers)
    tints = colour * shade[:, None]
    # Each petal: its shadow, its bright rim, its hollow.
    hollows = petals * 0.9 + middle - outward * (size * 0.14)[:, None, None]
    outlines = np.stack([petals * 1.05 + middle, petals + middle, hollows], 1)
    colours = np.stack([tints * 0.62, tints * 1.12 + 12, tints * 0.9], 1)
    brush.fill(pose(outlines.reshape(-1, *CIRCLE.shape)), colours.reshape(-1, 3))
    brush.fill(pose(CIRCLE * 0.07), colour * 0.45, 0.8)


def tulip(brush: Brush, pose: Pose, rng: Random) -> None:
    """A cup of broad pointed petals, from the side or, now and then, from above."""
    more = ((250, 130, 30), (120, 40, 110), (180, 110, 200))
    colour = one_of(rng, REDS * 2 + PINKS + YELLOWS + WHITES[:2] + more)
    if rng.rand() < 0.15:
        for turn in (0.0, np.pi / 3):
            outline = petal(0.42, 0.6, 0.7)
            _whorl(brush, pose, rng, 3, 1.0, outline, colour * (0.85 + turn / 7), 0.0, turn=turn)
        _disc(brush, pose, rng, 0.2, np.array((60, 50, 30.0)), np.array((230, 200, 60.0)), 12)
        return
    opening = rng.uniform(0.5, 1.2)
    # Seen from the side: up is up, whichever way the pose was turned.
    side = Pose(pose.radius * rotation(rng.normal(0, 0.25)), pose.centre)
    angles = np.array([-0.42, 0.42, -0.62, 0.62, 0.0]) * opening - np.pi / 2
    shades = (0.66, 0.7, 0.9, 0.97, 1.06)
    widths = (0.26, 0.26, 0.27, 0.27, 0.36)
    base = np.array([0, 0.8])
    for angle, shade, width in zip(angles, shades, widths, strict=True):
        length = np.array([rng.uniform(1.5, 1.75)])
        whole, tint = petal(width, 0.45, 0.75), colour * shade
        at = np.array([angle])
        brush.fill(side(turned(whole, at, length)[0] + base), tint * 0.8)
        inner = whole * (0.96, 0.84) + (0.0, 0.03)
        brush.fill(side(turned(inner, at, length)[0] + base), tint)
        vein = turned(np.array([[0.1, 0], [0.9, 0.01]]), at, length)[0] + base
        brush.line(side(vein), tint * 0.86, 0.04 * pose.radius, 0.7)
        brush.fill(side(turned(whole * (0.3, 0.7), at, length)[0] + base), tint * 0.7, 0.35)


def _whorl(
    brush: Brush,
    pose: Pose,
    rng: Random,
    count: int,
    length: float,
    outline: Floats,
    colour: Floats,
    start: float,
    ragged: float = 0.06,
    turn: float | None = None,
) -> None:
    """A ring of petals, none quite like the next; light falls from one side."""
    turn, light = rng.rand() * 7 if turn is None else turn, rng.rand() * 7
    angles = turn + 2 * np.pi * (np.arange(count) + rng.normal(0, 0.16, count)) / count
    lengths = length * np.clip(rng.normal(1, ragged, count), 0.7, 1.15)
    whole = pose(turned(outline, angles, lengths, start))
    inner = pose(turned(outline * (0.94, 0.66), angles, lengths, start))
    shades = 0.95 + 0.08 * np.cos(angles - light) + rng.normal(0, 0.05, count)
    order = rng.permutation(count)
    tints = (colour * shades[:, None])[order]
    outlines = np.stack([whole[order], inner[order]], 1).reshape(-1, *outline.shape)
    brush.fill(outlines, np.stack([tints * 0.82, tints], 1).reshape(-1, 3))


def _disc(
    brush: Brush, pose: Pose, rng: Random, radius: float, ground: Floats, seed: Floats, seeds: int
) -> None:
    """A disc with seeds in the spirals of the golden angle, darker below than above."""
    brush.fill(pose(CIRCLE * radius * 1.06), ground * 0.7)
    brush.fill(pose(CIRCLE * radius), ground)
    number = np.arange(seeds) + 0.5
    places = radius * 0.96 * np.sqrt(number / seeds)[:, None] * rays(GOLDEN * number + rng.rand())
    size = 0.55 * radius * pose.radius / np.sqrt(seeds)
    brush.dots(pose(places), size, seed * rng.uniform(0.75, 1.15, (seeds, 1)))


def _seed_head(brush: Brush, pose: Pose, rng: Random) -> None:
    """Seeds on a ball, each a stalk with a tuft of hairs."""
    count = rng.randint(70, 110)
    number = np.arange(count) + 0.5
    depth = 1 - 2 * number / count
    tips = np.sqrt(1 - depth**2)[:, None] * rays(GOLDEN * number + rng.rand())
    white = varied(rng, (232, 232, 226), 6)
    ball, radius = pose.centre, pose.radius
    brush.fill(ball + radius * 0.95 * CIRCLE, white, 0.2)
    brush.fill(ball + radius * 0.14 * CIRCLE, varied(rng, (110, 90, 60)))
    bright = white * (0.86 + 0.14 * depth[:, None])
    ends = ball + radius * 0.8 * tips
    stalks = np.stack([np.broadcast_to(ball, ends.shape), ends], 1)
    brush.line(stalks, bright * 0.85, radius * 0.014, 0.4)
    hairs = rays(7 * rng.rand(count, 1) + np.arange(5) * 2 * np.pi / 5)
    reach = ends[:, None] + radius * 0.2 * (hairs + 0.4 * tips[:, None])
    tufts = np.stack([np.broadcast_to(ends[:, None], reach.shape), reach], 2)
    brush.line(tufts.reshape(-1, 2, 2), np.repeat(bright, 5, 0), radius * 0.02, 0.75)


KINDS: dict[str, Callable[[Brush, Pose, Random], None]] = {
    "daisy": daisy,
    "dandelion": dandelion,
    "roses": rose,
    "sunflowers": sunflower,
    "tulips": tulip,
}
