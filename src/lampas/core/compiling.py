"""Compile a function with XLA, with the settings that are best for our programs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ParamSpec, TypeVar

import jax
import jax.numpy as jnp

from .allocator import keep_freed_memory
from .cache import cache_folder
from .errors import FileError

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
