"""Dense, normalization and embedding, from their formulas."""

from __future__ import annotations

import numpy as np


def dense(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    y = np.zeros((*x.shape[:-1], kernel.shape[1]))
    for place in np.ndindex(x.shape[:-1]):
        for unit in range(kernel.shape[1]):
            y[(*place, unit)] = np.sum(x[place] * kernel[:, unit], dtype=np.float64) + bias[unit]
    return y


def batch_statistics(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and (biased) variance of each feature over all rows."""
    rows = np.asarray(x, np.float64).reshape(-1, x.shape[-1])
    mean = rows.sum(0) / len(rows)
    return mean, ((rows - mean) ** 2).sum(0) / len(rows)


def normalize(
    x: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    gamma: np.ndarray,
    beta: np.ndarray,
    epsilon: float,
) -> np.ndarray:
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def layer_norm(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, epsilon: float) -> np.ndarray:
    y = np.zeros(x.shape)
    for place in np.ndindex(x.shape[:-1]):
        row = np.asarray(x[place], np.float64)
        variance = np.mean((row - row.mean()) ** 2)
        y[place] = normalize(row, row.mean(), variance, gamma, beta, epsilon)
    return y


def embed(ids: np.ndarray, table: np.ndarray) -> np.ndarray:
    y = np.zeros((*ids.shape, table.shape[1]))
    for place in np.ndindex(ids.shape):
        y[place] = table[ids[place]]
    return y


def local_response_norm(
    x: np.ndarray, size: int, alpha: float, beta: float, k: float
) -> np.ndarray:
    x = np.asarray(x, np.float64)
    y = np.zeros(x.shape)
    for i in range(x.shape[-1]):
        first, last = max(0, i - size // 2), min(x.shape[-1] - 1, i + size // 2)
        energy = sum(x[..., j] ** 2 for j in range(first, last + 1))
        y[..., i] = x[..., i] / (k + alpha * energy) ** beta
    return y
