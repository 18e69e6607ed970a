"""Time series: sunspots, temperatures and a synthetic chirp."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import ArgumentError
from ..download.fetch import DatasetFiles, fetch
from ..download.packages import PIP
from ..download.sources import GITHUB, Mirror, Package
from .dataset import published_files

Values = npt.NDArray[np.float32]

_ALTERNATIVE = "use lampas.datasets.chirp(), which needs no network"
SUNSPOTS = DatasetFiles(
    name="sunspots",
    title="Sunspots",
    megabytes=12,
    files=published_files("sunspots"),
    sources=(
        Mirror(f"{GITHUB}statsmodels/statsmodels/main/statsmodels/datasets/sunspots/"),
        Package(PIP, "statsmodels==0.15.0", "statsmodels/datasets/sunspots/"),
    ),
    alternative=_ALTERNATIVE,
)
TEMPERATURE = DatasetFiles(
    name="temperature",
    title="Temperature",
    megabytes=1,
    files=published_files("temperature"),
    sources=(Package(PIP, "vega_datasets==0.9.0", "vega_datasets/_data/"),),
    alternative=_ALTERNATIVE,
)


@dataclass(frozen=True, eq=False, repr=False)
class TimeSeries:
    """A univariate time series.

    Args:
        name: name of the series.
        values: the values, float32, ``(rows,)``.
        time: time of each row, increasing: years, dates or step numbers.
        unit: unit of the values.
        source: origin of the data, and its licence if known.
        clean: the values without noise, ``(rows,)``, if known.
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
    """A synthetic sine wave whose frequency rises and falls repeatedly, with noise.

    The amplitude is 1. The frequency rises linearly within ``sweep`` steps, from a period of
    ``periods[0]`` steps to one of ``periods[1]``, and falls back; the phase is continuous.
    The noise is normal and independent, so the root mean squared error of a forecast cannot be
    below ``noise``. ``clean`` is the wave without noise.

    Rise and fall together take ``sweep * (1 / periods[0] + 1 / periods[1])`` periods. If a small
    multiple of that is an integer, the wave repeats itself and the test data equals training data.
    With the defaults it is 46.4, and no part repeats.

    Args:
        n: number of values.
        periods: longest and shortest period in steps.
        sweep: steps from one to the other.
        noise: standard deviation of the noise.
        seed: seed of the noise.

    Raises:
        ArgumentError: ``n``, ``periods``, ``sweep`` or ``noise`` is out of range.

    Example:
        >>> import lampas as lp
        >>> lp.datasets.chirp(n=100)
        TimeSeries(chirp: 100 values, 0 to 99)
    """
    longest, shortest = periods
    if n < 1 or sweep < 1 or not longest >= shortest > 2 or not noise >= 0:
        raise ArgumentError(
            "a chirp needs n and sweep of at least 1, decreasing periods above 2 steps and a "
            f"non-negative noise, got n={n}, periods={periods}, sweep={sweep}, noise={noise}."
        )
    steps = np.arange(n)
    fraction = np.abs((steps / sweep + 1) % 2 - 1)
    frequency = 1 / longest + (1 / shortest - 1 / longest) * fraction
    clean = np.sin(2 * np.pi * (np.cumsum(frequency) - frequency[0]))
    # Unlike default_rng, RandomState yields the same numbers in every release of NumPy.
    noisy = clean + noise * np.random.RandomState(seed).randn(n)
    return TimeSeries(
        "chirp",
        noisy.astype(np.float32),
        steps,
        "",
        f"synthetic: a wave with periods from {longest:g} to {shortest:g} steps and back within "
        f"{2 * sweep:,} steps, with normal noise of standard deviation {noise:g}",
        clean.astype(np.float32),
    )


def sunspots() -> TimeSeries:
    """Yearly mean number of sunspots from 1700 to 2008: 309 values.

    A download of 3 kB, or of 12 MB as part of a package if GitHub cannot be reached.

    Raises:
        DatasetError: the data is not in the cache and cannot be fetched.
    """
    years, counts = _columns(fetch(SUNSPOTS)["sunspots.csv"])
    return TimeSeries(
        "sunspots",
        np.array(counts, np.float32),
        np.array(years, np.int64),
        "sunspots, mean of the year",
        "NOAA National Geophysical Data Center (public domain), as bundled with statsmodels",
    )


def temperature() -> TimeSeries:
    """Average temperature in Seattle at each hour of a year, in degrees Fahrenheit: 8,759 hours.

    These are NOAA's hourly normals, means over thirty years under the dates of 2010. They are much
    smoother, and far easier to forecast, than the weather of a single year. One hour of 14 March is
    missing. A download of 0.2 MB.

    Raises:
        DatasetError: the data is not in the cache and cannot be fetched.
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
    """The columns of a CSV file without its header."""
    rows = list(csv.reader(io.StringIO(content.decode())))
    return tuple(zip(*rows[1:], strict=True))
