"""The size of pictures that suits their number, and how long to learn from them."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.errors import ArgumentError
from ...data.decode import Header
from ...data.survey import STEP, usual_size
from ..kind import Reason
from .media_checks import TEST, VALIDATION

SIDES = ((5_000, 64), (15_000, 48))
"""Up to so many pictures the longer side has at most so many pixels."""
LEAST = 32
"""The longer side where there are more."""
SMALLEST, LARGEST = 8, 512
"""Pixels a side that can be asked for: less vanishes in pooling, more would take days."""
PIXELS = 160e6
"""Pixels that are learnt from in all epochs, two minutes' worth on two processors."""
EPOCHS = 8, 50
"""Fewest and most."""


def chosen_size(headers: Sequence[Header], wished: int | None) -> tuple[tuple[int, int], Reason]:
    """Height and width in pixels, and why.

    Raises ArgumentError for a size that is none.
    """
    if wished is not None:
        if not SMALLEST <= wished <= LARGEST:
            raise ArgumentError(f"size must be {SMALLEST} to {LARGEST} pixels, got {wished}.")
        return (wished, wished), Reason(f"{wished}x{wished} pixels", "as asked for")
    height, width = usual = usual_size(headers)
    most = next((side for number, side in SIDES if len(headers) <= number), LEAST)
    scale = min(1.0, most / max(usual))
    if scale == 1.0 and min(usual) >= SMALLEST:
        return usual, Reason(f"{height}x{width} pixels", "the usual size of the files")
    height, width = (max(STEP, STEP * round(side * scale / STEP)) for side in usual)
    why = f"the files are larger; so {len(headers):,} pictures take minutes (--size for another)"
    return (height, width), Reason(f"{height}x{width} pixels", why)


def chosen_epochs(pictures: int, size: tuple[int, int]) -> int:
    """How often all may be learnt from, so that training takes no more than two minutes."""
    learnt = pictures * (1 - VALIDATION - TEST)
    return int(min(max(PIXELS / (learnt * size[0] * size[1]), EPOCHS[0]), EPOCHS[1]))
