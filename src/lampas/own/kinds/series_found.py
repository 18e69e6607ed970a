"""What was found in a series, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...data.listing import count, few
from ...data.series.table import Name, Series
from ..kind import Reason, Settings, Wishes
from .series_spacing import Spacing, holes, written

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
