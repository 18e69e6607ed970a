"""Duration of a whole process: import, build, compile, train, exit."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from tempfile import TemporaryDirectory

from .peers import PEERS
from .process import ROOT, PeerError, command, environment, last_words
from .timing import Timing, timed
from .workloads import Workload

REPEATS = 2


@dataclass
class Runs:
    """The processes of one framework: with an empty cache, and with the cache of the first ones."""

    first: list[Timing] = field(default_factory=list)
    second: list[Timing] = field(default_factory=list)


def measure(
    workload: Workload, peers: Iterable[str], allocator: str, notes: list[str]
) -> dict[str, Runs]:
    """The runs of each framework; failures are added to ``notes``."""
    runs = {peer: Runs() for peer in peers}
    for _ in range(REPEATS):
        for peer in list(runs):
            try:
                _start_twice(peer, workload, allocator, runs[peer])
            except PeerError as error:
                del runs[peer]
                notes.append(f"{workload.name}, whole process, {PEERS[peer].title}: {error}")
    return runs


def _start_twice(peer: str, workload: Workload, allocator: str, runs: Runs) -> None:
    """Start a second time only if the first process may have cached compiled programs."""
    with TemporaryDirectory() as cache:
        runs.first.append(_run(peer, workload, allocator, cache))
        if PEERS[peer].keeps_compiled:
            runs.second.append(_run(peer, workload, allocator, cache))


def _run(peer: str, workload: Workload, allocator: str, cache: str) -> Timing:
    run = partial(
        subprocess.run,
        command("once", peer, workload.name),
        cwd=ROOT,
        env=environment(peer, allocator, cache),
        capture_output=True,
        text=True,
        check=True,
    )
    try:
        return timed(run)
    except subprocess.CalledProcessError as error:
        raise PeerError(last_words(error.stderr)) from error
