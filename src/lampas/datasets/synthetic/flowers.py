"""Synthetic images of five kinds of flowers, for use without a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError
from .drawing import GOLDEN, Brush, Floats, Pose, Random, petal, rays, rotated_copies, rotation

if TYPE_CHECKING:
    from PIL.Image import Image

CLASSES = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
SUPERSAMPLING = 3
"""Subpixels per side of a pixel, which are averaged at the end."""
WHITES = ((246, 244, 240), (238, 240, 246), (250, 246, 232))
YELLOWS = ((252, 206, 40), (250, 186, 22), (246, 220, 70))
PINKS = ((240, 150, 176), (226, 96, 140), (246, 190, 204))
REDS = ((196, 26, 44), (220, 44, 50), (160, 18, 44))
CIRCLE = rays(np.linspace(0, 2 * np.pi, 25)[:-1])
GREENS = ((70, 112, 48), (96, 138, 60), (48, 84, 44), (120, 150, 80))
GROUNDS = (
    *(GREENS * 2),
    *((40, 52, 36), (28, 30, 28), (108, 86, 62), (150, 150, 140), (130, 170, 214), (180, 206, 230)),
)
STEM = (84, 124, 58)


def synthetic_flowers(
    n: int = 2500, size: int = 64, seed: int = 0
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Generate images of daisies, dandelions, roses, sunflowers and tulips, in turn.

    The images vary in number, distance, angle, light, sharpness and background of the flowers;
    dandelions are in bloom or have gone to seed, and roses and tulips have the same colors. Needs
    Pillow.

    Args:
        n: number of images. For equal seeds, fewer images are the first ones of more.
        size: height and width in pixels.
        seed: seed of the random numbers.

    Returns:
        Images, uint8 ``(n, size, size, 3)``, and labels, int32 ``(n,)``, indices of
        ``lampas.datasets.synthetic.flowers.CLASSES``.

    Raises:
        ArgumentError: ``n`` is below 1 or ``size`` below 8.

    Example:
        >>> import lampas as lp
        >>> x, y = lp.datasets.synthetic_flowers(n=5, size=16)
        >>> x.shape, y.tolist()
        ((5, 16, 16, 3), [0, 1, 2, 3, 4])
    """
    if n < 1 or size < 8:
        raise ArgumentError(f"n must be at least 1 and size at least 8, got n={n}, size={size}.")
    rng = np.random.RandomState(seed)
    y = np.arange(n, dtype=np.int32) % len(CLASSES)
    return np.stack([_image(rng, CLASSES[label], size) for label in y]), y


def _image(rng: Random, kind: str, size: int) -> npt.NDArray[np.uint8]:
    from PIL import ImageFilter

    image = _background(rng, kind, size)
    brush, side = Brush(image), image.width
    _foliage(brush, rng, side, rng.randint(0, 6))
    for center, radius in _arrangement(rng, side):
        _flower(brush, rng, kind, center, radius)
    if rng.rand() < 0.25:
        _foliage(brush, rng, side, rng.randint(1, 3))
    small = image.reduce(SUPERSAMPLING)
    if rng.rand() < 0.6:
        small = small.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 0.9) * size / 64))
    return _photograph(rng, np.asarray(small, np.float64))


def _background(rng: Random, kind: str, size: int) -> Image:
    """Draw the backdrop; half of the images have distant flowers, sometimes of another kind."""
    from PIL import Image, ImageFilter

    side = 2 * size
    image = _backdrop(rng, side)
    if rng.rand() < 0.5:
        far = kind if rng.rand() < 0.75 else CLASSES[rng.randint(len(CLASSES))]
        brush = Brush(image)
        for _ in range(rng.randint(1, 4)):
            _flower(brush, rng, far, rng.uniform(0, side, 2), side * rng.uniform(0.06, 0.14))
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(1.5, 4) * size / 64))
    return image.resize((size * SUPERSAMPLING,) * 2, Image.Resampling.BILINEAR)


