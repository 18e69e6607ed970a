"""After how many steps does a series repeat itself? By the autocorrelation of its changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
CLEAR, USUAL = 0.3, 0.2
"""Correlation of a season that is believed: of any, and of one that the calendar suggests."""
ROUNDS, LONGEST = 3, 800
"""Times that a season must have been seen, and steps of the longest that is looked for."""
CHANCE = 3.0
"""Deviations that correlation by chance hardly reaches."""
SMOOTH = 8
"""Part of a season within which changes are of no account."""
NEAR = 0.9
"""A shorter season is taken when it is nearly as clear: twice a season is one, too."""


def autocorrelation(values: Floats, lags: int) -> Floats:
    """Of the changes from step to step, for lags from 0 to ``lags``: ``(lags + 1,)``."""
    changes = np.diff(values)
    changes = changes - changes.mean()
    size = 1 << (2 * len(changes)).bit_length()
    power = np.abs(np.fft.rfft(changes, size)) ** 2
    found = np.fft.irfft(power, size)[: lags + 1]
    return found / found[0] if found[0] > 0 else np.zeros(lags + 1)


def season(values: Floats, calendar: Sequence[int] = ()) -> int:
    """The steps of the clearest season; 0 where there is none.

    Args:
        values: ``(rows,)``.
        calendar: seasons that are likely; they may be fainter.
    """
    likely = {lag: _clearness(values, lag) for lag in calendar if lag <= len(values) // ROUNDS}
    likely = {lag: found for lag, found in likely.items() if found >= USUAL}
    if likely:
        return _shortest(likely)
    lags = min(len(values) // ROUNDS, LONGEST)
    found = autocorrelation(values, lags)
    inner = np.arange(3, max(3, lags))
    tops = inner[(found[inner] >= found[inner - 1]) & (found[inner] > found[inner + 1])]
    least = max(CLEAR, CHANCE / np.sqrt(len(values)))
    return _shortest({int(lag): float(found[lag]) for lag in tops if found[lag] >= least})


def _shortest(found: Mapping[int, float]) -> int:
    """The shortest of those that are nearly as clear as the clearest; 0 of none."""
    return min((lag for lag in found if found[lag] >= NEAR * max(found.values())), default=0)


def _clearness(values: Floats, lag: int) -> float:
    """How clear a season of about so many steps is, what is short beside it smoothed away.

    It is 0 when chance alone may reach that, or when other lags nearby are clearer.
    """
    wide = max(1, lag // SMOOTH)
    smooth = np.convolve(values, np.full(wide, 1 / wide), "valid")
    near = max(1, lag // 20)
    found = autocorrelation(smooth, lag + near + 1)
    best = int(found[lag - near :].argmax()) + lag - near
    clear = found[best] >= CHANCE * np.sqrt(wide / len(values)) and abs(best - lag) <= near
    rises = found[best] > found[lag // 2] if lag > 3 else True
    return float(found[best]) if clear and rises else 0.0
