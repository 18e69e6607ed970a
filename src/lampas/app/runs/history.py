"""The runs that have been, from the records in their folders: list them, compare two."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.markup import escape
from rich.table import Table

from ...core.errors import FileError
from .record import (CONFIG, FORMAT, RESULT)

PARTS = {"arguments": dict, "data": dict, "versions": dict, "device": dict}
"""What two runs are compared by, beside case and results."""
ENDS = ("low", "high")
DIGITS = 12
"""Of a SHA-256, enough to tell two apart."""


@dataclass(frozen=True)
class Past:
    """A run as its folder tells it.

    ``config`` and ``result`` are as they were recorded, empty where they are not there or damaged;
    ``problem`` says what is wrong, or that the run has not ended; empty if all is well.
    """

    folder: Path
    config: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def began(self) -> str:
        """When, in local time, to the minute; empty if not known."""
        try:
            began = datetime.fromisoformat(str(self.config.get("began")))
        except ValueError:
            return ""
        return began.astimezone().strftime("%Y-%m-%d %H:%M")

    @property
    def numbers(self) -> str:
        """The results in a line; the ends of intervals are left out."""
        found = self.result.get("result", {})
        shown = {name: v for name, v in found.items() if name.rpartition("_")[2] not in ENDS}
        return ", ".join(f"{name} {_shown(value)}" for name, value in shown.items())

    @property
    def seconds(self) -> str:
        """How long it took; empty if it has not ended."""
        return f"{self.result['seconds']:,.1f}" if self.result else ""


class Line(NamedTuple):
    """One thing that two runs have, and whether it is to be the same."""

    name: str
    first: str
    second: str
    counts: bool = True

    @property
    def differs(self) -> bool:
        """Whether the runs differ in something that counts."""
        return self.counts and self.first != self.second


def past_runs(folder: Path) -> list[Past]:
    """The runs in a folder of runs, or the one whose folder it is, the oldest first.

    Damaged records are listed as such, after the others.

    Raises:
        FileError: when the folder can not be read, or has no runs.
    """
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise FileError(
            f"can not read {folder}: {error.strerror}. Give the folder that has the folders of "
            "runs; `lampas run` makes one, runs, where it is called."
        ) from error
    runs = [read_run(path) for path in (folder, *inside) if is_run(path)]
    if not runs:
        raise FileError(f"there are no runs in {folder}: no folder in it has a {CONFIG}.")
    return sorted(runs, key=lambda run: (not run.config, str(run.config.get("began"))))


def is_run(folder: Path) -> bool:
    """Whether a folder has a record, whole or not."""
    return any((folder / name).is_file() for name in (CONFIG, RESULT))


def read_run(folder: Path) -> Past:
    """A run by its folder; what is damaged is said in ``problem``."""
    try:
        config = _read(folder / CONFIG, {"case": str, **PARTS})
        if not (folder / RESULT).exists():
            return Past(folder, config, problem="did not end")
    except FileError as error:
        return Past(folder, problem=str(error))
    try:
        return Past(folder, config, _read(folder / RESULT, {"result": dict, "seconds": float}))
    except FileError as error:
        return Past(folder, config, problem=str(error))


def compare(first: Path, second: Path) -> list[Line]:
    """Two runs side by side: results, arguments, data, versions and device.

    Raises:
        FileError: when a folder is not that of a run, or its record is damaged.
    """
    runs = [_whole(folder) for folder in (first, second)]
    lines = [
        Line("began", runs[0].began, runs[1].began, counts=False),
        Line("seconds", runs[0].seconds, runs[1].seconds, counts=False),
    ]
    return [*lines, *_lines(*(dict(_facts(run)) for run in runs))]


def runs_table(runs: list[Past]) -> Table:
    """For the terminal."""
    table = Table("began", "case", "result", box=None, pad_edge=False)
    table.add_column("seconds", justify="right")
    table.add_column("folder", overflow="fold")
    for run in runs:
        result = escape(run.numbers) or f"[red]{escape(run.problem)}[/]"
        case = escape(str(run.config.get("case", "")))
        table.add_row(run.began, case, result, run.seconds, escape(run.folder.name or "."))
    return table


def comparison_table(first: Path, second: Path, lines: list[Line]) -> Table:
    """For the terminal; what differs has a mark."""
    table = Table("", "", escape(str(first)), escape(str(second)), box=None, pad_edge=False)
    for line in lines:
        style = "bold" if line.differs else ""
        texts = (escape(text) for text in line[:3])
        table.add_row("≠" if line.differs else "", *texts, style=style)
    return table


def _whole(folder: Path) -> Past:
    folder = folder.parent if folder.name in (CONFIG, RESULT) else folder
    if not is_run(folder):
        raise FileError(f"{folder} is not the folder of a run: it has no {CONFIG}.")
    run = read_run(folder)
    if not run.config:
        raise FileError(run.problem)
    return run


def _facts(run: Past) -> Iterator[tuple[str, str]]:
    yield "case", run.config["case"]
    for name, value in run.result.get("result", {"result": run.problem}).items():
        yield f"result {name}" if run.result else "result", _shown(value)
    if run.result:
        yield "weights", str(run.result.get("model_sha256"))[:DIGITS]
    for part in PARTS:
        for name, value in run.config[part].items():
            shown = str(value)[:DIGITS] if name == "sha256" else _shown(value)
            yield f"{part.removesuffix('s')} {name}", shown


def _lines(first: dict[str, str], second: dict[str, str]) -> Iterator[Line]:
    # What only the second has stands beside its like.
    order = list(dict.fromkeys(name.split()[0] for name in (*first, *second)))
    for name in sorted({**first, **second}, key=lambda name: order.index(name.split()[0])):
        yield Line(name, first.get(name, "-"), second.get(name, "-"))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _read(path: Path, kinds: Mapping[str, type]) -> dict[str, Any]:
    """A record that has parts of these kinds."""
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise FileError(f"can not read {path}: {error.strerror}.") from error
    except ValueError as error:
        raise FileError(f"{path} is damaged: {error}.") from error
    if not isinstance(content, dict):
        raise FileError(f"{path} is damaged: it is no record of a run.")
    if path.name == CONFIG and content.get("format") != FORMAT:
        raise FileError(f"{path} has format {content.get('format')!r}, this Lampas reads {FORMAT}.")
    for name, kind in kinds.items():
        known = int | float if kind is float else kind
        if not isinstance(content.get(name), known):
            raise FileError(f"{path} is damaged: its {name!r} is {content.get(name)!r:.40}.")
    return content
