"""Keep memory that is freed at every step and needed again at the next.

XLA's kernels on the CPU take working memory at each call. The allocator of the GNU C library gives
much of it back to the system and gets it back page by page, which costs a small convolutional
network a fifth of its time. Here it is told to keep some.
"""

from __future__ import annotations

import ctypes
import os
import sys
from functools import cache

MEBIBYTE = 2**20
# The numbers are those of <malloc.h>.
SETTINGS = {
    -1: 512 * MEBIBYTE,  # M_TRIM_THRESHOLD: free memory at the heap's end that is kept
    -2: 64 * MEBIBYTE,  # M_TOP_PAD: how much more than needed is asked for
    -3: 128 * MEBIBYTE,  # M_MMAP_THRESHOLD: blocks from this size on are given back at once
}


@cache
def keep_freed_memory() -> bool:
    """Set the allocator of this process; returns whether it was.

    Nothing happens elsewhere than on Linux with the GNU C library, or where the user has set the
    allocator by ``MALLOC_..._`` or ``GLIBC_TUNABLES``.
    """
    if sys.platform != "linux" or _set_by_user():
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
        return [mallopt(name, value) for name, value in SETTINGS.items()] == [1] * len(SETTINGS)
    except (AttributeError, OSError):  # another C library
        return False


def _set_by_user() -> bool:
    return any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in os.environ)
