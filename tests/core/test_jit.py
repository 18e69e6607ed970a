"""The allocator keeps freed memory, unless the user has configured it."""

import os
import subprocess
import sys

import pytest

from lampas.core import jit

glibc = sys.platform == "linux" and bool(os.confstr("CS_GNU_LIBC_VERSION"))


@pytest.mark.long
@pytest.mark.skipif(not glibc, reason="only the GNU C library has these settings")
def test_a_block_below_the_threshold_comes_from_the_heap_and_not_from_the_system():
    code = """
import ctypes, re
from lampas.core.jit import tune_malloc
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
def in_heap():
    at = libc.malloc(100 * 2**20)
    low, high = re.search(r"(\\w+)-(\\w+) .*\\[heap\\]", open("/proc/self/maps").read()).groups()
    return int(low, 16) <= at < int(high, 16)
before = in_heap()
assert tune_malloc()
print(before, in_heap())
"""
    unset = {n: v for n, v in os.environ.items() if not n.startswith(("MALLOC_", "GLIBC_"))}
    run = subprocess.run([sys.executable, "-c", code], env=unset, capture_output=True, text=True)
    assert run.stdout.split() == ["False", "True"], run.stderr


@pytest.mark.parametrize("name", ["MALLOC_TRIM_THRESHOLD_", "MALLOC_ARENA_MAX", "GLIBC_TUNABLES"])
def test_a_configuration_by_the_user_is_left_alone(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    assert not jit.tune_malloc.__wrapped__()


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not jit.tune_malloc.__wrapped__()
