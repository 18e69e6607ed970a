"""Formatting of metric values and intervals for tables and sentences."""

from __future__ import annotations

from .intervals import Interval

PROPORTIONS = ("accuracy", "balanced accuracy", "sensitivity", "specificity")
"""Metrics that are shown in percent."""
ERROR_METRICS = ("RMSE", "MAE")
"""Metrics in the units of the target."""
MIN_ROUNDED = 1_000
"""From this size on, values in units have no decimals."""
NO_INTERVAL = "–"


def metric_family(name: str) -> str:
    """The metric without its class: ``"F1 (yes)"`` gives ``"F1"``."""
    return name.partition(" (")[0]


def format_value(name: str, value: float) -> str:
    """A proportion in percent, an error in units with three digits, others with three decimals."""
    if metric_family(name) in PROPORTIONS:
        return f"{value:.1%}"
    if name in ERROR_METRICS:
        return format_in_units(value)
    return f"{value:z.3f}".replace("-", "−")


def format_in_units(value: float) -> str:
    """Three significant digits and all before the point: ``12,345``, ``53.2``, ``0.0120``."""
    is_large = abs(value) >= MIN_ROUNDED
    return (f"{value:z,.0f}" if is_large else f"{value:z#.3g}".rstrip(".")).replace("-", "−")


def format_interval(name: str, interval: Interval) -> tuple[str, str]:
    """The value, and ``"low to high"``; a dash where the interval is unknown or has no width."""
    value = format_value(name, interval.value)
    if not interval.low < interval.high:
        return value, NO_INTERVAL
    low, high = format_value(name, interval.low), format_value(name, interval.high)
    return value, f"{low.removesuffix('%')} to {high}"


def format_cell(name: str, interval: Interval) -> str:
    """The value with its interval in brackets, for a table."""
    value, span = format_interval(name, interval)
    return value if span == NO_INTERVAL else f"{value} ({span.removesuffix('%')})"
