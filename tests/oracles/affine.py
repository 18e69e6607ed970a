"""Resampling of ``(batch, height, width, channels)`` by affine maps, pixel by pixel."""

from __future__ import annotations

import math

import numpy as np


def affine_transform(
    images: np.ndarray,
    maps: np.ndarray,
    fill_mode: str = "reflect",
    interpolation: str = "bilinear",
    fill_value: float = 0.0,
) -> np.ndarray:
    """Output pixel (x, y) is the input at ``maps @ (x, y, 1)``."""
    out = np.zeros(images.shape)
    for b, y, x in np.ndindex(images.shape[:3]):
        at_x, at_y = np.asarray(maps[b], np.float64)[:2] @ [x, y, 1.0]
        read = lambda i, j: _pixel(images[b], i, j, fill_mode, fill_value)  # noqa: B023, E731
        if interpolation == "nearest":
            out[b, y, x] = read(math.floor(at_y + 0.5), math.floor(at_x + 0.5))
            continue
        top, left = math.floor(at_y), math.floor(at_x)
        down, right = at_y - top, at_x - left
        upper = (1 - right) * read(top, left) + right * read(top, left + 1)
        lower = (1 - right) * read(top + 1, left) + right * read(top + 1, left + 1)
        out[b, y, x] = (1 - down) * upper + down * lower
    return out


def _pixel(image: np.ndarray, row: int, column: int, fill_mode: str, value: float) -> np.ndarray:
    height, width, channels = image.shape
    inside = 0 <= row < height and 0 <= column < width
    if fill_mode == "constant" and not inside:
        return np.full(channels, value, np.float64)
    i, j = _index(row, height, fill_mode), _index(column, width, fill_mode)
    return image[i, j].astype(np.float64)


def _index(index: int, size: int, fill_mode: str) -> int:
    """The pixel inside that an index anywhere stands for, by walking back in."""
    while not 0 <= index < size:
        if fill_mode == "wrap":
            index += size if index < 0 else -size
        elif fill_mode == "reflect":
            index = -1 - index if index < 0 else 2 * size - 1 - index
        else:
            index += 1 if index < 0 else -1
    return index


def rotation(turn: float, height: int, width: int) -> np.ndarray:
    """Output to input of a counter-clockwise rotation about the middle, y pointing down."""
    cos, sin = math.cos(2 * math.pi * turn), math.sin(2 * math.pi * turn)
    x, y = (width - 1) / 2, (height - 1) / 2
    there, back = np.eye(3), np.eye(3)
    back[:2, 2], there[:2, 2] = (-x, -y), (x, y)
    return there @ np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]) @ back


def shift(right: float, down: float) -> np.ndarray:
    """Output to input of a shift by pixels."""
    return np.array([[1, 0, -right], [0, 1, -down], [0, 0, 1]], np.float64)


def zoom(across: float, down: float, height: int, width: int) -> np.ndarray:
    """Output to input of a scaling about the middle; above 1 the picture shrinks."""
    x, y = (width - 1) / 2, (height - 1) / 2
    return np.array([[across, 0, x - across * x], [0, down, y - down * y], [0, 0, 1]], np.float64)
