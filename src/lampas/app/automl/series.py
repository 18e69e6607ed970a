"""A series in time: a recurrent network forecasts what comes next.

A first look at a series: its time, its gaps, its season, and how far to look back and ahead.

What was found in a series, in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...core.errors import ArgumentError, DataError, unknown_name
from ...data.labels import count, few
from ...data.series import Windows
from ...data.series.seasonality import season
from ...data.series.series import Name, Series, from_csv
from ...data.series.spacing import Spacing, holes, spacing, written
from ...data.series.windows import windows
from ...evaluation.forecast_baselines import yardsticks
from ..report import Report
from .defaults import amounts
from .series_files import SUFFIXES, columns, read_items, read_series, schema, tell_gaps
from .series_network import NETWORKS, TEST, VALIDATION, script
from .series_report import add_forecasts, add_series
from .task import (
    Asked,
    Found,
    Kind,
    Parts,
    Reason,
    Said,
    Script,
    Settings,
    Source,
    Wishes,
    Yardstick,
)


class SeriesKind(Kind):
    """Numbers in the order of time."""

    name: ClassVar[str] = "series"
    networks: ClassVar[tuple[str, ...]] = tuple(NETWORKS)
    uploads: ClassVar[tuple[str, ...]] = SUFFIXES

    def look(self, wishes: Wishes) -> Found:
        return look(wishes)

    def script(self, found: Found, settings: Settings) -> Script:
        return script(settings)

    def examples(self, part: Windows) -> int:
        return len(part)

    def inputs(self, part: Windows) -> np.ndarray:
        return part.x

    def targets(self, part: Windows) -> np.ndarray:
        return part.y

    def yardsticks(self, parts: Parts, found: Found, settings: Settings) -> list[Yardstick]:
        return yardsticks(parts, settings)

    def read(self, sources: Iterable[Source], settings: Settings) -> Iterator[Asked]:
        return read_series(sources, settings)

    def labelled(self, path: Path, settings: Settings, classes: Sequence[str]) -> Any:
        found = cut(path, settings)
        table = from_csv(path, settings["features"], settings["time"])
        tell_gaps(f"of {path}, also where they are forecast", table.values)
        return found

    def add_data(self, report: Report, found: Found, settings: Settings, parts: Parts) -> None:
        add_series(report, settings, parts)

    def add_mistakes(
        self, report: Report, found: Found, settings: Settings, test: Windows, said: Said
    ) -> None:
        add_forecasts(report, settings, test, said)

    def advice(self, found: Found, settings: Settings, parts: Parts) -> list[str]:
        length = settings["length"]
        return [
            f"It looks at {length} steps; what repeats itself after longer than that it can not "
            f"know: --length {2 * length} looks further back and takes twice as long."
        ]

    def schema(self, settings: Settings) -> dict[str, Any]:
        return schema(settings)

    def items(self, items: Sequence[Any], settings: Settings) -> Asked:
        return read_items(items, settings)


FEWEST = 40
"""Rows that are needed."""
STEPS, EPOCHS = 25_000_000, (10, 60)
"""Steps that are read in a whole training, and epochs: fewer of a long series."""
AHEAD, BACK = 60, 256
"""Steps that are forecast, and looked at, at most unless asked for."""


def look(wishes: Wishes) -> Found:
    """What the series is, and what to make of it.

    Raises DataError, FileError or ArgumentError when it can not be learnt from.
    """
    _check(wishes)
    chosen = columns(wishes.path, wishes.time, wishes.target)
    table = from_csv(wishes.path, chosen.features, chosen.time)
    rows = len(table.values)
    if rows < FEWEST:
        raise DataError(
            f"{wishes.path} has {count(rows, 'row')}; a forecast is learnt from {FEWEST} or more: "
            f"the last {TEST:.0%} are kept back to judge it, and {VALIDATION:.0%} before to stop."
        )
    apart = None if table.time is None else spacing(table.time)
    learnt = table.values[: round(rows * (1 - VALIDATION - TEST))]
    table, never = _changing(table, learnt)
    again = season(_filled(learnt[:, 0]), apart.calendar if apart else ())
    settings = _settings(wishes, rows, again) | {
        "time": chosen.time,
        "target": chosen.target,
        "features": list(table.names),
        "spacing": None if apart is None else list(apart),
    }
    settings["deviation"] = _try(wishes.path, settings)
    why = tuple(reasons(wishes, table, apart, settings))
    beware = (*warnings(table, apart), *left_out(chosen.left_out, never))
    return Found("forecast", chosen.target, (), why, beware, settings)


def _check(wishes: Wishes) -> None:
    """Raise ArgumentError for a wish that says nothing of a series."""
    for option in ("group", "text", "columns", "size", "seconds"):
        if value := getattr(wishes, option):
            raise ArgumentError(f"{option}={value!r} says nothing of a series. Leave it out.")
    if wishes.task not in (None, "forecast"):
        raise ArgumentError(f"a series is forecast; task={wishes.task!r} can not be.")
    if wishes.model not in (None, *NETWORKS):
        raise unknown_name("network", str(wishes.model), NETWORKS)
    if wishes.path.suffix.lower() not in (".csv", ".tsv"):
        raise DataError(f"{wishes.path}: a series is read from a CSV file. Save it as one.")


def _settings(wishes: Wishes, rows: int, again: int) -> Settings:
    """How far to look back and ahead: a season or two, or a little where there is none.

    Penalty and dropout are small: a forecast is to be exact, not only on the right side.
    """
    part, usual = round(TEST * rows), amounts(rows)
    ahead = min(again or min(12, rows // 100), AHEAD, part // 3)
    horizon = wishes.horizon or max(1, ahead)
    back = (3 * again if again <= 20 else 2 * again) if again else max(16, 4 * horizon)
    length = wishes.length or max(2, min(back, BACK, rows // 6))
    return {
        "model": wishes.model or next(iter(NETWORKS)),
        **usual._asdict(),
        "l2": usual.l2 / 100,
        "dropout": 0.1,
        "epochs": int(np.clip(STEPS // (rows * length), *EPOCHS)),
        "patience": 8,
        # The linear map begins where it ends: how the error falls says little of the rate.
        "slowest": 2e-3,
        "fastest": 5e-3,
        "units": 32,
        "length": length,
        "horizon": horizon,
        "season": again,
    }


def _try(path: Path, settings: Settings) -> float:
    """How much the training part changes within a horizon: the error of the naive forecast.

    Raises DataError when the windows can not be cut and parted, before anything is written.
    """
    try:
        train = cut(path, settings).split(VALIDATION, TEST)[0]
        changes = float(np.sqrt(np.square(train.y - train.x[:, -1:, 0]).mean()))
        if not changes:
            raise DataError(f"{settings['target']!r} hardly ever changes: nothing can be learnt.")
        return changes
    except DataError as error:
        raise DataError(
            f"{path}: {error} It is to be forecast {count(settings['horizon'], 'step')} ahead from "
            f"{count(settings['length'], 'step')}."
        ) from error


def cut(path: Path, settings: Settings) -> Any:
    """The windows of a file of the same form."""
    return windows(
        path,
        settings["length"],
        settings["horizon"],
        columns=settings["features"],
        target=settings["target"],
        time=settings["time"],
        gaps="fill",
    )


def _changing(table: Series, learnt: np.ndarray) -> tuple[Series, list[Any]]:
    """The columns that ever change in the rows that are learnt from, and the names of the others.

    Raises DataError when what is forecast does not.
    """
    changes = [len(np.unique(column[np.isfinite(column)])) > 1 for column in learnt.T]
    target, *_ = table.names
    if not changes[0]:
        raise DataError(
            f"{target!r} never changes in the first {len(learnt):,} rows, those that are learnt "
            "from."
        )
    kept = [name for name, one in zip(table.names, changes, strict=True) if one]
    return table.select(kept), [name for name in table.names if name not in kept]


def _filled(values: np.ndarray) -> np.ndarray:
    """Gaps closed by straight lines, to look for a season."""
    known = np.flatnonzero(np.isfinite(values))
    return np.interp(np.arange(len(values)), known, values[known])


GAPPY = 0.2
"""Share of missing values from which on they are worth a warning of their own."""


def reasons(
    wishes: Wishes, table: Series, apart: Spacing | None, settings: Settings
) -> Iterator[Reason]:
    """What the series is, and how far it is looked back and ahead."""
    again, horizon, target = settings["season"], settings["horizon"], settings["target"]
    yield Reason(count(len(table.values), "row"), _span(table, apart, settings))
    looked = few(map(repr, table.names), 6)
    yield Reason(f"forecast {target!r}", f"from all numbers that change: {looked}")
    if again:
        yield Reason(f"a season of {again} steps", "its changes repeat themselves after so many")
    else:
        yield Reason("no season", "at no distance in time its changes repeat themselves")
    own = "one season" if horizon == again else "as far as the rows allow" if again else "a little"
    yield Reason(f"{count(horizon, 'step')} ahead", "as asked for" if wishes.horizon else own)
    own = "some seasons, or as many as the rows allow" if again else "a few times as many"
    yield Reason(
        f"from the last {count(settings['length'], 'step')}",
        "as asked for" if wishes.length else own,
    )
    yield Reason(
        f"network {settings['model']}",
        "recurrent, beside a linear map that begins at least squares; both forecast the change "
        "from the last value, so that a trend may go on",
    )


def _span(table: Series, apart: Spacing | None, settings: Settings) -> str:
    if table.time is None:
        return "taken to be in the order of time"
    first, last = map(written, table.time[[0, -1]])
    return f"{settings['time']!r} goes from {first} to {last}" + f", {apart} apart" * bool(apart)


def warnings(table: Series, apart: Spacing | None) -> Iterator[str]:
    """Values and rows that are missing."""
    for name, number in zip(table.names, np.isnan(table.values).sum(0).tolist(), strict=True):
        if number:
            share = number / len(table.values)
            much = " That is much: errors look smaller than they are." * (share > GAPPY)
            yield (
                f"{name!r} is missing in {count(number, 'row')} ({share:.1%}); the last known "
                f"value stands in, also where it is forecast.{much}"
            )
    if table.time is None:
        return
    if apart is None:
        yield "rows are not evenly apart in time: a step is a row, and forecasts have no times."
    elif missing := holes(table.time, apart):
        yield (
            f"rows are missing in {count(missing, 'place')}, where two are more than {apart} "
            "apart: a step is a row."
        )


def left_out(no_numbers: Sequence[Name], never: Sequence[Name]) -> Iterator[str]:
    """Columns that are of no use."""
    if no_numbers:
        yield f"left out, for they hold no numbers: {few(map(repr, no_numbers), 6)}."
    if never:
        named = few(map(repr, never), 6)
        yield f"left out, for they never change in the rows that are learnt from: {named}."
