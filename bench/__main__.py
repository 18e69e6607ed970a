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
from .report import Report
from .workloads import WORKLOADS

RESULTS = Path(__file__).parent / "RESULTS.md"

console = Console()


def main(
    workloads: Annotated[
        list[str] | None, typer.Argument(help=f"Some of {', '.join(WORKLOADS)}; all by default.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Timed rounds a framework.")] = 5,
    only: Annotated[str, typer.Option(help=f"Some of {','.join(PEERS)}.")] = ",".join(PEERS),
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
    report = Report(peers, rounds)
    present = [peer for peer in peers if _is_installed(peer, report.notes)]
    _measure_steps(report, names, present)
    if whole_processes:
        _measure_whole(report, names, present)
    _show(report)
    complete = whole_processes and names == list(WORKLOADS) and peers == list(PEERS)
    if out or complete:
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
def _measure_steps(report: Report, names: list[str], peers: list[str]) -> None:
    with TemporaryDirectory() as cache, steps.Crew(cache) as crew:
        for name in names:
            console.print(f"[dim]{name}: steps ...[/]")
            report.steps[name] = steps.measure(
                WORKLOADS[name], peers, report.rounds, crew, report.notes
            )


def _measure_whole(report: Report, names: list[str], peers: list[str]) -> None:
    for name in (name for name in names if WORKLOADS[name].whole_epochs):
        console.print(f"[dim]{name}: whole processes ...[/]")
        report.whole[name] = whole.measure(WORKLOADS[name], peers, report.notes)


def _show(report: Report) -> None:
    for table in report.tables():
        console.print(table.rich(), "")
    for remark in report.remarks():
        console.print(f"• {remark}", highlight=False, markup=False)


if __name__ == "__main__":
    typer.run(main)
