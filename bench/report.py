"""What was measured, as tables and as the text of RESULTS.md."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from .peers import PEERS
from .remarks import DISTURBED, Cells, about
from .steps import Cell
from .table import NOTHING, Table, significant
from .timing import Timing
from .whole import Runs
from .workloads import WORKLOADS

BASE = "lampas"

INTRODUCTION = """\
The same work in each framework: training with Adam in float32 on the same data and batches,
shuffling and slicing included. Every framework has a process of its own; timed rounds go from one
to the next in turn, and only one computes at a time. A ratio is the median over rounds of the
framework's time by Lampas's time in the same round: above 1, Lampas is quicker. A ratio of memory
is the framework's by Lampas's: above 1, Lampas needs less.
"""

KEPT = {"default": "", "pinned": ", with malloc set to keep freed memory"}


@dataclass
class Report:
    """All that was measured; ``steps`` by allocator, the main one first."""

    peers: list[str]
    steps: dict[str, Cells] = field(default_factory=dict)
    whole: dict[str, dict[str, Runs]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def tables(self) -> Iterator[Table]:
        """Those that have rows."""
        for allocator, cells in self.steps.items():
            yield self._compared(f"Milliseconds a step{KEPT[allocator]}", cells, _time)
        for allocator, cells in self.steps.items():
            yield self._compared(f"Megabytes at the peak{KEPT[allocator]}", cells, _peak)
            yield self._compared(f"Megabytes beyond the imports{KEPT[allocator]}", cells, _rise)
        if self.whole:
            yield self._whole()
        for cells in list(self.steps.values())[:1]:
            yield self._losses(cells)

    def _compared(self, title: str, cells: Cells, show: Callable[[Cell, Cell], str]) -> Table:
        """A row a workload; ``show`` gets a framework's cell and Lampas's."""
        rows = []
        for name, row in cells.items():
            base = row.get(BASE)
            shown = (show(row[peer], base) if peer in row else NOTHING for peer in self.peers)
            rows.append([name, *shown])
        return Table(title, ["workload", *self._titles()], rows)

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
            "All do the same: the loss after some steps, or by how much pixels change",
            ["workload", "parameters", "steps", *self._titles()],
            rows,
        )

    def _titles(self) -> list[str]:
        return [PEERS[peer].title for peer in self.peers]

    def remarks(self) -> Iterator[str]:
        """What a reader needs beside the tables, one line each."""
        yield from about(self.peers, self.steps, self.whole)
        yield from self.notes

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


def _time(cell: Cell, base: Cell | None) -> str:
    ratio = None if base in (None, cell) else cell.times(base)
    return _cell(cell.milliseconds, ratio, cell.quiet)


def _peak(cell: Cell, base: Cell | None) -> str:
    ratio = None if base in (None, cell) else cell.memory.peak / base.memory.peak
    return _cell(cell.memory.peak, ratio)


def _rise(cell: Cell, base: Cell | None) -> str:
    known = base not in (None, cell) and base.memory.rise > 0
    return _cell(cell.memory.rise, cell.memory.rise / base.memory.rise if known else None)


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
