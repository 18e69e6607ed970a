"""The process that holds one framework: reads requests from stdin, answers on stdout, in JSON."""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import asdict, dataclass, replace
from typing import Any, TextIO

from .memory import Memory, forget_peak, peak
from .peers import PEERS
from .timing import Timing, timed
from .workloads import WORKLOADS


@dataclass(frozen=True)
class Loaded:
    """What a worker says of a model that it has built, checked and warmed up."""

    parameters: int
    loss: float
    note: str


class Worker:
    """One framework with one workload."""

    def __init__(self, peer: str) -> None:
        self.peer = PEERS[peer]

    def load(self, workload: str, seconds: float) -> dict[str, Any]:
        """Build the model, train the check's epochs, choose how many epochs a round has."""
        work = WORKLOADS[workload]
        form = self.peer.form_for(work)
        self.peak = peak()
        forget_peak()
        self.before = peak()
        self.trainer = form(work)
        loss = self.trainer.train(work.check_epochs)
        self.epochs = 1 if work.alone else self._epochs_in(seconds)
        self.steps = work.steps(self.epochs)
        self.peak = max(self.peak, peak())
        forget_peak()
        return asdict(Loaded(self.trainer.parameters(), loss, self.trainer.note))

    def round(self) -> dict[str, Any]:
        """Train for one round: the timing of one step, and the memory so far."""
        timing = self._time(self.epochs)
        timing = replace(timing, seconds=timing.seconds / self.steps)
        memory = Memory(self.before, max(self.peak, peak()), peak())
        return {"timing": asdict(timing), "memory": asdict(memory)}

    def _epochs_in(self, seconds: float) -> int:
        """Doubling until the time can be trusted is the warm-up too."""
        epochs = 1
        while (spent := self._time(epochs).seconds) < seconds / 3:
            epochs *= 2
        return max(1, round(epochs * seconds / spent))

    def _time(self, epochs: int) -> Timing:
        return timed(lambda: self.trainer.train(epochs))


def serve(worker: Worker, requests: TextIO, answers: TextIO) -> None:
    """Answer every request with ``{"answer": ...}`` or, when it raised, ``{"error": ...}``."""
    for line in requests:
        request = json.loads(line)
        try:
            reply = {"answer": getattr(worker, request.pop("do"))(**request)}
        except Exception as error:
            traceback.print_exc()
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    # What a framework prints belongs to stderr; stdout's own descriptor carries only answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(Worker(sys.argv[1]), sys.stdin, answers)
