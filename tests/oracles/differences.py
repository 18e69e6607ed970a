"""Gradients by central differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def gradient(
    function: Callable[[np.ndarray], float], at: np.ndarray, step: float = 1e-6
) -> np.ndarray:
    """The derivative of a function of one array at every element."""
    x = np.array(at, np.float64)
    derivative = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        middle = x[place]
        x[place] = middle + step
        up = function(x)
        x[place] = middle - step
        down = function(x)
        x[place] = middle
        derivative[place] = (up - down) / (2 * step)
    return derivative
