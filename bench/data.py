"""The data of the workloads: random but fixed, and learnable, so that a broken peer shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

WRONG_LABELS = 0.1


class Data(NamedTuple):
    """Inputs (float32, or bytes), and class numbers (int32) or targets (float32); a row each."""

    x: np.ndarray
    y: np.ndarray


def xor(rows: int) -> Data:
    """Exclusive or, its four cases in turn."""
    x = np.resize(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), (rows, 2))
    return Data(x, np.not_equal(x[:, 0], x[:, 1]).astype(np.int32))


def sine(rows: int) -> Data:
    """One period of a sine, ``(rows, 1) -> (rows, 1)``."""
    x = np.random.default_rng(0).uniform(-np.pi, np.pi, (rows, 1)).astype(np.float32)
    return Data(x, np.sin(x))


def classes(rows: int, shape: tuple[int, ...], strength: float = 0.3) -> Data:
    """Ten patterns under noise of 1; a tenth of the labels is wrong, so the loss has a floor."""
    random = np.random.default_rng(0)
    patterns = random.standard_normal((10, *shape), np.float32) * np.float32(strength)
    y = random.integers(0, 10, rows)
    x = random.standard_normal((rows, *shape), np.float32) + patterns[y]
    y = np.where(random.random(rows) < WRONG_LABELS, random.integers(0, 10, rows), y)
    return Data(x, y.astype(np.int32))


def pictures(rows: int, shape: tuple[int, int, int]) -> Data:
    """Slanted waves as bytes, ``(rows, *shape)``: the further one moves, the more it changes."""
    random = np.random.default_rng(0)
    height, width, channels = shape
    waves, phase = random.uniform(-3, 3, (2, rows, 1, 1, 1)), random.uniform(0, 1, (rows, channels))
    down, right = np.linspace(0, 1, height)[:, None, None], np.linspace(0, 1, width)[:, None]
    angle = 2 * np.pi * (waves[0] * down + waves[1] * right + phase[:, None, None])
    return Data((127.5 + 127 * np.sin(angle)).astype(np.uint8), np.zeros(rows, np.int32))


def change(before: ArrayLike, after: ArrayLike) -> float:
    """The mean change of a number: tells whether two augmentations move pictures alike."""
    return float(np.abs(np.asarray(after) - np.asarray(before, np.float32)).mean())
