"""What was measured, as tables and as the text of RESULTS.md."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from platform import python_version, system
from statistics import median

from .machine import cores, processor
from .peers import PEERS
from .steps import Cell
from .table import NOTHING, Table, significant
from .timing import QUIET_CORES, Timing
from .whole import REPEATS, Runs
from .workloads import WORKLOADS

BASE = "lampas"
DISTURBED = "~"

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
                row.append(_cell(cell.milliseconds, ratio, cell.quiet) if cell else NOTHING)
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
        base = _seconds(runs[BASE].first) if BASE in runs else None
        for peer in self.peers:
            run = runs.get(peer, Runs())
            yield _run(run.first, None if peer == BASE else base)
            if PEERS[peer].keeps_compiled:
                yield _run(run.again, base)

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
        yield f"Machine: {machine}."
        yield f"Python {python_version()}, {listed}."
        for name in self.steps:
            yield f"{name}: {WORKLOADS[name].model}; batch {WORKLOADS[name].batch}."
        for peer in self.peers:
            options = {c[peer].loaded.note: None for c in self.steps.values() if peer in c}
            if options:
                yield f"{PEERS[peer].title}: {'; '.join(options)}."
        yield from self._quality()
        if self.whole:
            yield (
                f"Whole processes: median of {REPEATS}; the ratio is to Lampas's first start, with "
                "an empty compilation cache. Only Lampas keeps compiled programs by default."
            )
        yield from self.notes

    def _quality(self) -> Iterator[str]:
        """What a small difference is worth: how far rounds differ, how quiet the machine was."""
        cells = {
            f"{PEERS[peer].title}, {name}": cell
            for name, row in self.steps.items()
            for peer, cell in row.items()
        }
        if not cells:
            return
        worst = max(cells, key=lambda key: cells[key].spread)
        usual = median(cell.spread for cell in cells.values())
        yield (
            f"Steps: median of {self.rounds} rounds; a cell's slowest round typically took "
            f"{usual:.0%} more than its quickest, at worst {cells[worst].spread:.0%} ({worst})."
        )
        others = [round.others for cell in cells.values() for round in cell.rounds]
        yield (
            f"Other processes used {median(others):.2f} cores during the typical round, "
            f"{max(others):.2f} during the worst; {DISTURBED} marks a time when it was more "
            f"than {QUIET_CORES}, which says nothing."
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


def _cell(value: float, ratio: float | None, quiet: bool) -> str:
    mark = "" if quiet else DISTURBED
    return mark + significant(value) + (f" ({significant(ratio)}×)" if ratio else "")


def _run(timings: list[Timing], base: float | None) -> str:
    if not timings:
        return NOTHING
    seconds = _seconds(timings)
    return _cell(seconds, seconds / base if base else None, all(t.quiet for t in timings))


def _seconds(timings: list[Timing]) -> float:
    return median(timing.seconds for timing in timings)


def _versions(peer: str) -> dict[str, str]:
    return {} if PEERS[peer].missing else PEERS[peer].versions
