"""The series that can be forecast: made, fetched, or a person's own."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..core.errors import DataError, unknown_name
from ..data.series.csv_file import from_csv
from ..data.series.gaps import without_gaps
from ..datasets.series import TimeSeries, chirp, sunspots, temperature


class Usual(NamedTuple):
    """What suits a series: steps to look at, steps to forecast at once, epochs."""

    length: int
    horizon: int
    epochs: int


KNOWN = {
    "chirp": Usual(64, 25, 50),
    "sunspots": Usual(33, 11, 200),
    "temperature": Usual(48, 24, 15),
}
OTHER = Usual(48, 12, 50)


def find_series(data: str, target: str | None, time: str | None, seed: int) -> TimeSeries:
    """The series of that name, or the column ``target`` of the CSV file at that path.

    Raises:
        UnknownNameError: for a name that is neither known nor a file.
        DataError: when the file has several columns and none is named, or one that holds no series.
        DatasetError: when the series can not be fetched.
    """
    if data == "chirp":
        return chirp(seed=seed)
    if data in KNOWN:
        return sunspots() if data == "sunspots" else temperature()
    path = Path(data).expanduser()
    if not path.exists():
        raise unknown_name("series (there is no such file either)", data, KNOWN)
    return _own(path, target, time)


def _own(path: Path, target: str | None, time: str | None) -> TimeSeries:
    table = from_csv(path, None if target is None else [target], time)
    if len(table.names) > 1:
        names = ", ".join(map(str, table.names))
        raise DataError(f"{path} has the columns {names}: say which to forecast with --target.")
    missing = int(np.isnan(table.values).sum())
    filled = f"; {missing:,} missing values repeat the one before them" if missing else ""
    values = without_gaps(table, "fill").values[:, 0]
    return TimeSeries(
        path.stem,
        values.astype(np.float32),
        np.arange(len(values)) if table.time is None else table.time,
        str(table.names[0]),
        f"column {table.names[0]} of {path}{filled}",
    )
