"""Memory and processors of this machine."""

from __future__ import annotations

import os

_DEFAULT_MEMORY = 8 * 2**30


def physical_memory() -> int:
    """Return the bytes of physical memory; 8 GiB if the platform does not report it."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return _DEFAULT_MEMORY


def cpu_count() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
