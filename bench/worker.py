"""The process of one framework: reads requests from stdin and answers on stdout, in JSON."""

from __future__ import annotations

import json
import os
import sys
import traceback
from dataclasses import asdict, dataclass, replace
from typing import Any, TextIO

from .memory import Memory, peak, reset_peak
from .peers import PEERS
from .timing import Timing, timed
from .workloads import WORKLOADS


@dataclass(frozen=True)
class Loaded:
    """Properties of a model that a worker has built, checked and warmed up."""

    parameters: int
    loss: float
    note: str


class Worker:
    """One framework with one workload."""

    def __init__(self, peer: str) -> None:
        self.peer = PEERS[peer]

    def load(self, workload: str, seconds: float) -> dict[str, Any]:
        """Build the model, train the check epochs, and choose the number of epochs of a round."""
        work = WORKLOADS[workload]
        trainer = self.peer.trainer_for(work)
        self.peak = peak()
        reset_peak()
        self.before = peak()
        self.trainer = trainer(work)
        loss = self.trainer.train(work.check_epochs)
        self.epochs = 1 if work.alone else self._epochs_in(seconds)
        self.steps = work.steps(self.epochs)
        self.peak = max(self.peak, peak())
        reset_peak()
        return asdict(Loaded(self.trainer.parameters(), loss, self.trainer.note))

    def round(self) -> dict[str, Any]:
        """Train for one round; returns the time of one step, and the memory so far."""
        timing = self._time(self.epochs)
        timing = replace(timing, seconds=timing.seconds / self.steps)
        memory = Memory(self.before, max(self.peak, peak()), peak())
        return {"timing": asdict(timing), "memory": asdict(memory)}

    def _epochs_in(self, seconds: float) -> int:
        """Double the number of epochs until the time is long enough; this is also the warm-up."""
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
    # Output of a framework goes to stderr; only answers go to the original stdout.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(Worker(sys.argv[1]), sys.stdin, answers)
