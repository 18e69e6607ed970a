"""How long a piece of work takes, and whether the machine was left to it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Two processes on the same core do not merely share it: PyTorch's threads wait for each other in
# a busy loop, and a disturbed step can take forty times as long. Such a time says nothing.
QUIET_CORES = 0.1


@dataclass(frozen=True)
class Timing:
    """Seconds by the clock, and how many cores other processes used meanwhile."""

    seconds: float
    others: float

    @property
    def quiet(self) -> bool:
        return self.others <= QUIET_CORES


def timed(work: Callable[[], object]) -> Timing:
    """Do the work, in this process or in processes that it starts and ends."""
    others, start = _others(), time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    return Timing(seconds, max(0.0, _others() - others) / seconds)


def _others() -> float:
    """Processor seconds of all other processes so far; 0 where the system does not tell."""
    statistics = Path("/proc/stat")
    if not statistics.exists():
        return 0.0
    ticks = [int(number) for number in statistics.read_text().splitlines()[0].split()[1:9]]
    user, nice, kernel, _idle, _waiting, interrupts, soft_interrupts, stolen = ticks
    everyone = user + nice + kernel + interrupts + soft_interrupts + stolen
    own = sum(os.times()[:4])  # this process and its children
    return everyone / os.sysconf("SC_CLK_TCK") - own
