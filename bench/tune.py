"""Find the fastest options of PyTorch: ``python -m bench.tune [workload ...]``."""

from __future__ import annotations

import sys
import time
from itertools import product
from statistics import median

from rich.console import Console

from .peers.torch_loop import Trainer
from .table import Table, significant
from .workloads import WORKLOADS, Workload

ADAM = ("default", "foreach", "fused")
ROUNDS = 3
STEPS = 20
TUNED = [name for name, work in WORKLOADS.items() if work.task == "train" and not work.alone]


def tune(workload: Workload) -> dict[str, float]:
    """Milliseconds per step for each combination of options, timed in turn."""
    layouts = (True, False) if workload.data().x.ndim == 4 else (True,)
    trainers = [
        Trainer(workload, adam=adam, channels_last=last) for adam, last in product(ADAM, layouts)
    ]
    epochs = max(1, STEPS // workload.steps(1))
    rounds = [[_time(trainer, epochs) for trainer in trainers] for _ in range(ROUNDS + 1)]
    times = zip(*rounds[1:], strict=True)  # the first round is a warm-up
    return {
        t.note: median(ts) / workload.steps(epochs) * 1e3
        for t, ts in zip(trainers, times, strict=True)
    }


def _time(trainer: Trainer, epochs: int) -> float:
    start = time.perf_counter()
    trainer.train(epochs)
    return time.perf_counter() - start


if __name__ == "__main__":
    console = Console()
    for name in sys.argv[1:] or TUNED:
        rows = [[note, significant(ms)] for note, ms in tune(WORKLOADS[name]).items()]
        console.print(Table(name, ["options", "ms per step"], rows).rich())
