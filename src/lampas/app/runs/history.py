"""List past runs and compare two of them, from the records in their folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.markup import escape
from rich.table import Table

from ...core.errors import FileError
from .record import CONFIG, CONFIG_TYPES, RESULT, SECTIONS, read_record

INTERVAL_BOUNDS = ("low", "high")
SENTENCES = ("saved_model",)
"""Results that are too long for one line."""
HASH_DIGITS = 12
"""Hexadecimal digits of a SHA-256 that are shown."""


@dataclass(frozen=True)
class PastRun:
    """A run that was read from its folder.

    ``config`` and ``result`` hold the recorded values; they are empty where the file is missing or
    damaged. ``problem`` says what is wrong, or that the run did not finish; else it is empty.
    """

    folder: Path
    config: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def started(self) -> str:
        """Start of the run in local time, to the minute; empty if unknown."""
        try:
            started = datetime.fromisoformat(str(self.config.get("began")))
        except ValueError:
            return ""
        return started.astimezone().strftime("%Y-%m-%d %H:%M")

    @property
    def summary(self) -> str:
        """The results in one line, without the bounds of intervals and sentences."""
        result = self.result.get("result", {})
        shown = {
            name: value
            for name, value in result.items()
            if name.rpartition("_")[2] not in INTERVAL_BOUNDS and name not in SENTENCES
        }
        return ", ".join(f"{name} {_format_value(value)}" for name, value in shown.items())

    @property
    def seconds(self) -> str:
        """Duration in seconds, formatted; empty if the run did not finish."""
        return f"{self.result['seconds']:,.1f}" if self.result else ""


class ComparisonRow(NamedTuple):
    """A value of two runs; rows that are not ``compared`` always differ, such as the start."""

    name: str
    first: str
    second: str
    compared: bool = True

    @property
    def differs(self) -> bool:
        """Whether the values are compared and differ."""
        return self.compared and self.first != self.second


def past_runs(folder: Path) -> list[PastRun]:
    """The runs in a folder of runs, or the run in this very folder; the oldest comes first.

    Runs with a damaged record come last.

    Raises:
        FileError: when the folder cannot be read, or has no runs.
    """
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise FileError(
            f"cannot read {folder}: {error.strerror}. Give the folder that contains the folders of "
            "the runs; `lampas run` creates it as runs/ in the current folder."
        ) from error
    runs = [read_run(path) for path in (folder, *entries) if is_run_folder(path)]
    if not runs:
        raise FileError(f"there are no runs in {folder}: no folder in it contains a {CONFIG}.")
    return sorted(runs, key=lambda run: (not run.config, str(run.config.get("began"))))


def is_run_folder(folder: Path) -> bool:
    """Whether a folder contains the record of a run."""
    return any((folder / name).is_file() for name in (CONFIG, RESULT))


def read_run(folder: Path) -> PastRun:
    """Read a run from its folder; a damaged record is described in ``problem``."""
    config: dict[str, Any] = {}
    try:
        config = read_record(folder / CONFIG, CONFIG_TYPES)
        if not (folder / RESULT).exists():
            return PastRun(folder, config, problem="did not finish")
        result = read_record(folder / RESULT, {"result": dict, "seconds": float})
        return PastRun(folder, config, result)
    except FileError as error:
        return PastRun(folder, config, problem=str(error))


def compare(first: Path, second: Path) -> list[ComparisonRow]:
    """Compare two runs: results, arguments, data, versions and device.

    Raises:
        FileError: when a folder is not the folder of a run, or its record is damaged.
    """
    a, b = _read_complete(first), _read_complete(second)
    return [
        ComparisonRow("started", a.started, b.started, compared=False),
        ComparisonRow("seconds", a.seconds, b.seconds, compared=False),
        *_comparison_rows(dict(_recorded_values(a)), dict(_recorded_values(b))),
    ]


def runs_table(runs: list[PastRun]) -> Table:
    """The runs as a table for the terminal."""
    table = Table("started", "case", "result", box=None, pad_edge=False)
    table.add_column("seconds", justify="right")
    table.add_column("folder", overflow="fold")
    for run in runs:
        result = escape(run.summary) or f"[red]{escape(run.problem)}[/]"
        case = escape(str(run.config.get("case", "")))
        table.add_row(run.started, case, result, run.seconds, escape(run.folder.name or "."))
    return table


def comparison_table(first: Path, second: Path, rows: list[ComparisonRow]) -> Table:
    """The comparison as a table for the terminal; rows that differ are marked with ≠."""
    table = Table("", "", escape(str(first)), escape(str(second)), box=None, pad_edge=False)
    for row in rows:
        style = "bold" if row.differs else ""
        texts = (escape(text) for text in row[:3])
        table.add_row("≠" if row.differs else "", *texts, style=style)
    return table


def _read_complete(folder: Path) -> PastRun:
    folder = folder.parent if folder.name in (CONFIG, RESULT) else folder
    if not is_run_folder(folder):
        raise FileError(f"{folder} is not the folder of a run: it contains no {CONFIG}.")
    run = read_run(folder)
    if not run.config:
        raise FileError(run.problem)
    return run


def _recorded_values(run: PastRun) -> Iterator[tuple[str, str]]:
    yield "case", run.config["case"]
    for name, value in run.result.get("result", {"result": run.problem}).items():
        yield f"result {name}" if run.result else "result", _format_value(value)
    if run.result:
        yield "weights", str(run.result.get("model_sha256"))[:HASH_DIGITS]
    for section in SECTIONS:
        for name, value in run.config[section].items():
            shown = str(value)[:HASH_DIGITS] if name == "sha256" else _format_value(value)
            yield f"{section.removesuffix('s')} {name}", shown


def _comparison_rows(first: dict[str, str], second: dict[str, str]) -> Iterator[ComparisonRow]:
    # Keep the rows of a section together, also those that only the second run has.
    order = list(dict.fromkeys(name.split()[0] for name in (*first, *second)))
    for name in sorted({**first, **second}, key=lambda name: order.index(name.split()[0])):
        yield ComparisonRow(name, first.get(name, "-"), second.get(name, "-"))


def _format_value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)
