"""What a reader needs beside the tables, one line each."""

from __future__ import annotations

from collections.abc import Iterator
from platform import python_version, system
from statistics import median

from .machine import cores, processor
from .peers import PEERS
from .process import ALLOCATORS
from .steps import Cell
from .timing import QUIET_CORES
from .whole import REPEATS, Runs
from .workloads import WORKLOADS

DISTURBED = "~"

Cells = dict[str, dict[str, Cell]]
"""By workload and framework; a framework that is absent has a dash."""

MEMORY = """\
Memory is what is resident. The peak is of the whole process, from its imports and first \
compilation on. Beyond the imports is the peak of the timed rounds less what the process held when \
the framework was imported: data, model and the work itself.\
"""
ALONE = """\
each round started new processes, one framework after the other, for together they do not fit \
into memory\
"""


def about(
    peers: list[str], steps: dict[str, Cells], whole: dict[str, dict[str, Runs]]
) -> Iterator[str]:
    """The machine, the versions, what was done and how well it could be measured."""
    versions = {k: v for peer in peers for k, v in _versions(peer).items()}
    listed = ", ".join(f"{package} {version}" for package, version in sorted(versions.items()))
    yield f"Machine: {processor()}, {cores()} cores, {system()}."
    yield f"Python {python_version()}, {listed}."
    for cells in list(steps.values())[:1]:
        yield from _done(peers, cells)
    yield from _quality(steps)
    if steps:
        yield MEMORY
    yield from map(_kept, steps)
    if whole:
        yield (
            f"Whole processes: {next(iter(steps))} allocator, median of {REPEATS}; the ratio is to "
            "Lampas's first start, with an empty compilation cache. Only Lampas keeps compiled "
            "programs by default."
        )


def _done(peers: list[str], cells: Cells) -> Iterator[str]:
    """What each workload is and which options each framework has."""
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
    """What a small difference is worth: how far rounds differ, how quiet the machine was."""
    named = [
        (cell, f"{PEERS[peer].title}, {name}")
        for cells in steps.values()
        for name, row in cells.items()
        for peer, cell in row.items()
    ]
    if not named:
        return
    worst, name = max(named, key=lambda pair: pair[0].spread)
    usual = median(cell.spread for cell, _ in named)
    yield (
        f"Steps: the median of the rounds; a cell's slowest round typically took {usual:.0%} more "
        f"than its quickest, at worst {worst.spread:.0%} ({name})."
    )
    others = [round.others for cell, _ in named for round in cell.rounds]
    yield (
        f"Other processes used {median(others):.2f} cores during the typical round, "
        f"{max(others):.2f} during the worst; {DISTURBED} marks a time when it was more "
        f"than {QUIET_CORES}, which says nothing."
    )


def _kept(allocator: str) -> str:
    """How the C library's malloc was set."""
    settings = " ".join(f"{name}={value}" for name, value in ALLOCATORS[allocator].items())
    return f"The {allocator} allocator: {f'`{settings}`' if settings else 'malloc as it is'}."


def _versions(peer: str) -> dict[str, str]:
    return {} if PEERS[peer].missing else PEERS[peer].versions
