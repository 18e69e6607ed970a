"""Milliseconds a training step: rounds that go from framework to framework in turn."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median
from typing import Any

from .peers import PEERS
from .process import PeerError, Process
from .timing import QUIET_CORES, Timing
from .worker import Loaded
from .workloads import Workload

ROUND_SECONDS = 0.7
# Threads of an OpenMP pool spin for some milliseconds after their last work.
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Cell:
    """One framework on one workload; a round is the timing of one step."""

    loaded: Loaded
    rounds: list[Timing]

    @property
    def milliseconds(self) -> float:
        return median(round.seconds for round in self.rounds) * 1e3

    @property
    def quiet(self) -> bool:
        return all(round.quiet for round in self.rounds)

    @property
    def spread(self) -> float:
        """By how much the slowest round exceeds the quickest; 0 is not at all."""
        times = [round.seconds for round in self.rounds]
        return max(times) / min(times) - 1

    def times(self, base: Cell) -> float:
        """How many times as long as ``base``: the median over rounds, so that drift cancels."""
        pairs = zip(self.rounds, base.rounds, strict=True)
        return median(mine.seconds / its.seconds for mine, its in pairs)


class Crew:
    """One process a framework, started when first asked; a dead one is replaced."""

    def __init__(self, lampas_cache: str) -> None:
        self.lampas_cache = lampas_cache
        self.processes: dict[str, Process] = {}

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.close()

    def ask(self, peer: str, do: str, **arguments: object) -> dict[str, Any]:
        """The answer of the framework's process, or PeerError."""
        process = self.processes.get(peer)
        if process is None or process.child.poll() is not None:
            process = self.processes[peer] = Process(peer, self.lampas_cache)
        return process.ask(do, **arguments)


def measure(
    workload: Workload, peers: Iterable[str], rounds: int, crew: Crew, notes: list[str]
) -> dict[str, Cell]:
    """A cell for each framework that came through; what went wrong is added to ``notes``."""
    loaded = _load(workload, peers, crew, notes)
    if not _same_model(workload, loaded, notes):
        return {}
    laps: list[dict[str, Timing]] = []
    while sum(_others(lap) <= QUIET_CORES for lap in laps) < rounds and len(laps) < 2 * rounds:
        # To and fro: a slow drift of the machine then falls on all alike.
        order = list(loaded)[:: 1 if len(laps) % 2 == 0 else -1]
        lap = _lap(workload, order, crew, notes)
        loaded = {peer: loaded[peer] for peer in loaded if peer in lap}
        laps.append(lap)
    quietest = sorted(laps, key=_others)[:rounds]
    return {peer: Cell(loaded[peer], [lap[peer] for lap in quietest]) for peer in loaded}


def _load(
    workload: Workload, peers: Iterable[str], crew: Crew, notes: list[str]
) -> dict[str, Loaded]:
    loaded = {}
    for peer in peers:
        try:
            answer = crew.ask(peer, "load", workload=workload.name, seconds=ROUND_SECONDS)
            loaded[peer] = Loaded(**answer)
        except PeerError as error:
            notes.append(f"{workload.name}, {PEERS[peer].title}: {error}")
    return loaded


def _lap(
    workload: Workload, peers: Iterable[str], crew: Crew, notes: list[str]
) -> dict[str, Timing]:
    """One round of each framework."""
    lap = {}
    for peer in peers:
        time.sleep(PAUSE_SECONDS)
        try:
            lap[peer] = Timing(**crew.ask(peer, "round"))
        except PeerError as error:
            notes.append(f"{workload.name}, {PEERS[peer].title}: {error}")
    return lap


def _others(lap: dict[str, Timing]) -> float:
    return max((timing.others for timing in lap.values()), default=0.0)


def _same_model(workload: Workload, loaded: dict[str, Loaded], notes: list[str]) -> bool:
    counts = {PEERS[peer].title: model.parameters for peer, model in loaded.items()}
    if len(set(counts.values())) <= 1:
        return True
    listed = ", ".join(f"{title} {count:,}" for title, count in counts.items())
    notes.append(f"{workload.name}: not compared, the models differ in parameters: {listed}")
    return False
