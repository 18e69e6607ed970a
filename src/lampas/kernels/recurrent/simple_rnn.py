"""The simple recurrent network over a sequence."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

from ...core.variable import Array
from .loop import (
    Saved,
    Way,
    at,
    before,
    column,
    each_step,
    project,
    put,
    times,
    to_inputs,
    to_weights,
)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def simple_rnn(
    way: Way,
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    h: Array,
    mask: Array | None = None,
    keep: Array | None = None,
) -> tuple[Array, Array]:
    """``h = tanh(x @ kernel + h @ recurrent_kernel + bias)``; outputs and the last state."""
    return _forth(way, x, kernel, recurrent_kernel, bias, h, mask, keep)[0]


def _forth(
    way: Way,
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    h0: Array,
    mask: Array | None,
    keep: Array | None,
) -> tuple[tuple[Array, Array], Saved]:
    x, counts = x.swapaxes(0, 1), column(mask)

    def step(t: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        h, hs = carry
        new = jnp.tanh(at(hs, t) + times(h, keep) @ recurrent_kernel)
        if counts is not None:
            new = jnp.where(at(counts, t) > 0, new, h)
        return new, put(hs, new, t)

    h, hs = each_step(x.shape[0], way.backwards, step, (h0, project(x, kernel, bias)))
    outputs = hs.swapaxes(0, 1) if way.sequences else h
    return (outputs, h), (x, kernel, recurrent_kernel, h0, counts, keep, hs)


def _back(way: Way, saved: Saved, slopes: tuple[Array, Array]) -> tuple[Array | None, ...]:
    x, kernel, recurrent_kernel, h0, counts, keep, hs = saved
    d_outputs, dh = slopes
    transposed = recurrent_kernel.T
    to_gate = 1 - hs**2
    if counts is not None:
        to_gate = to_gate * counts
    if way.sequences:
        d_outputs = d_outputs.swapaxes(0, 1)
    else:
        dh = dh + d_outputs

    def step(t: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        dh, gates = carry
        if way.sequences:
            dh = dh + at(d_outputs, t)
        d = at(gates, t) * dh
        old_dh = times(d @ transposed, keep)
        if counts is not None:
            old_dh = old_dh + dh * (1 - at(counts, t))
        return old_dh, put(gates, d, t)

    dh, d = each_step(x.shape[0], not way.backwards, step, (dh, to_gate))
    weights = to_weights(d, x, times(before(hs, h0, way), keep))
    return to_inputs(d, kernel), *weights, dh, None, None


simple_rnn.defvjp(_forth, _back)
