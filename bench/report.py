"""What was measured, as tables and as the text of RESULTS.md."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from platform import python_version, system
from statistics import median

from .machine import cores, load, processor
from .peers import PEERS
from .steps import Cell
from .table import NOTHING, Table, significant
from .whole import REPEATS, Runs
from .workloads import WORKLOADS

BASE = "lampas"

INTRODUCTION = """\
The same training work in each framework: Adam, float32, the same data and batches, shuffling and
slicing included. Every framework has a process of its own; timed rounds go from one to the next in
turn, and only one computes at a time. A ratio is the median over rounds of the framework's time by
Lampas's time in the same round: above 1, Lampas is quicker.
"""


@dataclass
class Report:
    """Cells by workload and framework; a framework that is absent has a dash."""

    peers: list[str]
    rounds: int
    load: float = field(default_factory=load)
    steps: dict[str, dict[str, Cell]] = field(default_factory=dict)
    whole: dict[str, dict[str, Runs]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def tables(self) -> Iterator[Table]:
        """Those that have rows."""
        if self.steps:
            yield self._steps()
        if self.whole:
            yield self._whole()
        if self.steps:
            yield self._losses()

    def _steps(self) -> Table:
        rows = []
        for name, cells in self.steps.items():
            base = cells.get(BASE)
            row = [name]
            for peer in self.peers:
                cell = cells.get(peer)
                ratio = cell.times(base) if cell and base and peer != BASE else None
                row.append(_cell(cell and cell.milliseconds, ratio))
            rows.append(row)
        return Table("Milliseconds a training step", ["workload", *self._titles()], rows)

    def _whole(self) -> Table:
        columns = ["workload"]
        for peer in self.peers:
            columns.append(PEERS[peer].title)
            if PEERS[peer].keeps_compiled:
                columns.append(f"{PEERS[peer].title}, second start")
        rows = []
        for name, runs in self.whole.items():
            steps = WORKLOADS[name].steps(WORKLOADS[name].whole_epochs)
            rows.append([f"{name}, {steps:,} steps", *self._whole_cells(runs)])
        return Table("Seconds from the start of a process to its exit", columns, rows)

    def _whole_cells(self, runs: dict[str, Runs]) -> Iterator[str]:
        base = runs[BASE].seconds if BASE in runs else None
        for peer in self.peers:
            run = runs.get(peer)
            seconds = [run and run.seconds]
            if PEERS[peer].keeps_compiled:
                seconds.append(run and run.seconds_again)
            for number, value in enumerate(seconds):
                is_base = peer == BASE and number == 0
                yield _cell(value, value / base if value and base and not is_base else None)

    def _losses(self) -> Table:
        rows = []
        for name, cells in self.steps.items():
            work = WORKLOADS[name]
            parameters = next((f"{c.loaded.parameters:,}" for c in cells.values()), NOTHING)
            row = [name, parameters, f"{work.steps(work.check_epochs):,}"]
            for peer in self.peers:
                row.append(significant(cells[peer].loaded.loss) if peer in cells else NOTHING)
            rows.append(row)
        return Table(
            "All learn: the loss after some steps",
            ["workload", "parameters", "steps", *self._titles()],
            rows,
        )

    def _titles(self) -> list[str]:
        return [PEERS[peer].title for peer in self.peers]

    def remarks(self) -> Iterator[str]:
        """What a reader needs beside the tables, one line each."""
        versions = {k: v for peer in self.peers for k, v in _versions(peer).items()}
        listed = ", ".join(f"{package} {version}" for package, version in sorted(versions.items()))
        machine = f"{processor()}, {cores()} cores, {system()}"
        yield f"Machine: {machine}; load before the run {self.load:.1f}."
        yield f"Python {python_version()}, {listed}."
        for name in self.steps:
            yield f"{name}: {WORKLOADS[name].model}; batch {WORKLOADS[name].batch}."
        for peer in self.peers:
            options = {c[peer].loaded.note: None for c in self.steps.values() if peer in c}
            if options:
                yield f"{PEERS[peer].title}: {'; '.join(options)}."
        if self.steps:
            yield f"Steps: median of {self.rounds} rounds; {self._spread()}."
        if self.whole:
            yield (
                f"Whole processes: median of {REPEATS}; the ratio is to Lampas's first start, with "
                "an empty compilation cache. Only Lampas keeps compiled programs by default."
            )
        yield from self.notes

    def _spread(self) -> str:
        """How far apart the rounds of one cell lie: what a small difference is worth."""
        spreads = {
            f"{PEERS[peer].title}, {name}": max(cell.rounds) / min(cell.rounds) - 1
            for name, cells in self.steps.items()
            for peer, cell in cells.items()
        }
        if not spreads:
            return "none was measured"
        worst = max(spreads, key=spreads.__getitem__)
        return (
            f"a cell's slowest round typically took {median(spreads.values()):.0%} more than its "
            f"quickest, at worst {spreads[worst]:.0%} ({worst})"
        )

    def markdown(self, arguments: list[str]) -> str:
        """The text of RESULTS.md."""
        lines = ["# Lampas and its peers", "", INTRODUCTION]
        for table in self.tables():
            lines += table.markdown()
        lines += ["## How it was measured", ""]
        command = shlex.join(["python", "-m", "bench", *arguments])
        lines += [f"- {date.today().isoformat()}, `{command}`."]
        lines += [f"- {remark}" for remark in self.remarks()]
        return "\n".join(lines) + "\n"


def _cell(value: float | None, ratio: float | None) -> str:
    if value is None:
        return NOTHING
    return significant(value) + (f" ({significant(ratio)}×)" if ratio else "")


def _versions(peer: str) -> dict[str, str]:
    return {} if PEERS[peer].missing else PEERS[peer].versions