def _arrangement(rng: Random, side: int) -> list[tuple[Floats, float]]:
    """Center and radius of each flower: one, a few or many."""
    chance = rng.rand()
    if chance < 0.6:
        return [(side * rng.normal(0.5, 0.1, 2), side * rng.uniform(0.24, 0.48))]
    count = rng.randint(2, 5) if chance < 0.9 else rng.randint(5, 9)
    largest = 0.3 if count < 5 else 0.18
    return [
        (side * rng.uniform(0.12, 0.88, 2), side * rng.uniform(largest / 2, largest))
        for _ in range(count)
    ]


def _flower(brush: Brush, rng: Random, kind: str, center: Floats, radius: float) -> None:
    if kind == "tulips":
        radius *= 0.75
    if rng.rand() < 0.7 or kind == "tulips":
        top = center + np.array([0, radius * 0.6 if kind == "tulips" else 0])
        _stem(brush, rng, top, radius, brush.image.width, rng.randint(0, 3))
    _PAINTERS[kind](brush, _random_pose(rng, center, radius), rng)


def _random_pose(rng: Random, center: Floats, radius: float) -> Pose:
    """Rotate a flower at random and tilt it, down to a height of 0.45 times its width."""
    tilted = np.diag([radius, radius * rng.uniform(0.45, 1)])
    return Pose(rotation(rng.normal(0, 0.5)) @ tilted @ rotation(rng.rand() * 7), center)


def _backdrop(rng: Random, side: int) -> Image:
    """Draw soft blots of two colors, sometimes with bright spots, out of focus."""
    from PIL import Image

    ground, other = _choose_color(rng, GROUNDS, 18), _choose_color(rng, GROUNDS[:10], 18)
    cells = rng.randint(3, 9)
    mix = rng.rand(cells, cells, 1) * rng.uniform(0.3, 1)
    blots = ground * (1 - mix) + other * mix + rng.normal(0, 9, (cells, cells, 1))
    if rng.rand() < 0.3:
        spots = rng.rand(cells, cells) < 0.12
        blots[spots] = rng.randint(60, 256, (int(spots.sum()), 3))
    pixels = np.clip(blots, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC)


def _foliage(brush: Brush, rng: Random, side: int, blades: int) -> None:
    """Draw leaves and blades of grass across the image."""
    for _ in range(blades):
        root = rng.uniform(-0.1, 1.1, 2) * side
        length, angle = side * rng.uniform(0.25, 0.8), rng.normal(-np.pi / 2, 0.7)
        outline = petal(rng.choice([0.03, 0.05, 0.14, 0.2]), 0.5, 0.8)
        green = _choose_color(rng, GREENS, 14)
        brush.fill(rotated_copies(outline, angle, length) + root, green, 0.92)
        rib = rotated_copies(np.array([[0.05, 0], [0.95, 0]]), angle, length) + root
        brush.line(rib, green * 0.8, side * 0.008, 0.6)


def _stem(brush: Brush, rng: Random, top: Floats, radius: float, side: int, leaves: int) -> None:
    """Draw a slightly bent stem from a flower down to the edge of the image."""
    color = _vary_color(rng, STEM, 14)
    foot = np.array([top[0] + rng.normal(0, 0.14) * side, side * 1.1])
    bend = (top + foot) / 2 + (rng.normal(0, 0.05) * side, 0)
    t = np.linspace(0, 1, 8)[:, None]
    curve = (1 - t) ** 2 * top + 2 * t * (1 - t) * bend + t**2 * foot
    brush.line(curve, color * 0.8, radius * 0.2)
    brush.line(curve - (radius * 0.03, 0), color, radius * 0.12)
    for _ in range(leaves):
        angle = -np.pi / 2 + rng.choice([-1, 1]) * rng.uniform(0.2, 0.7)
        leaf = rotated_copies(petal(0.13, 0.45, 0.8), angle, rng.uniform(1.4, 2.6) * radius)
        start = curve[rng.randint(4, 7)]
        brush.fill(leaf + start, _vary_color(rng, color, 8))
        brush.fill(leaf * (0.92, 0.96) + start, _vary_color(rng, color * 1.12, 6))


