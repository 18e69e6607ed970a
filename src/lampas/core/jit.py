"""Compile functions with XLA: persistent cache, compiler options, memory allocator."""

from __future__ import annotations

import ctypes
import os
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import cache, partial
from typing import Any, Generic, ParamSpec, TypeVar

import jax
import jax.numpy as jnp

from .errors import FileError
from .filesystem import cache_dir

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


def jit(function: Callable[P, R], **options: Any) -> Callable[P, R]:
    """``jax.jit`` with a persistent cache and Lampas's compiler options."""
    use_compilation_cache()
    if platform() == "cpu":
        tune_malloc()
    return jax.jit(function, compiler_options=compiler_options(), **options)


MAX_PROGRAMS = 32
"""Programs of one function that are kept, each for inputs of other shapes."""


class ProgramCache(Generic[P, R]):
    """A compiled function whose programs for the shapes used last are kept.

    A function that ``jax.jit`` has compiled keeps the program, and its memory, of each shape that
    it was ever called with.

    Args:
        function: the function to compile.
        **options: of :func:`jit`.
    """

    def __init__(self, function: Callable[P, R], **options: Any) -> None:
        self._function, self._options = function, options
        self._programs: OrderedDict[Hashable, Callable[P, R]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._programs)

    def for_shapes(self, *arguments: Any) -> Callable[P, R]:
        """The compiled function for the shapes and dtypes of these trees of arrays."""
        leaves, tree = jax.tree.flatten(arguments)
        key = tree, *((leaf.shape, leaf.dtype) for leaf in leaves)
        if key not in self._programs:
            # A function of its own: JAX frees its programs together with it.
            self._programs[key] = jit(partial(self._function), **self._options)
        self._programs.move_to_end(key)
        if len(self._programs) > MAX_PROGRAMS:
            self._programs.popitem(last=False)
        return self._programs[key]


def copy_arrays(tree: T) -> T:
    """Copies of all arrays of a tree, made on the device by one program."""
    return _copy()(tree)


@cache
def _copy() -> Callable[[Any], Any]:
    return jit(lambda tree: jax.tree.map(jnp.copy, tree))


@cache
def use_compilation_cache() -> None:
    """Store compiled programs in the user's cache folder, unless JAX was given another one."""
    if _setting("jax_compilation_cache_dir") is not None:
        return
    try:
        jax.config.update("jax_compilation_cache_dir", str(cache_dir("xla")))
    except FileError:  # without a home folder, programs are compiled each time
        return
    # Small programs add up: a model's start is many compilations of some 50 ms.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


@cache
def compiler_options() -> dict[str, str | bool]:
    """Options that this version of XLA accepts.

    jaxlib 0.10's YNNPACK fusions make matrix products on the CPU a little faster and convolutions
    some 2.5 times slower, so only products use them. The option belongs to that version: it is
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
    """The platform that programs run on now: ``"cpu"``, ``"gpu"`` or ``"tpu"``."""
    device = _setting("jax_default_device")
    if device is None:
        return jax.default_backend()
    return device if isinstance(device, str) else device.platform


MEBIBYTE = 2**20
# The numbers are those of <malloc.h>.
MALLOC_SETTINGS = {
    -1: 512 * MEBIBYTE,  # M_TRIM_THRESHOLD: free memory at the top of the heap that is kept
    -2: 64 * MEBIBYTE,  # M_TOP_PAD: extra memory in each request to the system
    -3: 128 * MEBIBYTE,  # M_MMAP_THRESHOLD: larger blocks are returned to the system at once
}


@cache
def tune_malloc() -> bool:
    """Let the allocator of this process keep freed memory; returns whether that was done.

    XLA's kernels on the CPU allocate working memory at each call. The allocator of the GNU C
    library returns much of it to the system and gets it back page by page, which takes a small
    convolutional network a fifth of its time.

    Nothing happens on systems other than Linux with the GNU C library, or where the user has
    configured the allocator by ``MALLOC_...`` or ``GLIBC_TUNABLES``.
    """
    if sys.platform != "linux" or _configured_by_user():
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
        results = [mallopt(name, value) for name, value in MALLOC_SETTINGS.items()]
    except (AttributeError, OSError):  # another C library
        return False
    return results == [1] * len(MALLOC_SETTINGS)


def _configured_by_user() -> bool:
    return any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in os.environ)
