"""The command line: ``python -m bench [workload ...]``, from the repository's root."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from . import steps, whole
from .peers import PEERS
from .process import ALLOCATORS
from .report import Report
from .workloads import WORKLOADS

RESULTS = Path(__file__).parent / "RESULTS.md"
NEAR = ("lampas", "torch", "torch-tuned")
"""Whom a second allocator is measured with: these are so near that it decides who is ahead."""

console = Console()


def main(
    workloads: Annotated[
        list[str] | None, typer.Argument(help=f"Some of {', '.join(WORKLOADS)}; all by default.")
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(min=1, help="Timed rounds a framework; as the workload has it.")
    ] = None,
    only: Annotated[str, typer.Option(help=f"Some of {','.join(PEERS)}.")] = ",".join(PEERS),
    allocator: Annotated[
        str, typer.Option(help=f"Of the C library, some of {','.join(ALLOCATORS)}.")
    ] = ",".join(ALLOCATORS),
    whole_processes: Annotated[
        bool, typer.Option("--whole/--no-whole", help="Time whole processes too.")
    ] = True,
    out: Annotated[
        Path | None, typer.Option(help="Where to write; a full run writes bench/RESULTS.md.")
    ] = None,
) -> None:
    """Train the same models in Lampas and in its peers, and compare the times."""
    names = _known(workloads or list(WORKLOADS), WORKLOADS)
    peers = _known(only.split(","), PEERS)
    allocators = _known(allocator.split(","), ALLOCATORS)
    report = Report(peers)
    present = [peer for peer in peers if _is_installed(peer, report.notes)]
    _measure_steps(report, names, present, rounds, allocators[0])
    for other in allocators[1:]:
        small = [name for name in names if not WORKLOADS[name].alone]
        near = [peer for peer in present if peer in NEAR]
        _measure_steps(report, small, near, rounds, other)
        titles = ", ".join(PEERS[peer].title for peer in near)
        report.notes.append(f"The {other} allocator was measured with these alone: {titles}.")
    if whole_processes:
        _measure_whole(report, names, present, allocators[0])
    _show(report)
    complete = whole_processes and names == list(WORKLOADS) and peers == list(PEERS)
    if out or (complete and allocators == list(ALLOCATORS)):
        (out or RESULTS).write_text(report.markdown(sys.argv[1:]), encoding="utf-8")


def _known(names: list[str], known: Collection[str]) -> list[str]:
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(known)}")
    return [name for name in known if name in names]


def _is_installed(peer: str, notes: list[str]) -> bool:
    missing = PEERS[peer].missing
    if missing:
        notes.append(f"{PEERS[peer].title} is not installed: pip install {' '.join(missing)}")
    return not missing


# Progress is one line a workload: a live display would take processor time from what is measured.
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
        report.whole[name] = whole.measure(WORKLOADS[name], peers, allocator, report.notes)


def _show(report: Report) -> None:
    for table in report.tables():
        console.print(table.rich(), "")
    for remark in report.remarks():
        console.print(f"• {remark}", highlight=False, markup=False)


if __name__ == "__main__":
    typer.run(main)
