"""Duration of a piece of work, and the load of other processes meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# PyTorch's threads wait for each other in a busy loop: with another process on the same core a step
# can take forty times as long, and its time is meaningless.
QUIET_CORES = 0.1


@dataclass(frozen=True)
class Timing:
    """Wall-clock seconds, and the number of cores that other processes used meanwhile."""

    seconds: float
    other_load: float

    @property
    def quiet(self) -> bool:
        return self.other_load <= QUIET_CORES


def timed(work: Callable[[], object]) -> Timing:
    """Time the work, in this process or in processes that it starts and ends."""
    before, start = _other_seconds(), time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    return Timing(seconds, max(0.0, _other_seconds() - before) / seconds)


def _other_seconds() -> float:
    """CPU seconds of all other processes so far; 0 where the system does not report it."""
    statistics = Path("/proc/stat")
    if not statistics.exists():
        return 0.0
    ticks = [int(number) for number in statistics.read_text().splitlines()[0].split()[1:9]]
    user, nice, kernel, _idle, _waiting, interrupts, soft_interrupts, stolen = ticks
    total = user + nice + kernel + interrupts + soft_interrupts + stolen
    children_included = sum(os.times()[:4])
    return total / os.sysconf("SC_CLK_TCK") - children_included
