"""What the recurrent networks share: the loop over steps, and the products outside of it.

All arrays in here have the steps first.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax

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