def _photograph(rng: Random, image: Floats) -> npt.NDArray[np.uint8]:
    """Apply light, white balance, vignette, contrast and sensor noise to ``(size, size, 3)``."""
    size = len(image)
    across = np.linspace(-1, 1, size)
    angle, gradient = rng.rand() * 7, rng.uniform(0, 0.3)
    light = 1 + gradient * (np.cos(angle) * across[:, None] + np.sin(angle) * across)
    light -= rng.uniform(0, 0.2) * (across[:, None] ** 2 + across**2) / 2
    balance = rng.uniform(0.7, 1.15) * np.clip(rng.normal(1, 0.06, 3), 0.8, 1.2)
    pixels = image * light[..., None] * balance
    haze = rng.uniform(0, 0.2)
    pixels = pixels * (1 - haze) + haze * pixels.mean()
    pixels += rng.normal(0, rng.uniform(1, 8), image.shape)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def _daisy(brush: Brush, pose: Pose, rng: Random) -> None:
    """A ring of long petals, white or pink, around a yellow disc."""
    color = _choose_color(rng, WHITES * 3 + PINKS + ((186, 150, 214),))
    count, width = rng.randint(13, 26), rng.uniform(0.09, 0.15)
    disc = rng.uniform(0.2, 0.33)
    for layer in range(rng.randint(1, 3)):
        _whorl(brush, pose, rng, count, 1 - 0.1 * layer, petal(width, 0.65, 0.55), color, disc / 2)
    yellow = _choose_color(rng, ((250, 196, 30), (236, 166, 20), (226, 190, 50)))
    _disc(brush, pose, rng, disc, yellow, yellow * 0.78, 24)


def _sunflower(brush: Brush, pose: Pose, rng: Random) -> None:
    """Two rings of pointed yellow petals around a broad disc of seeds in spirals."""
    color = _choose_color(rng, YELLOWS)
    disc = rng.uniform(0.36, 0.55)
    outline = petal(rng.uniform(0.1, 0.15), 0.5, 1.0)
    for layer in range(2):
        tint = color * (1, 1 - 0.06 * (1 - layer), 1)
        count = rng.randint(15, 24)
        _whorl(brush, pose, rng, count, 1 - 0.1 * layer, outline, tint, disc * 0.8)
    brown = _choose_color(rng, ((72, 42, 22), (96, 58, 26), (54, 34, 26), (104, 92, 34)))
    _disc(brush, pose, rng, disc, brown, brown * 1.7 + (20, 10, 0), 70)
    brush.fill(pose(CIRCLE * disc * rng.uniform(0.3, 0.5)), brown * 0.75 + (8, 14, 0), 0.6)


def _dandelion(brush: Brush, pose: Pose, rng: Random) -> None:
    """A head of many narrow yellow petals or, gone to seed, a ball of white hairs."""
    if rng.rand() < 0.4:
        _seed_head(brush, pose, rng)
        return
    color = _choose_color(rng, YELLOWS)
    for layer, length in enumerate((1.0, 0.86, 0.7, 0.52, 0.34)):
        outline = petal(0.055 / length**0.7, 0.8, 0.35)
        count = rng.randint(22, 30) - 3 * layer
        tint = color * (1, 1 - 0.035 * layer, 1 - 0.1 * layer)
        _whorl(brush, pose, rng, count, length, outline, tint, 0.0, ragged=0.1)
    core = color * (0.9, 0.72, 0.4) * rng.normal(1, 0.12, (14, 1))
    brush.dots(pose(rng.normal(0, 0.1, (14, 2))), 0.03 * pose.radius + 0.5, core)


