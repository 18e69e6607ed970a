"""Compute something once, however many read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import jax
from jax.experimental.xla_metadata import set_xla_metadata

from ..core.variable import Array

T = TypeVar("T")


def separately(compute: Callable[..., T], *operands: Array) -> T:
    """``compute(*operands)`` as a step of its own.

    XLA on the CPU repeats a sum of many terms inside every loop that reads the result, such as
    each of the four views of a pooling layer; an optimization barrier does not stop it, but a
    function that must not be inlined does.

    Args:
        compute: what to do; a pure function of its operands.
        operands: what to do it with.
    """
    with set_xla_metadata(inlineable="false"):
        return jax.jit(compute)(*operands)
