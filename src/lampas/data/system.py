"""What this machine has: memory and processors."""

from __future__ import annotations

import os

_UNKNOWN = 8 * 2**30


def physical_memory() -> int:
    """Bytes of physical memory; 8 GiB where the platform does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return _UNKNOWN


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
