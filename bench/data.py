"""Data of the workloads: synthetic, fixed and learnable, so that a broken implementation shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

WRONG_LABELS = 0.1
CLASS_WORDS = 100


class Data(NamedTuple):
    """Inputs (float32, bytes, word indices), and class indices (int32) or targets (float32)."""

    x: np.ndarray
    y: np.ndarray


def xor(rows: int) -> Data:
    """Exclusive or, its four rows repeated."""
    x = np.resize(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32), (rows, 2))
    return Data(x, np.not_equal(x[:, 0], x[:, 1]).astype(np.int32))


def sine(rows: int) -> Data:
    """One period of a sine, ``(rows, 1) -> (rows, 1)``."""
    x = np.random.default_rng(0).uniform(-np.pi, np.pi, (rows, 1)).astype(np.float32)
    return Data(x, np.sin(x))


def classes(rows: int, shape: tuple[int, ...], strength: float = 0.3) -> Data:
    """Ten patterns with standard normal noise; a tenth of the labels is wrong."""
    random = np.random.default_rng(0)
    patterns = random.standard_normal((10, *shape), np.float32) * np.float32(strength)
    y = random.integers(0, 10, rows)
    x = random.standard_normal((rows, *shape), np.float32) + patterns[y]
    return Data(x, _flip_labels(y, 10, random))


def sequences(rows: int, steps: int, features: int) -> Data:
    """Ten classes, each with its own level at all steps, with standard normal noise."""
    random = np.random.default_rng(0)
    levels = random.standard_normal((10, 1, features), np.float32)
    y = random.integers(0, 10, rows)
    x = random.standard_normal((rows, steps, features), np.float32) + levels[y]
    return Data(x, _flip_labels(y, 10, random))


def texts(rows: int, tokens: int, vocabulary: int) -> Data:
    """Word indices ``(rows, tokens)``; half are from 100 words that are typical of the class."""
    random = np.random.default_rng(0)
    y = random.integers(0, 2, rows)
    x = random.integers(0, vocabulary, (rows, tokens))
    typical = random.integers(0, CLASS_WORDS, (rows, tokens)) + CLASS_WORDS * y[:, None]
    x = np.where(random.random((rows, tokens)) < 0.5, typical, x)
    return Data(x.astype(np.int32), _flip_labels(y, 2, random))


def images(rows: int, shape: tuple[int, int, int]) -> Data:
    """Slanted waves as bytes, ``(rows, *shape)``: the larger a shift, the larger the change."""
    random = np.random.default_rng(0)
    height, width, channels = shape
    waves, phase = random.uniform(-3, 3, (2, rows, 1, 1, 1)), random.uniform(0, 1, (rows, channels))
    down, right = np.linspace(0, 1, height)[:, None, None], np.linspace(0, 1, width)[:, None]
    angle = 2 * np.pi * (waves[0] * down + waves[1] * right + phase[:, None, None])
    return Data((127.5 + 127 * np.sin(angle)).astype(np.uint8), np.zeros(rows, np.int32))


def _flip_labels(y: np.ndarray, classes: int, random: np.random.Generator) -> np.ndarray:
    """Replace a tenth of the labels by random ones."""
    wrong = random.random(len(y)) < WRONG_LABELS
    return np.where(wrong, random.integers(0, classes, len(y)), y).astype(np.int32)


def change(before: ArrayLike, after: ArrayLike) -> float:
    """Mean absolute change of a pixel, to check that augmentations are of equal strength."""
    return float(np.abs(np.asarray(after) - np.asarray(before, np.float32)).mean())
