"""Metrics of a whole data set, from their definitions."""

from __future__ import annotations

import numpy as np


def binary_accuracy(y: np.ndarray, p: np.ndarray, threshold: float = 0.5) -> float:
    return float(np.mean((p > threshold) == (y > 0.5)))


def categorical_accuracy(y: np.ndarray, p: np.ndarray) -> float:
    return float(np.mean([np.argmax(a) == np.argmax(b) for a, b in zip(y, p, strict=True)]))


def sparse_categorical_accuracy(labels: np.ndarray, p: np.ndarray) -> float:
    return float(np.mean([label == np.argmax(b) for label, b in zip(labels, p, strict=True)]))


def top_k(labels: np.ndarray, p: np.ndarray, k: int) -> float:
    best = np.argsort(-p, -1)[:, :k]
    return float(np.mean([label in row for label, row in zip(labels, best, strict=True)]))


def confusion(y: np.ndarray, p: np.ndarray, threshold: float = 0.5) -> tuple[int, int, int]:
    """True positives, false positives, false negatives."""
    predicted, true = p > threshold, y > 0.5
    return (
        int(np.sum(predicted & true)),
        int(np.sum(predicted & ~true)),
        int(np.sum(~predicted & true)),
    )


def precision(y: np.ndarray, p: np.ndarray) -> float:
    tp, fp, _ = confusion(y, p)
    return tp / (tp + fp) if tp + fp else 0.0


def recall(y: np.ndarray, p: np.ndarray) -> float:
    tp, _, fn = confusion(y, p)
    return tp / (tp + fn) if tp + fn else 0.0


def sensitivity(true: np.ndarray, predicted: np.ndarray, positive: int = 1) -> float:
    """Both arguments are class labels."""
    of_class = predicted[true == positive]
    return float(np.mean(of_class == positive)) if of_class.size else 0.0


def specificity(true: np.ndarray, predicted: np.ndarray, positive: int = 1) -> float:
    """Both arguments are class labels."""
    of_class = predicted[true != positive]
    return float(np.mean(of_class != positive)) if of_class.size else 0.0


def f1_score(y: np.ndarray, p: np.ndarray) -> float:
    a, b = precision(y, p), recall(y, p)
    return 2 * a * b / (a + b) if a + b else 0.0


def root_mean_squared_error(y: np.ndarray, p: np.ndarray) -> float:
    return float(np.sqrt(np.mean((y - p) ** 2)))


def r2_score(y: np.ndarray, p: np.ndarray) -> float:
    return float(np.mean(1 - np.sum((y - p) ** 2, 0) / np.sum((y - y.mean(0)) ** 2, 0)))


def auc(y: np.ndarray, p: np.ndarray) -> float:
    """Chance that a positive scores above a negative, ties count half (Mann and Whitney)."""
    positive, negative = p[y > 0.5], p[y <= 0.5]
    above = positive[:, None] > negative[None, :]
    equal = positive[:, None] == negative[None, :]
    return float(np.mean(above + 0.5 * equal))
