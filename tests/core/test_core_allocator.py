"""Memory that is freed is kept for the next step, unless the user has said otherwise."""

import os
import subprocess
import sys

import pytest

from lampas.core import jit as allocator

glibc = sys.platform == "linux" and bool(os.confstr("CS_GNU_LIBC_VERSION"))


@pytest.mark.skipif(not glibc, reason="only the GNU C library can be told")
def test_a_block_below_the_threshold_comes_from_the_heap_and_not_from_the_system():
    code = """
import ctypes, re
from lampas.core.jit import keep_freed_memory
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
def in_heap():
    at = libc.malloc(100 * 2**20)
    low, high = re.search(r"(\\w+)-(\\w+) .*\\[heap\\]", open("/proc/self/maps").read()).groups()
    return int(low, 16) <= at < int(high, 16)
before = in_heap()
assert keep_freed_memory()
print(before, in_heap())
"""
    unset = {n: v for n, v in os.environ.items() if not n.startswith(("MALLOC_", "GLIBC_"))}
    run = subprocess.run([sys.executable, "-c", code], env=unset, capture_output=True, text=True)
    assert run.stdout.split() == ["False", "True"], run.stderr


@pytest.mark.parametrize("name", ["MALLOC_TRIM_THRESHOLD_", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
def test_what_the_user_has_set_is_left_alone(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    assert not allocator.keep_freed_memory.__wrapped__()


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not allocator.keep_freed_memory.__wrapped__()
