"""Where forecasts far ahead begin, and what they are compared with."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..data.series import Windows
from ..datasets.series import TimeSeries
from .chirp_measures import Floats

AHEAD = 100
ORIGINS = 40
"""Forecasts far ahead begin at this many rows of the test part, or a few more."""


class Far(NamedTuple):
    """Forecasts far ahead: the rows they begin at, what goes before, and what comes true."""

    origins: npt.NDArray[np.intp]
    before: Floats
    truth: Floats

    @property
    def steps(self) -> int:
        return self.truth.shape[1]


def look_far(series: TimeSeries, test: Windows) -> Far:
    """Where forecasts far ahead begin in the test part: on the clean series where that is known."""
    values = series.values if series.clean is None else series.clean
    first = int(test.starts[0]) + test.length
    steps = min(AHEAD, max(1, (len(values) - first) // 2))
    last = len(values) - steps
    origins = np.arange(first, last + 1, max(1, (last - first) // ORIGINS))
    return Far(
        origins,
        values[origins[:, None] + np.arange(-test.length, 0)],
        values[origins[:, None] + np.arange(steps)],
    )
