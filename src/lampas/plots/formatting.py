"""Format values and names for figures and reports."""

from __future__ import annotations

import math
from numbers import Integral, Real

_MIN_PLAIN, _MAX_PLAIN = 1e-4, 1e6
"""Between these, numbers are written without an exponent."""


def display_text(value: object) -> str:
    """Format a value: ``61706`` -> ``61,706``, ``0.98765`` -> ``0.9877``, None -> ``–``."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return f"{int(value):,}".replace("-", "−")
    if isinstance(value, Real):
        return _display_real(float(value))
    return str(value)


def shorten(name: str, max_length: int) -> str:
    """Cut a name that is too long and end it with an ellipsis."""
    return name if len(name) <= max_length else name[: max_length - 1] + "…"


def _display_real(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    plain = value == 0 or _MIN_PLAIN <= size < _MAX_PLAIN
    text = f"{value:,.0f}" if 1e4 <= size < _MAX_PLAIN else f"{value:.4g}"
    return (text if plain else f"{value:.3g}").replace("-", "−")
