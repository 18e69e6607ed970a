"""The measurements as tables and as the text of RESULTS.md."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from .peers import PEERS
from .process_times import Runs
from .remarks import DISTURBED, Cells, remarks
from .steps import Cell
from .table import NOTHING, Table, significant
from .timing import Timing
from .workloads import WORKLOADS

BASE = "lampas"

INTRODUCTION = """\
The same work in each framework: training with Adam in float32 on the same data and batches,
shuffling and slicing included. Every framework has a process of its own; timed rounds go from one
to the next in turn, and only one computes at a time. A ratio of times is the median over rounds of
the framework's time divided by Lampas's time in the same round: above 1, Lampas is faster. A ratio
of memory is the framework's divided by Lampas's: above 1, Lampas needs less.
"""

ALLOCATOR_TITLES = {"default": "", "pinned": ", with malloc set to keep freed memory"}


@dataclass
class Report:
    """All measurements; ``steps`` by allocator, the main one first."""

    peers: list[str]
    steps: dict[str, Cells] = field(default_factory=dict)
    processes: dict[str, dict[str, Runs]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def tables(self) -> Iterator[Table]:
        """The tables that have rows."""
        for allocator, cells in self.steps.items():
            yield self._comparison(
                f"Milliseconds per step{ALLOCATOR_TITLES[allocator]}", cells, _time
            )
        for allocator, cells in self.steps.items():
            yield self._comparison(
                f"Megabytes at the peak{ALLOCATOR_TITLES[allocator]}", cells, _peak
            )
            yield self._comparison(
                f"Megabytes beyond the imports{ALLOCATOR_TITLES[allocator]}", cells, _rise
            )
        if self.processes:
            yield self._process_table()
        for cells in list(self.steps.values())[:1]:
            yield self._losses(cells)

    def _comparison(self, title: str, cells: Cells, show: Callable[[Cell, Cell], str]) -> Table:
        """One row per workload; ``show`` formats the cell of a framework, given Lampas's."""
        rows = []
        for name, row in cells.items():
            base = row.get(BASE)
            shown = (show(row[peer], base) if peer in row else NOTHING for peer in self.peers)
            rows.append([name, *shown])
        return Table(title, ["workload", *self._titles()], rows)

    def _process_table(self) -> Table:
        columns = ["workload"]
        for peer in self.peers:
            columns.append(PEERS[peer].title)
            if PEERS[peer].keeps_compiled:
                columns.append(f"{PEERS[peer].title}, second start")
        rows = []
        for name, runs in self.processes.items():
            steps = WORKLOADS[name].steps(WORKLOADS[name].whole_epochs)
            rows.append([f"{name}, {steps:,} steps", *self._process_cells(runs)])
        return Table("Seconds from the start of a process to its exit", columns, rows)

    def _process_cells(self, runs: dict[str, Runs]) -> Iterator[str]:
        base = _seconds(runs[BASE].first) if BASE in runs else None
        for peer in self.peers:
            run = runs.get(peer, Runs())
            yield _run(run.first, None if peer == BASE else base)
            if PEERS[peer].keeps_compiled:
                yield _run(run.second, base)

    def _losses(self, cells: Cells) -> Table:
        rows = []
        for name, row in cells.items():
            work = WORKLOADS[name]
            parameters = next((f"{cell.loaded.parameters:,}" for cell in row.values()), NOTHING)
            losses = (
                significant(row[peer].loaded.loss) if peer in row else NOTHING
                for peer in self.peers
            )
            rows.append([name, parameters, f"{work.steps(work.check_epochs):,}", *losses])
        return Table(
            "Check of equal work: the loss after some steps, or the mean change of a pixel",
            ["workload", "parameters", "steps", *self._titles()],
            rows,
        )

    def _titles(self) -> list[str]:
        return [PEERS[peer].title for peer in self.peers]

    def remarks(self) -> Iterator[str]:
        """Remarks on the measurements, one line each."""
        yield from remarks(self.peers, self.steps, self.processes)
        yield from self.notes

    def markdown(self, arguments: list[str]) -> str:
        """The text of RESULTS.md."""
        lines = ["# Lampas and other frameworks", "", INTRODUCTION]
        for table in self.tables():
            lines += table.markdown()
        lines += ["## How it was measured", ""]
        command = shlex.join(["python", "-m", "bench", *arguments])
        lines += [f"- {date.today().isoformat()}, `{command}`."]
        lines += [f"- {remark}" for remark in self.remarks()]
        return "\n".join(lines) + "\n"


def _time(cell: Cell, base: Cell | None) -> str:
    ratio = None if base in (None, cell) else cell.times(base)
    return _cell(cell.milliseconds, ratio, cell.quiet)


def _peak(cell: Cell, base: Cell | None) -> str:
    ratio = None if base in (None, cell) else cell.memory.peak / base.memory.peak
    return _cell(cell.memory.peak, ratio)


def _rise(cell: Cell, base: Cell | None) -> str:
    has_base = base not in (None, cell) and base.memory.rise > 0
    return _cell(cell.memory.rise, cell.memory.rise / base.memory.rise if has_base else None)


def _cell(value: float, ratio: float | None, quiet: bool = True) -> str:
    mark = "" if quiet else DISTURBED
    return mark + significant(value) + (f" ({significant(ratio)}×)" if ratio else "")


def _run(timings: list[Timing], base: float | None) -> str:
    if not timings:
        return NOTHING
    seconds = _seconds(timings)
    return _cell(seconds, seconds / base if base else None, all(t.quiet for t in timings))


def _seconds(timings: list[Timing]) -> float:
    return median(timing.seconds for timing in timings)
