"""The loop over steps, the products outside of it, and batches in blocks of rows.

In all arrays here the axis of steps is the first.
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
"""What one step passes on to the next: a tuple of arrays."""


class ScanOptions(NamedTuple):
    """Static options of a recurrent network.

    Args:
        go_backwards: whether the last step is read first.
        return_sequences: whether the outputs of all steps are returned, not only the last.
    """

    go_backwards: bool = False
    return_sequences: bool = False


Mask = Array | None
"""Factors of the steps or of the state, if any."""


class Weights(NamedTuple):
    """The variables of a recurrent network, or their gradients."""

    kernel: Array
    recurrent_kernel: Array
    bias: Array


Residuals = Any
"""What the forward pass stores for the backward pass."""


def loop_over_steps(
    count: int, backwards: bool, body: Callable[[Array, Carry], Carry], carry: Carry
) -> Carry:
    """Run ``carry = body(t, carry)`` for ``count`` steps, ``backwards`` from the last one."""

    def iteration(k: Array, carry: Carry) -> Carry:
        return body(count - 1 - k if backwards else k, carry)

    return lax.fori_loop(0, count, iteration, carry)


def get_step(steps: Array, t: Array) -> Array:
    """``steps[t]``."""
    return lax.dynamic_index_in_dim(steps, t, keepdims=False)


def set_step(steps: Array, step: Array, t: Array) -> Array:
    """``steps`` with ``steps[t]`` replaced.

    XLA does this in place if the old value of the step has one reader, before the write.
    """
    return lax.dynamic_update_index_in_dim(steps, step, t, 0)


def add_step(value: Array, steps: Array | None, t: Array) -> Array:
    """``value + steps[t]``, or ``value`` without steps."""
    return value if steps is None else value + get_step(steps, t)


def step_gradients(options: ScanOptions, d_outputs: Array, dh: Array) -> tuple[Array | None, Array]:
    """The gradients of the output of each step, None if only the last is returned, and of h."""
    if options.return_sequences:
        return d_outputs.swapaxes(0, 1), dh
    return None, dh + d_outputs


def previous_states(states: Array, first: Array, options: ScanOptions) -> Array:
    """The state before each step, from the states after each step and the initial state."""
    if options.go_backwards:
        return jnp.concatenate([states[1:], first[None]])
    return jnp.concatenate([first[None], states[:-1]])


def flatten_steps(steps: Array) -> Array:
    """All steps of all sequences as the rows of one matrix."""
    return steps.reshape(-1, steps.shape[-1])


def project(x: Array, kernel: Array, bias: Array) -> Array:
    """``x @ kernel + bias`` for all steps, (steps, batch, features) -> (steps, batch, width)."""
    return (flatten_steps(x) @ kernel + bias).reshape(*x.shape[:2], kernel.shape[1])


def input_gradient(gradients: Array, kernel: Array) -> Array:
    """Gradient of the inputs that ``kernel`` multiplied, batch first."""
    flat = flatten_steps(gradients) @ kernel.T
    return flat.reshape(*gradients.shape[:2], -1).swapaxes(0, 1)


def weight_gradients(gradients: Array, *inputs: Array) -> tuple[Array, ...]:
    """Gradients of the kernel that multiplied each of the inputs, and of the bias.

    All inputs are joined in one matrix, so that ``gradients`` is read once; a column of ones gives
    the gradient of the bias, because on the CPU a sum over many rows is slower than the product.
    """
    flat = flatten_steps(gradients)
    ones = jnp.ones((flat.shape[0], 1), flat.dtype)
    joined = jnp.concatenate([*map(flatten_steps, inputs), ones], 1).T @ flat
    ends = list(accumulate(array.shape[-1] for array in inputs))
    *kernels, bias = jnp.split(joined, ends)
    return *kernels, bias[0]


def step_mask(mask: Mask) -> Mask:
    """A mask (batch, steps) as (steps, batch, 1)."""
    return None if mask is None else mask.T[..., None]


def apply_keep_mask(state: Array, keep: Mask) -> Array:
    """The state multiplied by its dropout factors, if any."""
    return state if keep is None else state * keep


def gate_scales(units: int, *sigmoid: bool) -> Array:
    """1/2 for each unit of a sigmoid gate, 1 for the others."""
    return jnp.concatenate([jnp.full(units, 0.5 if half else 1.0) for half in sigmoid])


BLOCK_BYTES = 2**23
"""Size of the gates of all steps of a block, so that they fit into the processor's cache."""
MIN_BLOCK_ROWS = 16
"""Smallest number of rows of a block: products of fewer rows are inefficient."""
MAX_BLOCKS = 8
"""Largest number of blocks: each is compiled, which takes time."""

Network = Callable[..., tuple[Array, ...]]


def in_row_blocks(
    network: Network, options: ScanOptions, x: Array, weights: Weights, *arrays: Array | None
) -> tuple[Array, ...]:
    """``network(options, x, ...)``, on the CPU for one block of rows after the other.

    The results of a block's loop are still in the cache when the products after it read them.
    ``arrays`` have one row per example.
    """
    count = num_row_blocks(x, weights.kernel.shape[1]) if platform() == "cpu" else 1
    if count == 1:
        return network(options, x, weights, *arrays)
    blocks = [
        [None] * count if array is None else jnp.array_split(array, count) for array in (x, *arrays)
    ]
    results = [
        network(options, block, weights, *rest) for block, *rest in zip(*blocks, strict=True)
    ]
    return tuple(jnp.concatenate(outputs) for outputs in zip(*results, strict=True))


def num_row_blocks(x: Array, width: int) -> int:
    """Number of blocks of a batch, for gates of ``width`` units in all."""
    batch, steps, _ = x.shape
    count = -(-batch * steps * width * x.dtype.itemsize // BLOCK_BYTES)
    return max(1, min(count, batch // MIN_BLOCK_ROWS, MAX_BLOCKS))
