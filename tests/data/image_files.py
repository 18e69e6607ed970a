"""Small real image files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image


def noise(seed: int, height: int = 8, width: int = 8, channels: int = 3) -> np.ndarray:
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def save(path: Path, pixels: np.ndarray | Image.Image, **options: object) -> Path:
    """Writes the pixels, an array or a Pillow image, in the format of the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(path, **options)
    return path


def make_classes(root: Path, **counts: int) -> list[Path]:
    """``count`` different PNGs of 8x8 for each class."""
    seeds = iter(range(10_000))
    return [
        save(root / name / f"{i}.png", noise(next(seeds)))
        for name, count in counts.items()
        for i in range(count)
    ]
