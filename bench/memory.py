"""How much memory a process holds."""

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
    """Resident megabytes of a process.

    ``before``: when its framework was imported. ``peak``: the most it ever held, compilation
    included. ``steady``: the most during timed rounds (since its start where the system can not
    set the mark back).
    """

    before: float
    peak: float
    steady: float

    @property
    def rise(self) -> float:
        """What data, model and training need."""
        return max(0.0, self.steady - self.before)

    @classmethod
    def most(cls, all_of: Iterable[Memory]) -> Memory:
        """The largest of each number."""
        return cls(*map(max, zip(*((m.before, m.peak, m.steady) for m in all_of), strict=True)))


def peak() -> float:
    """The most megabytes held since ``forget_peak``, or since the process started."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 1e6


def forget_peak() -> None:
    """Set the mark back to what is held now, where the system can (Linux)."""
    if MARK.exists():
        MARK.write_text("5")
