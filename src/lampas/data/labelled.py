"""What pictures, sounds and texts with labels share: to choose some, and to count each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt


def chosen(key: slice | npt.ArrayLike, count: int) -> npt.NDArray[Any]:
    """The numbers of the examples that a slice, a list, a mask or an array names, of ``count``."""
    if not isinstance(key, slice):
        indices = np.asarray(key)
        # An empty list has no type that could index.
        key = indices if indices.size else indices.astype(np.intp)
    return np.arange(count)[key]


def class_counts(y: npt.NDArray[Any], classes: Sequence[str]) -> dict[str, int]:
    """Number of examples of each class."""
    counts = np.bincount(y, minlength=len(classes))
    return dict(zip(classes, counts.tolist(), strict=True))
