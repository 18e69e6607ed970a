"""Prediction intervals of forecasts, from the errors of back-tests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.arguments import NonNegativeFloat, NonNegativeInt, OpenFraction
from ..core.errors import ArgumentError

LEVELS = (0.8, 0.95)
"""Probabilities of the intervals."""
ROUNDING = 1e-9
"""Tolerance of ranks, for products such as 10 · 0.8 that are not exact in floating point."""
Floats = npt.NDArray[np.floating]


class IntervalBounds(NamedTuple):
    """The interval of each step of a forecast; None where there were too few back-tests.

    Args:
        level: probability that the true value lies in the interval.
        lower: lower ends, ``(horizon,)``.
        upper: upper ends, ``(horizon,)``.
    """

    level: float
    lower: list[float | None]
    upper: list[float | None]


@dataclass(frozen=True)
class ForecastIntervals:
    """Prediction intervals by level and step: the forecast plus and minus a half-width.

    Args:
        levels: probabilities of the intervals.
        half_widths: ``(levels, horizon)``, in units of the target; None where there were too few
            back-tests for the level.
        origins: number of back-tests of each step: forecasts from different origins in time.

    Raises:
        ArgumentError: when the lengths differ.
    """

    levels: tuple[OpenFraction, ...]
    half_widths: tuple[tuple[NonNegativeFloat | None, ...], ...]
    origins: tuple[NonNegativeInt, ...]

    def __post_init__(self) -> None:
        lengths = {len(widths) for widths in self.half_widths}
        if len(self.half_widths) != len(self.levels) or lengths - {len(self.origins)}:
            raise ArgumentError(
                f"half_widths must be {len(self.levels)} tuples, one for each level, of "
                f"{len(self.origins)} numbers, one for each step."
            )

    @property
    def shortage(self) -> str:
        """Which intervals are missing for want of back-tests; empty if none is."""
        missing = [widths.count(None) for widths in self.half_widths]
        return " ".join(
            f"There is no {level:.0%} interval for {number} of {len(self.origins)} steps, since it "
            f"needs {min_errors(level)} back-tests that do not overlap."
            for level, number in zip(self.levels, missing, strict=True)
            if number
        )

    def around(self, forecast: Floats) -> list[IntervalBounds]:
        """The intervals around a forecast ``(horizon,)``, for each level."""
        return [
            IntervalBounds(level, _shifted(forecast, widths, -1), _shifted(forecast, widths, 1))
            for level, widths in zip(self.levels, self.half_widths, strict=True)
        ]


def _shifted(forecast: Floats, widths: tuple[float | None, ...], sign: int) -> list[float | None]:
    return [
        None if width is None else float(value) + sign * width
        for value, width in zip(forecast, widths, strict=True)
    ]


def back_tested_intervals(
    errors: npt.ArrayLike, levels: tuple[float, ...] = LEVELS
) -> ForecastIntervals:
    """Intervals from the errors of forecasts of values that the model had not seen.

    Args:
        errors: ``(origins, horizon)``, of forecasts from consecutive origins in time; NaN where
            the true value is not known.
        levels: probabilities of the intervals.

    Example:
        >>> import numpy as np
        >>> from lampas.evaluation.forecast_intervals import back_tested_intervals
        >>> intervals = back_tested_intervals(np.arange(1.0, 10.0)[:, None])
        >>> intervals.half_widths  # of 9 errors the 8th; 95 % would need 19 of them
        ((8.0,), (None,))
    """
    steps = np.abs(np.asarray(errors, np.float64)).T
    errors_by_step = [step[~np.isnan(step)] for step in steps]
    return ForecastIntervals(
        tuple(levels),
        tuple(
            tuple(half_width(step, level, ahead) for ahead, step in enumerate(errors_by_step, 1))
            for level in levels
        ),
        tuple(map(len, errors_by_step)),
    )


def half_width(errors: Floats, level: float, ahead: int) -> float | None:
    """The half-width of split conformal prediction; None where there are too few errors.

    Of ``n`` absolute errors it is the ``ceil((n + 1) level)``-th smallest: with that probability a
    further error is not larger (Vovk et al., 2005; Lei et al., 2018). Forecasts ``ahead`` steps
    ahead whose origins are fewer steps apart overlap, and their errors are alike. Therefore the
    errors of origins ``ahead`` steps apart have to suffice alone.

    Args:
        errors: absolute errors of forecasts from consecutive origins, ``(origins,)``.
        level: probability of the interval.
        ahead: number of steps ahead.
    """
    if len(errors) // ahead < min_errors(level):
        return None
    width = float(np.sort(errors)[math.ceil((len(errors) + 1) * level - ROUNDING) - 1])
    return width if math.isfinite(width) else None


def min_errors(level: float) -> int:
    """The smallest number of errors from which an interval of that level follows."""
    return math.ceil(level / (1 - level) - ROUNDING)
