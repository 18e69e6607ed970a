"""Memory of a process."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
MARK = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Memory:
    """Resident memory of a process in megabytes.

    Args:
        before: after the import of the framework.
        peak: maximum of the whole process, including compilation.
        steady: maximum during timed rounds (since the start of the process where the system cannot
            reset the maximum).
    """

    before: float
    peak: float
    steady: float

    @property
    def rise(self) -> float:
        """Memory for data, model and training."""
        return max(0.0, self.steady - self.before)

    @classmethod
    def maximum(cls, measurements: Iterable[Memory]) -> Memory:
        """The maximum of each value."""
        return cls(
            *map(max, zip(*((m.before, m.peak, m.steady) for m in measurements), strict=True))
        )


def peak() -> float:
    """Peak memory in megabytes since ``reset_peak`` or the start of the process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6


def reset_peak() -> None:
    """Reset the peak to the current memory, where the system supports it (Linux)."""
    if MARK.exists():
        MARK.write_text("5")
