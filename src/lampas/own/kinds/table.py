"""Rows of a table with a column to learn: dense layers behind an encoding of each column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...data.tables import Table, labelled
from ...data.tables.targets import TableTask
from ...report import Report
from ...train.model import Model
from ..kind import (
    Asked,
    Found,
    Kind,
    Parts,
    Said,
    Script,
    Settings,
    Source,
    Wishes,
    Yardstick,
)
from .table_files import SUFFIXES, read_items, read_rows
from .table_look import NETWORKS, look
from .table_report import add_columns, add_errors, add_importance, add_mistakes
from .table_script import script
from .table_yardsticks import boosting, floor

FEW = 500
"""Rows below which more of them help most."""


class TableKind(Kind):
    """Rows and columns."""

    name: ClassVar[str] = "table"
    networks: ClassVar[tuple[str, ...]] = NETWORKS
    uploads: ClassVar[tuple[str, ...]] = SUFFIXES

    def look(self, wishes: Wishes) -> Found:
        return look(wishes)

    def script(self, found: Found, settings: Settings) -> Script:
        return script(found, settings)

    def examples(self, part: Table) -> int:
        return len(part)

    def inputs(self, part: Table) -> Any:
        return part.x

    def targets(self, part: Table) -> np.ndarray:
        return part.y

    def yardsticks(self, parts: Parts, found: Found, settings: Settings) -> list[Yardstick]:
        classes = len(found.classes)
        return [floor(parts, classes), boosting(parts, classes, settings["seed"])]

    def read(self, sources: Iterable[Source], settings: Settings) -> Iterator[Asked]:
        return read_rows(sources, settings)

    def labelled(self, path: Path, settings: Settings, classes: Sequence[str]) -> Table:
        task: TableTask = "classify" if classes else "regress"
        return labelled(
            path, settings["target"], task, settings["columns"], classes, settings["forms"]
        )

    def add_data(self, report: Report, found: Found, settings: Settings, parts: Parts) -> None:
        add_columns(report, found, settings, parts)

    def add_mistakes(
        self, report: Report, found: Found, settings: Settings, test: Table, said: Said
    ) -> None:
        (add_mistakes if found.classes else add_errors)(report, test, said)

    def add_insight(
        self, report: Report, found: Found, settings: Settings, model: Model, parts: Parts
    ) -> None:
        add_importance(report, found, model, parts.test, settings["seed"])

    def advice(self, found: Found, settings: Settings, parts: Parts) -> list[str]:
        advice = []
        if len(parts.train) < FEW:
            advice.append(
                f"It has learnt from {len(parts.train):,} rows. More rows help most, and next a "
                "column that says something new."
            )
        if settings["group"] is None and settings["time"] is None:
            advice.append(
                "Rows were parted by chance. If several are of the same person, place or device, "
                "keep these together with --group COLUMN; if they are in the order of time, and "
                "you will predict later ones, judge by the latest with --time COLUMN."
            )
        return advice

    def schema(self, settings: Settings) -> dict[str, Any]:
        types, choices = {"number": "number", "boolean": "boolean"}, settings["choices"]
        return {
            "type": "object",
            "properties": {
                name: {"enum": [*choices[name], None]}
                if name in choices
                else {"type": [types.get(kind, "string"), "null"]}
                for name, kind in settings["columns"].items()
            },
            "required": list(settings["columns"]),
        }

    def items(self, items: Sequence[Any], settings: Settings) -> Asked:
        return read_items(items, settings)
