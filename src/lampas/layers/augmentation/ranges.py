"""Ranges as Keras writes them: of random amounts, and of the values of pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

import jax

from ...core.errors import ArgumentError
from ...core.variable import Array

Factor = float | Sequence[float]


def pair(name: str, value: Factor, least: float, most: float) -> tuple[float, float]:
    """Two numbers: ``(f, f)`` for one, the two of a pair.

    Raises:
        ArgumentError: names the argument when it is no such thing or out of range.
    """
    given: tuple[Any, ...] = tuple(value) if isinstance(value, Iterable) else (value, value)
    fits = len(given) == 2 and all(
        isinstance(number, Real) and least <= float(number) <= most for number in given
    )
    if not fits:
        raise ArgumentError(
            f"{name} must be a number or a pair of numbers from {least:g} to {most:g}, "
            f"got {value!r}."
        )
    return float(given[0]), float(given[1])


def bounds(name: str, factor: Factor) -> tuple[float, float]:
    """The range that a factor stands for: ``-f .. f`` for a number, from end to end of a pair.

    Raises:
        ArgumentError: when it is not within -1 .. 1.
    """
    low, high = sorted(pair(name, factor, -1.0, 1.0))
    return (low, high) if isinstance(factor, Iterable) else (-abs(high), abs(high))


def uniform(key: Array, ends: tuple[float, float]) -> Array:
    """One number between the ends."""
    return jax.random.uniform(key, minval=ends[0], maxval=ends[1])


def value_bounds(value_range: Sequence[float]) -> tuple[float, float]:
    """Least and greatest value of a pixel.

    Raises:
        ArgumentError: when these are not two different numbers.
    """
    try:
        low, high = sorted(map(float, value_range))
    except (TypeError, ValueError):
        low = high = 0.0
    if not low < high:
        raise ArgumentError(
            f"value_range must be the least and the greatest value, got {value_range!r}."
        )
    return low, high