def _rose(brush: Brush, pose: Pose, rng: Random) -> None:
    """Broad petals wrapped around each other from the outside in, each with a shadow."""
    color = _choose_color(rng, REDS * 2 + PINKS * 2 + WHITES + YELLOWS[:2] + ((244, 160, 120),))
    layers, light = rng.randint(20, 30), rng.rand() * 7
    # Outer petals are large and open; inner ones are small and upright.
    inward = np.arange(layers) / layers
    size = 0.66 * (1 - inward) ** 0.9 + 0.06
    angles = rng.rand() * 7 + GOLDEN * np.arange(layers)
    waves = 1 + 0.05 * np.sin(0.75 * np.arange(len(CIRCLE)) + angles[:, None])
    petals = rotated_copies(CIRCLE * (1, 1.15), angles, size) * waves[..., None]
    outward = rays(angles)[:, None]
    middle = outward * (0.46 * (1 - inward))[:, None, None]
    shade = 1 - 0.28 * inward + 0.13 * np.cos(angles - light) + rng.normal(0, 0.03, layers)
    tints = color * shade[:, None]
    # Each petal has a shadow, a bright rim and a hollow.
    hollows = petals * 0.9 + middle - outward * (size * 0.14)[:, None, None]
    outlines = np.stack([petals * 1.05 + middle, petals + middle, hollows], 1)
    colors = np.stack([tints * 0.62, tints * 1.12 + 12, tints * 0.9], 1)
    brush.fill(pose(outlines.reshape(-1, *CIRCLE.shape)), colors.reshape(-1, 3))
    brush.fill(pose(CIRCLE * 0.07), color * 0.45, 0.8)


def _tulip(brush: Brush, pose: Pose, rng: Random) -> None:
    """A cup of broad pointed petals, from the side or, sometimes, from above."""
    more = ((250, 130, 30), (120, 40, 110), (180, 110, 200))
    color = _choose_color(rng, REDS * 2 + PINKS + YELLOWS + WHITES[:2] + more)
    if rng.rand() < 0.15:
        for turn in (0.0, np.pi / 3):
            outline = petal(0.42, 0.6, 0.7)
            _whorl(brush, pose, rng, 3, 1.0, outline, color * (0.85 + turn / 7), 0.0, turn=turn)
        _disc(brush, pose, rng, 0.2, np.array((60, 50, 30.0)), np.array((230, 200, 60.0)), 12)
        return
    opening = rng.uniform(0.5, 1.2)
    # From the side, the flower stands upright whatever the rotation of the pose.
    side = Pose(pose.radius * rotation(rng.normal(0, 0.25)), pose.center)
    angles = np.array([-0.42, 0.42, -0.62, 0.62, 0.0]) * opening - np.pi / 2
    shades = (0.66, 0.7, 0.9, 0.97, 1.06)
    widths = (0.26, 0.26, 0.27, 0.27, 0.36)
    base = np.array([0, 0.8])
    for angle, shade, width in zip(angles, shades, widths, strict=True):
        outline, tint, length = petal(width, 0.45, 0.75), color * shade, rng.uniform(1.5, 1.75)
        brush.fill(side(rotated_copies(outline, angle, length) + base), tint * 0.8)
        inner = outline * (0.96, 0.84) + (0.0, 0.03)
        brush.fill(side(rotated_copies(inner, angle, length) + base), tint)
        vein = rotated_copies(np.array([[0.1, 0], [0.9, 0.01]]), angle, length) + base
        brush.line(side(vein), tint * 0.86, 0.04 * pose.radius, 0.7)
        hollow = rotated_copies(outline * (0.3, 0.7), angle, length) + base
        brush.fill(side(hollow), tint * 0.7, 0.35)


