"""Booleans as people write them: ``true``, ``yes``, ``on``, ``1`` and their opposites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

TRUE_WORDS: Final = ("true", "yes", "y", "t", "on", "1")
FALSE_WORDS: Final = ("false", "no", "n", "f", "off", "0")
"""In lower case; the words at one position of the two tuples are opposites."""
_VALUES = dict.fromkeys((*TRUE_WORDS, "1.0"), 1.0) | dict.fromkeys((*FALSE_WORDS, "0.0"), 0.0)


def is_boolean(words: Sequence[str]) -> bool:
    """Whether the distinct values of a column are a true word and its opposite."""
    normalized = sorted(_without_decimals(word) for word in words[:3])
    return normalized in [sorted(pair) for pair in zip(TRUE_WORDS, FALSE_WORDS, strict=True)]


def parse_booleans(words: Sequence[str]) -> npt.NDArray[np.float64]:
    """1 for a true word, 0 for a false one and NaN for any other, ``(n,)``."""
    return np.array([_VALUES.get(word.strip().lower(), np.nan) for word in words], np.float64)


def _without_decimals(word: str) -> str:
    return word[0] if word in ("1.0", "0.0") else word.lower()
