"""The data of the workloads: random but fixed, and learnable, so that a broken peer shows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

WRONG_LABELS = 0.1


class Data(NamedTuple):
    """Inputs (float32), and class numbers (int32) or targets (float32); one row an example."""

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


def classes(rows: int, shape: tuple[int, ...]) -> Data:
    """Ten faint patterns under noise; a tenth of the labels is wrong, so the loss has a floor."""
    random = np.random.default_rng(0)
    patterns = random.standard_normal((10, *shape), np.float32) * 0.3
    y = random.integers(0, 10, rows)
    x = random.standard_normal((rows, *shape), np.float32) + patterns[y]
    y = np.where(random.random(rows) < WRONG_LABELS, random.integers(0, 10, rows), y)
    return Data(x, y.astype(np.int32))
