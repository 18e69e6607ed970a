"""Time and memory per step, in rounds that alternate between the frameworks."""

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
    """One framework on one workload; a round is the time of one step."""

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
        """Relative difference between the slowest and the fastest round."""
        times = [round.seconds for round in self.rounds]
        return max(times) / min(times) - 1

    def times(self, base: Cell) -> float:
        """Time relative to ``base``: the median over rounds, so that drift cancels."""
        pairs = zip(self.rounds, base.rounds, strict=True)
        return median(timing.seconds / reference.seconds for timing, reference in pairs)


@dataclass
class WorkerPool:
    """The processes of one workload, one per framework.

    A process starts with its first round. It stays alive for the next rounds, unless the workload
    is ``alone``.
    """

    workload: Workload
    allocator: str
    lampas_cache: str
    loaded: dict[str, Loaded] = field(default_factory=dict)
    memory: dict[str, list[Memory]] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(self, *_: object) -> None:
        for peer in list(self.processes):
            self._end(peer)

    def round(self, peer: str) -> Timing:
        """The time of one step.

        Raises:
            PeerError: when the process failed.
        """
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
    """A cell for each framework; failures are added to ``notes``."""
    peers = [peer for peer in peers if workload.task in PEERS[peer].modules]
    laps: list[dict[str, Timing]] = []
    with WorkerPool(workload, allocator, lampas_cache) as pool:
        while (
            sum(_other_load(lap) <= QUIET_CORES for lap in laps) < rounds and len(laps) < 2 * rounds
        ):
            # The order alternates, so that a slow drift of the machine affects all equally.
            lap = _lap(peers[:: 1 if len(laps) % 2 == 0 else -1], pool, notes)
            if not _same_model(workload, pool.loaded, notes):
                return {}
            peers = [peer for peer in peers if peer in lap]
            laps.append(lap)
    quietest = sorted(laps, key=_other_load)[:rounds]
    return {
        peer: Cell(
            pool.loaded[peer], [lap[peer] for lap in quietest], Memory.maximum(pool.memory[peer])
        )
        for peer in peers
    }


def _lap(peers: Iterable[str], pool: WorkerPool, notes: list[str]) -> dict[str, Timing]:
    """One round of each framework."""
    lap = {}
    for peer in peers:
        time.sleep(PAUSE_SECONDS)
        try:
            lap[peer] = pool.round(peer)
        except PeerError as error:
            notes.append(f"{pool.workload.name}, {PEERS[peer].title}: {error}")
    return lap


def _other_load(lap: dict[str, Timing]) -> float:
    return max((timing.other_load for timing in lap.values()), default=0.0)


def _same_model(workload: Workload, loaded: dict[str, Loaded], notes: list[str]) -> bool:
    counts = {PEERS[peer].title: model.parameters for peer, model in loaded.items()}
    smallest = min(counts.values(), default=0)
    if set(counts.values()) <= {smallest, smallest + workload.second_biases}:
        return True
    listed = ", ".join(f"{title} {count:,}" for title, count in counts.items())
    notes.append(f"{workload.name}: not compared, the models differ in parameters: {listed}")
    return False
