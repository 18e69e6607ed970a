"""Milliseconds and megabytes: rounds that go from framework to framework in turn."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from .memory import Memory
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
    memory: Memory

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


@dataclass
class Crew:
    """The processes of one workload, one a framework.

    A process starts and loads with its first round; it lives on for the next rounds, or ends with
    its first where the workload wants to be alone.
    """

    workload: Workload
    allocator: str
    lampas_cache: str
    loaded: dict[str, Loaded] = field(default_factory=dict)
    memory: dict[str, list[Memory]] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        for peer in list(self.processes):
            self._end(peer)

    def round(self, peer: str) -> Timing:
        """The timing of one step, or PeerError."""
        try:
            if peer not in self.processes:
                self._start(peer)
            answer = self.processes[peer].ask("round")
        finally:
            if self.workload.alone:
                self._end(peer)
        self.memory.setdefault(peer, []).append(Memory(**answer["memory"]))
        return Timing(**answer["timing"])

    def _start(self, peer: str) -> None:
        self.processes[peer] = Process(peer, self.allocator, self.lampas_cache)
        answer = self.processes[peer].ask(
            "load", workload=self.workload.name, seconds=ROUND_SECONDS
        )
        self.loaded[peer] = Loaded(**answer)

    def _end(self, peer: str) -> None:
        self.processes.pop(peer).close()


def measure(
    workload: Workload,
    peers: Iterable[str],
    rounds: int,
    allocator: str,
    lampas_cache: str,
    notes: list[str],
) -> dict[str, Cell]:
    """A cell for each framework that came through; what went wrong is added to ``notes``."""
    peers = [peer for peer in peers if workload.task in PEERS[peer].modules]
    laps: list[dict[str, Timing]] = []
    with Crew(workload, allocator, lampas_cache) as crew:
        while sum(_others(lap) <= QUIET_CORES for lap in laps) < rounds and len(laps) < 2 * rounds:
            # To and fro: a slow drift of the machine then falls on all alike.
            lap = _lap(peers[:: 1 if len(laps) % 2 == 0 else -1], crew, notes)
            if not _same_model(workload, crew.loaded, notes):
                return {}
            peers = [peer for peer in peers if peer in lap]
            laps.append(lap)
    quietest = sorted(laps, key=_others)[:rounds]
    return {
        peer: Cell(
            crew.loaded[peer], [lap[peer] for lap in quietest], Memory.most(crew.memory[peer])
        )
        for peer in peers
    }


def _lap(peers: Iterable[str], crew: Crew, notes: list[str]) -> dict[str, Timing]:
    """One round of each framework."""
    lap = {}
    for peer in peers:
        time.sleep(PAUSE_SECONDS)
        try:
            lap[peer] = crew.round(peer)
        except PeerError as error:
            notes.append(f"{crew.workload.name}, {PEERS[peer].title}: {error}")
    return lap


def _others(lap: dict[str, Timing]) -> float:
    return max((timing.others for timing in lap.values()), default=0.0)


def _same_model(workload: Workload, loaded: dict[str, Loaded], notes: list[str]) -> bool:
    counts = {PEERS[peer].title: model.parameters for peer, model in loaded.items()}
    fewest = min(counts.values(), default=0)
    if set(counts.values()) <= {fewest, fewest + workload.second_biases}:
        return True
    listed = ", ".join(f"{title} {count:,}" for title, count in counts.items())
    notes.append(f"{workload.name}: not compared, the models differ in parameters: {listed}")
    return False
