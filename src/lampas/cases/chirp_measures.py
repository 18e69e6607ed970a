"""How good a forecast is: by its error, and by whether it stays in step with the truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]


def rmse(said: Floats, truth: Floats, axis: int | None = None) -> Any:
    """Root of the mean square of the error, of all values or along an axis."""
    return np.sqrt(np.mean(np.square(said - truth, dtype=np.float64), axis))


def correlation(said: Floats, truth: Floats) -> npt.NDArray[np.float64]:
    """Pearson's, of each row with its truth, ``(rows,)``; 0 for a forecast that never moves."""
    a, b = (v - v.mean(1, keepdims=True, dtype=np.float64) for v in (said, truth))
    size = np.sqrt((a * a).sum(1) * (b * b).sum(1))
    return np.divide((a * b).sum(1), size, out=np.zeros(len(a)), where=size > 1e-12)


def crossings(values: Floats, level: float) -> npt.NDArray[np.intp]:
    """How often each row crosses the level, ``(rows,)``."""
    return np.count_nonzero(np.diff(values > level, axis=1), axis=1)
