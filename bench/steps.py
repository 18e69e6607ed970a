"""Milliseconds a training step: rounds that go from framework to framework in turn."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from .peers import PEERS
from .process import PeerError, Process
from .worker import Loaded
from .workloads import Workload

ROUND_SECONDS = 0.7
# Threads of an OpenMP pool spin for some milliseconds after their last work.
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Cell:
    """One framework on one workload: milliseconds a step, one number a round."""

    loaded: Loaded
    rounds: list[float]

    @property
    def milliseconds(self) -> float:
        return median(self.rounds)

    def times(self, base: Cell) -> float:
        """How many times as long as ``base``: the median over rounds, so that drift cancels."""
        return median(a / b for a, b in zip(self.rounds, base.rounds, strict=True))


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

    def ask(self, peer: str, do: str, **arguments: object) -> object:
        """The answer of the framework's process, or PeerError."""
        process = self.processes.get(peer)
        if process is None or process.child.poll() is not None:
            process = self.processes[peer] = Process(peer, self.lampas_cache)
        return process.ask(do, **arguments)


def measure(
    workload: Workload, peers: Iterable[str], rounds: int, crew: Crew, notes: list[str]
) -> dict[str, Cell]:
    """A cell for each framework that came through; what went wrong is added to ``notes``."""
    cells: dict[str, Cell] = {}

    def attempt(peer: str, do: str, **arguments: object) -> object:
        try:
            return crew.ask(peer, do, **arguments)
        except PeerError as error:
            cells.pop(peer, None)
            notes.append(f"{workload.name}, {PEERS[peer].title}: {error}")
            return None

    for peer in peers:
        answer = attempt(peer, "load", workload=workload.name, seconds=ROUND_SECONDS)
        if answer is not None:
            cells[peer] = Cell(Loaded(**answer), [])
    if not _same_model(workload, cells, notes):
        return {}
    for number in range(rounds):
        # To and fro: a slow drift of the machine then falls on all alike.
        for peer in list(cells)[:: 1 if number % 2 == 0 else -1]:
            time.sleep(PAUSE_SECONDS)
            answer = attempt(peer, "round")
            if answer is not None:
                cells[peer].rounds.append(answer)
    return cells


def _same_model(workload: Workload, cells: dict[str, Cell], notes: list[str]) -> bool:
    counts = {PEERS[peer].title: cell.loaded.parameters for peer, cell in cells.items()}
    if len(set(counts.values())) <= 1:
        return True
    listed = ", ".join(f"{title} {count:,}" for title, count in counts.items())
    notes.append(f"{workload.name}: not compared, the models differ in parameters: {listed}")
    return False
