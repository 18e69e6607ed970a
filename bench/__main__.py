"""The command line, ``python -m bench [workload ...]``, run in the repository's root."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from . import process_times, steps
from .peers import PEERS
from .process import ALLOCATORS
from .report import Report
from .workloads import WORKLOADS

RESULTS = Path(__file__).parent / "RESULTS.md"
CLOSE_PEERS = ("lampas", "torch", "torch-tuned")
"""Frameworks that a second allocator is measured with: the allocator decides which is faster."""

console = Console()


def main(
    workloads: Annotated[
        list[str] | None, typer.Argument(help=f"Any of {', '.join(WORKLOADS)}; by default all.")
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(min=1, help="Timed rounds per framework; by default those of the workload."),
    ] = None,
    only: Annotated[str, typer.Option(help=f"Any of {','.join(PEERS)}.")] = ",".join(PEERS),
    allocator: Annotated[
        str,
        typer.Option(help=f"Settings of the C library's allocator, any of {','.join(ALLOCATORS)}."),
    ] = ",".join(ALLOCATORS),
    whole_processes: Annotated[
        bool, typer.Option("--whole/--no-whole", help="Also time whole processes.")
    ] = True,
    out: Annotated[
        Path | None, typer.Option(help="File to write; a full run writes bench/RESULTS.md.")
    ] = None,
) -> None:
    """Train the same models in Lampas and in other frameworks, and compare times and memory."""
    names = _select(workloads or list(WORKLOADS), WORKLOADS)
    peers = _select(only.split(","), PEERS)
    allocators = _select(allocator.split(","), ALLOCATORS)
    report = Report(peers)
    present = [peer for peer in peers if _is_installed(peer, report.notes)]
    _measure_steps(report, names, present, rounds, allocators[0])
    for other in allocators[1:]:
        small = [name for name in names if not WORKLOADS[name].alone]
        close = [peer for peer in present if peer in CLOSE_PEERS]
        _measure_steps(report, small, close, rounds, other)
        titles = ", ".join(PEERS[peer].title for peer in close)
        report.notes.append(f"The {other} allocator was measured only with {titles}.")
    if whole_processes:
        _measure_whole(report, names, present, allocators[0])
    _show(report)
    complete = whole_processes and names == list(WORKLOADS) and peers == list(PEERS)
    if out or (complete and allocators == list(ALLOCATORS)):
        (out or RESULTS).write_text(report.markdown(sys.argv[1:]), encoding="utf-8")


def _select(names: list[str], choices: Collection[str]) -> list[str]:
    for name in names:
        if name not in choices:
            raise typer.BadParameter(f"{name!r} is not one of {', '.join(choices)}")
    return [name for name in choices if name in names]


def _is_installed(peer: str, notes: list[str]) -> bool:
    missing = PEERS[peer].missing
    if missing:
        notes.append(f"{PEERS[peer].title} is not installed: pip install {' '.join(missing)}")
    return not missing


# Progress is one line per workload: a live display would take processor time from the work.
def _measure_steps(
    report: Report, names: list[str], peers: list[str], rounds: int | None, allocator: str
) -> None:
    cells = report.steps[allocator] = {}
    with TemporaryDirectory() as cache:
        for name in names:
            console.print(f"[dim]{name}: steps, {allocator} allocator ...[/]")
            work = WORKLOADS[name]
            cells[name] = steps.measure(
                work, peers, rounds or work.rounds, allocator, cache, report.notes
            )


def _measure_whole(report: Report, names: list[str], peers: list[str], allocator: str) -> None:
    for name in (name for name in names if WORKLOADS[name].whole_epochs):
        console.print(f"[dim]{name}: whole processes ...[/]")
        report.processes[name] = process_times.measure(
            WORKLOADS[name], peers, allocator, report.notes
        )


def _show(report: Report) -> None:
    for table in report.tables():
        console.print(table.rich(), "")
    for remark in report.remarks():
        console.print(f"• {remark}", highlight=False, markup=False)


if __name__ == "__main__":
    typer.run(main)
