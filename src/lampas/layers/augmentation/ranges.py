"""Check and draw from ranges in Keras's notation: random factors, and values of pixels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import jax

from ...core.arguments import is_number
from ...core.errors import ArgumentError
from ...core.variable import Array

Factor = float | Sequence[float]


def number_pair(name: str, value: Factor, minimum: float, maximum: float) -> tuple[float, float]:
    """Two numbers: ``(f, f)`` for a single one, a pair as it is.

    Raises:
        ArgumentError: when the argument ``name`` is neither, or out of range.
    """
    numbers: tuple[Any, ...] = tuple(value) if isinstance(value, Iterable) else (value, value)
    is_valid = len(numbers) == 2 and all(
        is_number(number) and minimum <= float(number) <= maximum for number in numbers
    )
    if not is_valid:
        raise ArgumentError(
            f"{name} must be a number or a pair of numbers from {minimum:g} to {maximum:g}, "
            f"got {value!r}."
        )
    return float(numbers[0]), float(numbers[1])


def symmetric_range(name: str, factor: Factor, minimum: float = -1.0) -> tuple[float, float]:
    """The range of a factor: ``-f .. f`` for a number ``f``, the sorted ends of a pair.

    Raises:
        ArgumentError: when it is not within ``minimum .. 1``.
    """
    low, high = sorted(number_pair(name, factor, minimum, 1.0))
    return (low, high) if isinstance(factor, Iterable) else (-abs(high), abs(high))


def range_from(
    minimum: float, name: str, factor: Factor, maximum: float = 1.0
) -> tuple[float, float]:
    """The range of a factor: ``minimum .. f`` for a number ``f``, the sorted ends of a pair.

    Raises:
        ArgumentError: when it is not within ``minimum .. maximum``.
    """
    low, high = sorted(number_pair(name, factor, minimum, maximum))
    return (low, high) if isinstance(factor, Iterable) else (minimum, high)


def draw_uniform(key: Array, ends: tuple[float, float]) -> Array:
    """Draw one number between the ends."""
    return jax.random.uniform(key, minval=ends[0], maxval=ends[1])


def draw_event(key: Array, chances: tuple[float, float]) -> Array:
    """Whether something happens, with a probability that is drawn between the ends."""
    for_chance, for_event = jax.random.split(key)
    return jax.random.bernoulli(for_event, draw_uniform(for_chance, chances))


def check_value_range(value_range: Sequence[float]) -> tuple[float, float]:
    """The smallest and the largest value of a pixel.

    Raises:
        ArgumentError: unless these are two different numbers.
    """
    try:
        low, high = sorted(map(float, value_range))
    except (TypeError, ValueError):
        low = high = 0.0
    if not low < high:
        raise ArgumentError(
            f"value_range must be the smallest and the largest value, got {value_range!r}."
        )
    return low, high
