"""A batch in parts that fit into the processor's cache."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp

from ...core.compiling import platform
from ...core.variable import Array
from .steps import Way

PART_BYTES = 2**23
"""Bytes that the gates of all steps of a part may take."""
FEWEST_ROWS = 16
"""Rows that a part has at least: products of fewer waste the processor."""
MOST_PARTS = 8
"""Each part is compiled, which takes its time."""

Network = Callable[..., tuple[Array, ...]]


def in_parts(
    network: Network,
    way: Way,
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    *others: Array | None,
) -> tuple[Array, ...]:
    """``network(way, x, ...)``, on the CPU one part of the rows after the other.

    What a part's loop leaves is still in the cache when the products after it read it.
    """
    count = parts(x, kernel.shape[1]) if platform() == "cpu" else 1
    if count == 1:
        return network(way, x, kernel, recurrent_kernel, bias, *others)
    cut = [
        [None] * count if array is None else jnp.array_split(array, count) for array in (x, *others)
    ]
    done = [
        network(way, part, kernel, recurrent_kernel, bias, *rest)
        for part, *rest in zip(*cut, strict=True)
    ]
    return tuple(jnp.concatenate(outputs) for outputs in zip(*done, strict=True))


def parts(x: Array, width: int) -> int:
    """Into how many parts a batch is cut, for gates of ``width`` units in all."""
    batch, steps, _ = x.shape
    wanted = -(-batch * steps * width * x.dtype.itemsize // PART_BYTES)
    return max(1, min(wanted, batch // FEWEST_ROWS, MOST_PARTS))
