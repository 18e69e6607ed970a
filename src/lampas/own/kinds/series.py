"""A series in time: a recurrent network forecasts what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...data.series import Windows
from ...data.series.csv_file import from_csv
from ...report import Report
from ..kind import Asked, Found, Kind, Parts, Said, Script, Settings, Source, Wishes, Yardstick
from .series_files import SUFFIXES, read_items, read_series, schema, tell_gaps
from .series_look import cut, look
from .series_report import add_forecasts, add_series
from .series_script import NETWORKS, script
from .series_yardsticks import yardsticks


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
