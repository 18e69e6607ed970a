"""Values and paragraphs as a reader expects them, safe inside HTML."""

from __future__ import annotations

import math
import re
from html import escape
from numbers import Integral, Real

NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SMALLEST_PLAIN, LARGEST_PLAIN = 1e-4, 1e6


def show(value: object) -> str:
    """A value in plain words: ``61706`` -> ``61,706``, ``0.98765`` -> ``0.9877``, None -> ``–``."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return f"{int(value):,}".replace("-", "−")
    if isinstance(value, Real):
        return _show_real(float(value))
    return str(value)


def is_number(value: object) -> bool:
    """Whether ``value`` belongs on the right of its column."""
    return isinstance(value, Real) and not isinstance(value, bool)


def safe(value: object) -> str:
    """``show(value)`` with everything that HTML would read as its own made harmless."""
    return escape(NOT_TEXT.sub("", show(value)))


def paragraphs(text: str) -> str:
    """Plain text -> ``<p>`` elements; an empty line divides paragraphs."""
    parts = (part.strip() for part in re.split(r"\n\s*\n", text))
    return "".join(f"<p>{safe(part)}</p>" for part in parts if part)


def _show_real(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    plain = value == 0 or SMALLEST_PLAIN <= size < LARGEST_PLAIN
    text = f"{value:,.0f}" if 1e4 <= size < LARGEST_PLAIN else f"{value:.4g}"
    return (text if plain else f"{value:.3g}").replace("-", "−")
