"""Measured numbers as a reader expects them."""

from __future__ import annotations

from .intervals import Interval

SHARES = ("accuracy", "balanced accuracy", "sensitivity", "specificity")
IN_UNITS = ("RMSE", "MAE")
PLAIN = 1_000
UNKNOWN = "–"


def base(name: str) -> str:
    """``"F1 (yes)"`` -> ``"F1"``: the measure without the class that it is of."""
    return name.partition(" (")[0]


def value_in_words(name: str, value: float) -> str:
    """A share in per cent, an error in the target's units with three digits, others to 0.001."""
    if base(name) in SHARES:
        return f"{value:.1%}"
    return in_units(value) if name in IN_UNITS else f"{value:z.3f}".replace("-", "−")


def in_units(value: float) -> str:
    """Three digits, and never fewer than the point: ``12,345``, ``53.2``, ``0.0120``."""
    whole = abs(value) >= PLAIN
    return (f"{value:,.0f}" if whole else f"{value:#.3g}".rstrip(".")).replace("-", "−")


def in_words(name: str, found: Interval) -> tuple[str, str]:
    """The value, and ``"low to high"``; a dash where the interval has no width, or is unknown."""
    value = value_in_words(name, found.value)
    if not found.low < found.high:
        return value, UNKNOWN
    low, high = value_in_words(name, found.low), value_in_words(name, found.high)
    return value, f"{low.removesuffix('%')} to {high}"


def cell(name: str, found: Interval) -> str:
    """Value and interval for a table."""
    value, span = in_words(name, found)
    return value if span == UNKNOWN else f"{value} ({span.removesuffix('%')})"
