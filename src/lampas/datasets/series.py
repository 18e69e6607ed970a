"""Series in time: two that were measured, and one that is made."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import ArgumentError
from ..download.bundles import Bundle
from ..download.fetch import fetch
from ..download.files import DataFile
from ..download.packages import PIP
from ..download.sources import Mirror, Package

Values = npt.NDArray[np.float32]

OTHERWISE = "use lampas.datasets.chirp(), which needs no network"
SUNSPOTS = Bundle(
    name="sunspots",
    title="Sunspots",
    megabytes=12,
    files=(
        DataFile(
            "sunspots.csv",
            2_944,
            "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b",
        ),
    ),
    sources=(
        Mirror(
            "https://raw.githubusercontent.com/statsmodels/statsmodels/main/statsmodels/datasets/"
            "sunspots/"
        ),
        Package(PIP, "statsmodels==0.15.0", "statsmodels/datasets/sunspots/"),
    ),
    otherwise=OTHERWISE,
)
TEMPERATURE = Bundle(
    name="temperature",
    title="Temperature",
    megabytes=1,
    files=(
        DataFile(
            "seattle-temps.csv",
            192_707,
            "c220666521ff4bec4ffb6f0d9acfdc5c1056564b1aad6f78d3b06aa0a0c8b085",
        ),
    ),
    sources=(Package(PIP, "vega_datasets==0.9.0", "vega_datasets/_data/"),),
    otherwise=OTHERWISE,
)


@dataclass(frozen=True, eq=False, repr=False)
class TimeSeries:
    """One quantity in the order of time.

    Args:
        name: what it is called.
        values: float32, ``(rows,)``.
        time: of each row, rising: years, dates, or numbers of steps.
        unit: of the values.
        source: where they come from, and the licence where that is known.
        clean: the same without noise, ``(rows,)``, where that is known.
    """

    name: str
    values: Values
    time: npt.NDArray[Any]
    unit: str
    source: str
    clean: Values | None = None

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"TimeSeries({self.name}: {len(self):,} values, {self.time[0]} to {self.time[-1]})"


def chirp(
    n: int = 6400,
    periods: tuple[float, float] = (40.0, 12.0),
    sweep: int = 428,
    noise: float = 0.05,
    seed: int = 0,
) -> TimeSeries:
    """A wave that grows quicker and slower again, over and over, with noise: made, not measured.

    Its amplitude is 1. The frequency rises in a straight line through ``sweep`` steps, from one
    turn in ``periods[0]`` steps to one in ``periods[1]``, and falls as slowly; its phase never
    jumps. The noise is normal, each value's its own: no forecast of a next value can have an error
    below ``noise``. ``clean`` is the wave without it.

    Up and down again takes ``sweep * (1 / periods[0] + 1 / periods[1])`` turns. Where a few times
    that is a whole number, the wave repeats itself, and a test part what was learnt from. With the
    defaults it is 46.4, and no stretch comes twice.

    Args:
        n: number of values.
        periods: steps of a turn where it is slowest and where it is quickest.
        sweep: steps from the one to the other.
        noise: standard deviation.
        seed: decides the noise.

    Raises:
        ArgumentError: for a number of values, a period or a noise that can not be.
    """
    slow, quick = periods
    if n < 1 or sweep < 1 or not slow >= quick > 2 or not noise >= 0:
        raise ArgumentError(
            "a chirp needs n and sweep of 1 or more, periods that fall and stay above 2 steps, and "
            f"noise of 0 or more, got n={n}, periods={periods}, sweep={sweep}, noise={noise}."
        )
    steps = np.arange(n)
    way = np.abs((steps / sweep + 1) % 2 - 1)
    frequency = 1 / slow + (1 / quick - 1 / slow) * way
    clean = np.sin(2 * np.pi * (np.cumsum(frequency) - frequency[0]))
    # Unlike default_rng, RandomState promises the same numbers in every release of NumPy.
    noisy = clean + noise * np.random.RandomState(seed).randn(n)
    return TimeSeries(
        "chirp",
        noisy.astype(np.float32),
        steps,
        "",
        f"made, not measured: a wave of {slow:g} to {quick:g} steps a turn and back in "
        f"{2 * sweep:,} steps, with normal noise of deviation {noise:g}",
        clean.astype(np.float32),
    )


def sunspots() -> TimeSeries:
    """The number of sunspots in each year from 1700 to 2008, a yearly mean: 309 values.

    The file has 3 kB; the package it comes in, where GitHub can not be reached, 12 MB.

    Raises DatasetError when it is neither cached nor to be fetched.
    """
    years, numbers = _columns(fetch(SUNSPOTS)["sunspots.csv"])
    return TimeSeries(
        "sunspots",
        np.array(numbers, np.float32),
        np.array(years, np.int64),
        "sunspots, mean of the year",
        "NOAA National Geophysical Data Center (public domain), as bundled with statsmodels",
    )


def temperature() -> TimeSeries:
    """The usual temperature in Seattle at each hour of a year, in degrees Fahrenheit: 8,759 hours.

    These are NOAA's hourly normals, means over thirty years written under the dates of 2010: much
    smoother, and far easier to forecast, than the weather of one year. One hour of 14 March is not
    there. A download of 0.2 MB.

    Raises DatasetError when it is neither cached nor to be fetched.
    """
    times, degrees = _columns(fetch(TEMPERATURE)["seattle-temps.csv"])
    return TimeSeries(
        "temperature",
        np.array(degrees, np.float32),
        np.array([time.replace("/", "-") for time in times], "datetime64[m]"),
        "°F",
        "NOAA's hourly climate normals of Seattle (public domain), as bundled with vega_datasets",
    )


def _columns(content: bytes) -> tuple[tuple[str, ...], ...]:
    """The columns of a CSV file below its first line."""
    rows = list(csv.reader(io.StringIO(content.decode())))
    return tuple(zip(*rows[1:], strict=True))
