"""Grad-CAM by hand: gradients by finite differences, resizing by a loop over pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .differences import gradient


def grad_cam(
    maps: np.ndarray, score: Callable[[np.ndarray], float], height: int, width: int
) -> np.ndarray:
    """Heat map of one image; ``maps`` is ``(rows, columns, channels)`` and ``score`` a number."""
    weights = gradient(score, maps, 1e-5).mean((0, 1))
    heat = bilinear(np.maximum(maps @ weights, 0), height, width)
    return heat / heat.max() if heat.max() > 0 else heat


def bilinear(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """A picture enlarged; pixels are squares, and outside the edge is repeated."""
    out = np.zeros((height, width))
    for row, column in np.ndindex(height, width):
        y = np.clip((row + 0.5) * image.shape[0] / height - 0.5, 0, image.shape[0] - 1)
        x = np.clip((column + 0.5) * image.shape[1] / width - 0.5, 0, image.shape[1] - 1)
        top, left = int(y), int(x)
        bottom, right = min(top + 1, image.shape[0] - 1), min(left + 1, image.shape[1] - 1)
        above = (1 - x + left) * image[top, left] + (x - left) * image[top, right]
        below = (1 - x + left) * image[bottom, left] + (x - left) * image[bottom, right]
        out[row, column] = (1 - y + top) * above + (y - top) * below
    return out
