"""Compile a function with XLA, with the settings that are best for our programs.

Keep memory that is freed at every step and needed again at the next.

XLA's kernels on the CPU take working memory at each call. The allocator of the GNU C library gives
much of it back to the system and gets it back page by page, which costs a small convolutional
network a fifth of its time. Here it is told to keep some.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, ParamSpec, TypeVar

import jax
import jax.numpy as jnp

from .errors import FileError
from .filesystem import cache_folder

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def jit(function: Callable[P, R], **options: Any) -> Callable[P, R]:
    """``jax.jit`` with a persistent cache and Lampas's compiler options."""
    use_compilation_cache()
    if platform() == "cpu":
        keep_freed_memory()
    return jax.jit(function, compiler_options=compiler_options(), **options)


def copy_arrays(tree: T) -> T:
    """Copies of all arrays of a tree, on the device, by one program."""
    return _copy()(tree)


@cache
def _copy() -> Callable[[Any], Any]:
    return jit(lambda tree: jax.tree.map(jnp.copy, tree))


@cache
def use_compilation_cache() -> None:
    """Keep compiled programs in the user's cache folder, unless the user chose another place."""
    if _setting("jax_compilation_cache_dir") is not None:
        return
    try:
        jax.config.update("jax_compilation_cache_dir", str(cache_folder("xla")))
    except FileError:  # a user without a home compiles anew each time
        return
    # Small programs add up: a model's start is many compiles of some 50 ms.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@cache
def compiler_options() -> dict[str, str | bool]:
    """Options that this version of XLA accepts.

    jaxlib 0.10's YNNPACK fusions make matrix products on the CPU a little faster and convolutions
    some 2.5 times slower, so only products keep them. The option belongs to that version: it is
    tried on an empty program first.
    """
    options: dict[str, str | bool] = {
        "xla_cpu_experimental_ynn_fusion_type": "LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT"
    }
    try:
        jax.jit(lambda x: x, compiler_options=options).lower(0.0).compile()
    except Exception:
        return {}
    return options


def _setting(name: str) -> Any:
    return getattr(jax.config, name)


def platform() -> str:
    """Where programs run now: ``"cpu"``, ``"gpu"`` or ``"tpu"``."""
    device = _setting("jax_default_device")
    if device is None:
        return jax.default_backend()
    return device if isinstance(device, str) else device.platform


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
