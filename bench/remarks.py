"""Remarks on the measurements, one line each."""

from __future__ import annotations

from collections.abc import Iterator
from platform import python_version, system
from statistics import median

from .machine import cores, processor
from .peers import PEERS
from .process import ALLOCATORS
from .process_times import REPEATS, Runs
from .steps import Cell
from .timing import QUIET_CORES
from .workloads import WORKLOADS

DISTURBED = "~"

Cells = dict[str, dict[str, Cell]]
"""By workload and framework; a missing framework has a dash in the table."""

MEMORY = """\
Memory is resident memory. The peak is that of the whole process, including imports and \
compilation. Memory beyond the imports is the peak of the timed rounds minus the memory after the \
import of the framework: data, model and training.\
"""
ALONE = """\
each round started new processes, one framework after the other, since together they do not fit \
into memory\
"""


def remarks(
    peers: list[str], steps: dict[str, Cells], processes: dict[str, dict[str, Runs]]
) -> Iterator[str]:
    """The machine, the versions, the workloads and the quality of the measurements."""
    versions = {k: v for peer in peers for k, v in _versions(peer).items()}
    listed = ", ".join(f"{package} {version}" for package, version in sorted(versions.items()))
    yield f"Machine: {processor()}, {cores()} cores, {system()}."
    yield f"Python {python_version()}, {listed}."
    for cells in list(steps.values())[:1]:
        yield from _workloads(peers, cells)
    yield from _quality(steps)
    if steps:
        yield MEMORY
    yield from map(_allocator, steps)
    if processes:
        yield (
            f"Whole processes: {next(iter(steps))} allocator, median of {REPEATS}; the ratio is to "
            "Lampas's first start, with an empty compilation cache. Only Lampas keeps compiled "
            "programs by default."
        )


def _workloads(peers: list[str], cells: Cells) -> Iterator[str]:
    """The workloads and the options of each framework."""
    for name, row in cells.items():
        work = WORKLOADS[name]
        rounds = max((len(cell.rounds) for cell in row.values()), default=0)
        alone = f"; {ALONE}" if work.alone else ""
        yield f"{name}: {work.model}; batch {work.batch}; rounds: {rounds}{alone}."
    for peer in peers:
        options = {row[peer].loaded.note: None for row in cells.values() if peer in row}
        if options:
            yield f"{PEERS[peer].title}: {'; '.join(options)}."


def _quality(steps: dict[str, Cells]) -> Iterator[str]:
    """The variation between rounds, and the load of other processes."""
    named = [
        (cell, f"{PEERS[peer].title}, {name}")
        for cells in steps.values()
        for name, row in cells.items()
        for peer, cell in row.items()
    ]
    if not named:
        return
    worst, name = max(named, key=lambda pair: pair[0].spread)
    typical = median(cell.spread for cell, _ in named)
    yield (
        f"Steps: the median of the rounds; a cell's slowest round typically took {typical:.0%} "
        f"more than its fastest, at worst {worst.spread:.0%} ({name})."
    )
    loads = [round.other_load for cell, _ in named for round in cell.rounds]
    yield (
        f"Other processes used {median(loads):.2f} cores during the typical round, "
        f"{max(loads):.2f} during the worst; {DISTURBED} marks times with more "
        f"than {QUIET_CORES}, which are unreliable."
    )


def _allocator(allocator: str) -> str:
    """The settings of the C library's malloc."""
    settings = " ".join(f"{name}={value}" for name, value in ALLOCATORS[allocator].items())
    return (
        f"The {allocator} allocator: {f'`{settings}`' if settings else 'malloc with its defaults'}."
    )


def _versions(peer: str) -> dict[str, str]:
    return {} if PEERS[peer].missing else PEERS[peer].versions
