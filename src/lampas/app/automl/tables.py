"""Rows of a table with a column to learn: dense layers behind an encoding of each column.

What there is in a table, and what to make of it.

Rows to predict: from files of any size, and from JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ...core.errors import ArgumentError, DataError, unknown_name
from ...data.labels import count, few
from ...data.tables import Held, Survey, Table, chunks, labelled, read_frame, rows, survey
from ...data.tables.target import TableTask
from ...train.model import Model
from ..report import Report
from .defaults import amounts
from .tables_baselines import boosting, floor
from .tables_network import script
from .tables_report import add_columns, add_errors, add_importance, add_mistakes
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

if TYPE_CHECKING:
    from pandas import DataFrame


FEW = 500
"""Rows below which more of them help most."""


NETWORKS = ("mlp", "linear")
SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet", ".xlsx", ".xls")


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


WIDTH, EPOCHS, PATIENCE = 128, 200, 20
MOST_CHOICES = 30
USUAL_TARGETS = ("target", "label", "class", "y", "outcome")


def look(wishes: Wishes) -> Found:
    """See `Kind.look`."""
    task = _check(wishes)
    frame = read_frame(wishes.path)
    target = wishes.target or _usual(list(frame.columns), wishes)
    seen = survey(frame, target, task, wishes.columns, wishes.group, wishes.time)
    settings = _settings(seen, wishes, target, len(frame))
    settings["choices"] = _choices(frame, seen)
    return Found(
        seen.task,
        target,
        seen.classes,
        tuple(_reasons(seen, settings, target, len(frame))),
        seen.warnings,
        settings,
    )


def _choices(frame: DataFrame, seen: Survey) -> dict[str, list[str]]:
    """The values of the columns that have few, to choose from."""
    few = {
        name: kind
        for name, kind in seen.kinds.items()
        if kind == "category" and seen.columns[name].distinct <= MOST_CHOICES
    }
    if not few:
        return {}
    x = rows(frame, few, seen.forms)
    return {name: sorted(x[name].dropna().unique()) for name in few}


def _check(wishes: Wishes) -> TableTask | None:
    """The task that is asked for. Raises ArgumentError for what is not for tables."""
    if wishes.task == "forecast":
        raise ArgumentError("a table is not forecast; --kind series takes it for a series in time.")
    if wishes.model is not None and wishes.model not in NETWORKS:
        raise unknown_name("model", wishes.model, NETWORKS)
    given = {
        name: getattr(wishes, name) for name in ("size", "seconds", "length", "horizon", "text")
    }
    if odd := [name for name, value in given.items() if value is not None]:
        raise ArgumentError(f"--{odd[0]} is not for tables.")
    return wishes.task


def _usual(names: list[str], wishes: Wishes) -> str:
    found = [name for name in names if name.lower() in USUAL_TARGETS]
    if len(found) == 1:
        return found[0]
    raise ArgumentError(
        f"which column is to be learnt? Say it with --target NAME; {wishes.path} has "
        f"{few(map(repr, names), 20)}."
    )


def _settings(seen: Survey, wishes: Wishes, target: str, rows: int) -> Settings:
    return {
        "model": wishes.model or NETWORKS[0],
        **amounts(rows)._asdict(),
        "epochs": EPOCHS,
        "patience": PATIENCE,
        "width": WIDTH,
        "target": target,
        "columns": dict(seen.kinds),
        "forms": dict(seen.forms),
        "group": wishes.group,
        "time": wishes.time,
        "seen": [
            [one.name, one.kind, one.why, one.missing, one.distinct, one.note]
            for one in seen.columns.values()
        ],
    }


def _reasons(seen: Survey, settings: Settings, target: str, rows: int) -> list[Reason]:
    kinds = Counter(seen.kinds.values())
    left = {one.name: one.why for one in seen.columns.values() if one.kind == "leave-out"}
    found = [
        Reason(f"{count(rows, 'row')}", f"to learn {target!r}"),
        Reason(seen.task, seen.why),
        Reason(
            few((count(number, kind, _MANY[kind]) for kind, number in kinds.items()), 6),
            few(map(str, seen.kinds), 12),
        ),
    ]
    if left:
        text = few((f"{name}, for {why}" for name, why in left.items()), 6)
        found.append(Reason(f"{count(len(left), 'column')} left out", text))
    found.append(Reason(f"network {settings['model']}", _network(settings)))
    few_or_many = "few" if settings["dropout"] > 0.1 else "many"
    found.append(
        Reason(
            f"dropout {settings['dropout']}, l2 {settings['l2']}",
            f"{rows:,} rows are {few_or_many}",
        )
    )
    if settings["group"] or settings["time"]:
        by = "group" if settings["group"] else "time"
        found.append(Reason(f"parted by {settings[by]!r}", "as asked for"))
    return found


_MANY: dict[Any, str] = {
    "number": "numbers",
    "category": "categories",
    "boolean": "yes or no",
    "date": "dates",
    "text": "texts",
}


def _network(settings: Settings) -> str:
    if settings["model"] == "linear":
        return "no hidden layer, as asked for"
    return f"two hidden layers of {settings['width']} units are the usual means for rows"


def read_rows(sources: Iterable[Source], settings: Settings) -> Iterator[Asked]:
    """Rows of files, some thousand at a time; named by file and line."""
    for source in sources:
        if isinstance(source.content, bytes):
            yield from _rows(Held(source.name, source.content), settings)
            continue
        for path in _files(source.content):
            yield from _rows(path, settings)


def _files(path: Path) -> list[Path]:
    """The file; or all tables in a folder."""
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.iterdir() if file.name.lower().endswith(SUFFIXES))
    if not found:
        raise DataError(f"{path} has no tables: no file in it ends in {', '.join(SUFFIXES)}.")
    return found


def _rows(place: Path | Held, settings: Settings) -> Iterator[Asked]:
    for part in chunks(place):
        x = rows(part, settings["columns"], settings["forms"])
        yield Asked([f"{place}, {part.index.name} {line}" for line in part.index], x)


def read_items(items: Sequence[Any], settings: Settings) -> Asked:
    """Rows that came as JSON, a dict each."""
    found = rows(list(items), settings["columns"], settings["forms"])
    return Asked([str(number) for number in range(1, len(items) + 1)], found)
