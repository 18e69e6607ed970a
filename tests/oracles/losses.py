"""Losses for one example each, from their formulas; rows are ``(batch, outputs)``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Function = Callable[[np.ndarray, np.ndarray], np.ndarray]
EPSILON = 1e-7


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logits))


def mean_squared_error(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return ((y - p) ** 2).mean(-1)


def mean_absolute_error(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.abs(y - p).mean(-1)


def mean_absolute_percentage_error(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return 100 * (np.abs(y - p) / np.maximum(np.abs(y), EPSILON)).mean(-1)


def mean_squared_logarithmic_error(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    y, p = np.maximum(y, EPSILON), np.maximum(p, EPSILON)
    return ((np.log(y + 1) - np.log(p + 1)) ** 2).mean(-1)


def huber(y: np.ndarray, p: np.ndarray, delta: float = 1.0) -> np.ndarray:
    e = np.abs(y - p)
    return np.where(e <= delta, e**2 / 2, delta * e - delta**2 / 2).mean(-1)


def log_cosh(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.log(np.cosh(p - y)).mean(-1)


def poisson(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return (p - y * np.log(p + EPSILON)).mean(-1)


def hinge(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.maximum(1 - y * p, 0).mean(-1)


def squared_hinge(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return (np.maximum(1 - y * p, 0) ** 2).mean(-1)


def categorical_hinge(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    right, wrong = (y * p).sum(-1), ((1 - y) * p).max(-1)
    return np.maximum(wrong - right + 1, 0)


def kl_divergence(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    y, p = np.clip(y, EPSILON, 1), np.clip(p, EPSILON, 1)
    return (y * np.log(y / p)).sum(-1)


def cosine_similarity(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    return -(y * p).sum(-1) / np.linalg.norm(y, axis=-1) / np.linalg.norm(p, axis=-1)


def binary_crossentropy(y: np.ndarray, p: np.ndarray, smoothing: float = 0.0) -> np.ndarray:
    y = y * (1 - smoothing) + smoothing / 2
    p = np.clip(p, EPSILON, 1 - EPSILON)
    return (-y * np.log(p) - (1 - y) * np.log(1 - p)).mean(-1)


def categorical_crossentropy(y: np.ndarray, p: np.ndarray, smoothing: float = 0.0) -> np.ndarray:
    y = y * (1 - smoothing) + smoothing / y.shape[-1]
    p = np.clip(p / p.sum(-1, keepdims=True), EPSILON, 1 - EPSILON)
    return -(y * np.log(p)).sum(-1)


def sparse_categorical_crossentropy(
    labels: np.ndarray, p: np.ndarray, smoothing: float = 0.0
) -> np.ndarray:
    return categorical_crossentropy(np.eye(p.shape[-1])[labels], p, smoothing)
