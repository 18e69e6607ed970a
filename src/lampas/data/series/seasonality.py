"""The season length of a series, by the autocorrelation of its changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
MIN_CORRELATION, MIN_CALENDAR_CORRELATION = 0.3, 0.2
"""Minimum autocorrelation of a season: of any, and of one that the calendar suggests."""
MIN_SEASONS, MAX_LAG = 3, 800
"""Minimum repetitions of a season in the series, and steps of the longest season."""
CHANCE_DEVIATIONS = 3.0
"""Standard deviations that a chance correlation rarely exceeds."""
SMOOTHING = 8
"""Part of a season that is averaged before its autocorrelation is computed."""
NEARLY_AS_CLEAR = 0.9
"""A shorter season is preferred if its correlation is at least this share of the largest."""


def autocorrelation(values: Floats, lags: int) -> Floats:
    """Autocorrelation of the changes from step to step, for lags from 0 to ``lags``."""
    changes = np.diff(values)
    changes = changes - changes.mean()
    size = 1 << (2 * len(changes)).bit_length()
    power = np.abs(np.fft.rfft(changes, size)) ** 2
    covariance = np.fft.irfft(power, size)[: lags + 1]
    return covariance / covariance[0] if covariance[0] > 0 else np.zeros(lags + 1)


def season_length(values: Floats, calendar: Sequence[int] = ()) -> int:
    """The number of steps of the clearest season; 0 if there is none.

    Args:
        values: ``(rows,)``.
        calendar: likely season lengths; less correlation suffices for them.
    """
    longest = len(values) // MIN_SEASONS
    candidates = {lag: _season_correlation(values, lag) for lag in calendar if lag <= longest}
    if season := _shortest(candidates, MIN_CALENDAR_CORRELATION):
        return season
    correlation = autocorrelation(values, min(longest, MAX_LAG))
    before, inner, after = correlation[2:-2], correlation[3:-1], correlation[4:]
    peaks = np.flatnonzero((inner >= before) & (inner > after)) + 3
    threshold = max(MIN_CORRELATION, CHANCE_DEVIATIONS / np.sqrt(len(values)))
    return _shortest({int(lag): float(correlation[lag]) for lag in peaks}, threshold)


def _shortest(correlations: Mapping[int, float], threshold: float) -> int:
    """The shortest of the seasons that are nearly as clear as the clearest; 0 if none is clear."""
    threshold = max(threshold, NEARLY_AS_CLEAR * max(correlations.values(), default=0.0))
    return min((lag for lag, value in correlations.items() if value >= threshold), default=0)


def _season_correlation(values: Floats, lag: int) -> float:
    """The autocorrelation of the smoothed series near a lag.

    It is 0 when chance alone may reach it, or when other lags nearby are clearer.
    """
    width = max(1, lag // SMOOTHING)
    smooth = np.convolve(values, np.full(width, 1 / width), "valid")
    tolerance = max(1, lag // 20)
    correlation = autocorrelation(smooth, lag + tolerance + 1)
    best = int(correlation[lag - tolerance :].argmax()) + lag - tolerance
    threshold = CHANCE_DEVIATIONS * np.sqrt(width / len(values))
    is_clear = correlation[best] >= threshold and abs(best - lag) <= tolerance
    is_rising = correlation[best] > correlation[lag // 2] if lag > 3 else True
    return float(correlation[best]) if is_clear and is_rising else 0.0
