"""What the recurrent networks share: the loop over steps, and the products outside of it.

All arrays in here have the steps first.

A batch in parts that fit into the processor's cache.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax

from ...core.jit import platform
from ...core.variable import Array

Carry = Any
"""What one step hands on to the next: a tuple of arrays."""


class Way(NamedTuple):
    """How a sequence is read; known when compiling.

    ``sequences`` asks for the outputs of all steps.
    """

    backwards: bool = False
    sequences: bool = False


def each_step(
    count: int, backwards: bool, body: Callable[[Array, Carry], Carry], carry: Carry
) -> Carry:
    """Run ``carry = body(t, carry)`` for each step."""

    def turn(k: Array, carry: Carry) -> Carry:
        return body(count - 1 - k if backwards else k, carry)

    return lax.fori_loop(0, count, turn, carry)


def at(steps: Array, t: Array) -> Array:
    """One step of all."""
    return lax.dynamic_index_in_dim(steps, t, keepdims=False)


def put(steps: Array, step: Array, t: Array) -> Array:
    """All steps with one of them new.

    XLA does this in place as long as the old value of the step has one reader, before the write.
    """
    return lax.dynamic_update_index_in_dim(steps, step, t, 0)


def before(states: Array, first: Array, way: Way) -> Array:
    """The state that each step began with."""
    if way.backwards:
        return jnp.concatenate([states[1:], first[None]])
    return jnp.concatenate([first[None], states[:-1]])


def rows(steps: Array) -> Array:
    """All steps of all sequences as the rows of one matrix."""
    return steps.reshape(-1, steps.shape[-1])


def project(x: Array, kernel: Array, bias: Array) -> Array:
    """``x @ kernel + bias`` for all steps, (steps, batch, features) -> (steps, batch, width)."""
    return (rows(x) @ kernel + bias).reshape(*x.shape[:2], kernel.shape[1])


def to_inputs(slopes: Array, kernel: Array) -> Array:
    """Gradient of the inputs that ``kernel`` multiplied, batch first."""
    back = rows(slopes) @ kernel.T
    return back.reshape(*slopes.shape[:2], -1).swapaxes(0, 1)


def to_weights(slopes: Array, *inputs: Array) -> tuple[Array, ...]:
    """Gradients of the kernel that multiplied each of the inputs, and of the bias.

    All inputs are one matrix, so that the slopes are read once; a column of ones in it stands for
    the bias, for on the CPU a sum over many rows takes longer than the product.
    """
    flat = rows(slopes)
    ones = jnp.ones((flat.shape[0], 1), flat.dtype)
    found = jnp.concatenate([*map(rows, inputs), ones], 1).T @ flat
    ends = list(accumulate(array.shape[-1] for array in inputs))
    *kernels, bias = jnp.split(found, ends)
    return *kernels, bias[0]


def column(mask: Array | None) -> Array | None:
    """A mask (batch, steps) as (steps, batch, 1)."""
    return None if mask is None else mask.T[..., None]


def times(state: Array, keep: Array | None) -> Array:
    """The state with some of it dropped."""
    return state if keep is None else state * keep


def halves(units: int, *sigmoid: bool) -> Array:
    """One half for each unit of a sigmoid gate, 1 for the others."""
    return jnp.concatenate([jnp.full(units, 0.5 if half else 1.0) for half in sigmoid])


Saved = Any
"""What the way forth leaves for the way back."""


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