def _whorl(
    brush: Brush,
    pose: Pose,
    rng: Random,
    count: int,
    length: float,
    outline: Floats,
    color: Floats,
    start: float,
    ragged: float = 0.06,
    turn: float | None = None,
) -> None:
    """Draw a ring of petals with random variation; light falls from one side."""
    turn, light = rng.rand() * 7 if turn is None else turn, rng.rand() * 7
    angles = turn + 2 * np.pi * (np.arange(count) + rng.normal(0, 0.16, count)) / count
    lengths = length * np.clip(rng.normal(1, ragged, count), 0.7, 1.15)
    outer = pose(rotated_copies(outline, angles, lengths, start))
    inner = pose(rotated_copies(outline * (0.94, 0.66), angles, lengths, start))
    shades = 0.95 + 0.08 * np.cos(angles - light) + rng.normal(0, 0.05, count)
    order = rng.permutation(count)
    tints = (color * shades[:, None])[order]
    outlines = np.stack([outer[order], inner[order]], 1).reshape(-1, *outline.shape)
    brush.fill(outlines, np.stack([tints * 0.82, tints], 1).reshape(-1, 3))


def _disc(
    brush: Brush, pose: Pose, rng: Random, radius: float, ground: Floats, seed: Floats, seeds: int
) -> None:
    """Draw a disc with seeds in spirals of the golden angle."""
    brush.fill(pose(CIRCLE * radius * 1.06), ground * 0.7)
    brush.fill(pose(CIRCLE * radius), ground)
    number = np.arange(seeds) + 0.5
    outward = rays(GOLDEN * number + rng.rand())
    positions = radius * 0.96 * np.sqrt(number / seeds)[:, None] * outward
    size = 0.55 * radius * pose.radius / np.sqrt(seeds)
    brush.dots(pose(positions), size, seed * rng.uniform(0.75, 1.15, (seeds, 1)))


def _seed_head(brush: Brush, pose: Pose, rng: Random) -> None:
    """Draw seeds on a ball, each a stalk with a tuft of hairs."""
    count = rng.randint(70, 110)
    number = np.arange(count) + 0.5
    depth = 1 - 2 * number / count
    tips = np.sqrt(1 - depth**2)[:, None] * rays(GOLDEN * number + rng.rand())
    white = _vary_color(rng, (232, 232, 226), 6)
    ball, radius = pose.center, pose.radius
    brush.fill(ball + radius * 0.95 * CIRCLE, white, 0.2)
    brush.fill(ball + radius * 0.14 * CIRCLE, _vary_color(rng, (110, 90, 60)))
    bright = white * (0.86 + 0.14 * depth[:, None])
    ends = ball + radius * 0.8 * tips
    stalks = np.stack([np.broadcast_to(ball, ends.shape), ends], 1)
    brush.line(stalks, bright * 0.85, radius * 0.014, 0.4)
    hairs = rays(7 * rng.rand(count, 1) + np.arange(5) * 2 * np.pi / 5)
    reach = ends[:, None] + radius * 0.2 * (hairs + 0.4 * tips[:, None])
    tufts = np.stack([np.broadcast_to(ends[:, None], reach.shape), reach], 2)
    brush.line(tufts.reshape(-1, 2, 2), np.repeat(bright, 5, 0), radius * 0.02, 0.75)


def _vary_color(
    rng: Random, color: tuple[float, float, float] | Floats, spread: float = 10
) -> Floats:
    """Vary the brightness of a color at random, and its hue slightly."""
    return np.asarray(color) * rng.normal(1, spread / 120) + rng.normal(0, spread / 2, 3)


def _choose_color(
    rng: Random, colors: tuple[tuple[int, int, int], ...], spread: float = 10
) -> Floats:
    """Choose one of the colors and vary it."""
    return _vary_color(rng, colors[rng.randint(len(colors))], spread)


_PAINTERS: dict[str, Callable[[Brush, Pose, Random], None]] = dict(
    zip(CLASSES, (_daisy, _dandelion, _rose, _sunflower, _tulip), strict=True)
)
