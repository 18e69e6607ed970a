"""How sure a measured accuracy is."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

Z = 1.96
"""Standard deviations on either side that hold 95 % of a normal distribution."""


class Interval(NamedTuple):
    """A measured value and where, at 95 % confidence, the true one lies."""

    value: float
    low: float
    high: float


def accuracy(right: np.ndarray) -> Interval:
    """Share of right answers ``(n,)`` with Wilson's interval (1927)."""
    n, p = len(right), float(np.mean(right))
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return Interval(p, middle - half, middle + half)


def lead(right: np.ndarray, other: np.ndarray) -> Interval:
    """By how much the accuracy of one is above another's, both asked the same ``n`` questions.

    Only questions that one alone gets right count, as in McNemar's test.
    """
    difference = np.asarray(right, float) - np.asarray(other, float)
    mean = float(difference.mean())
    half = Z * float(difference.std()) / math.sqrt(len(difference))
    return Interval(mean, mean - half, mean + half)
