"""Long short-term memory over a sequence."""

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
    halves,
    project,
    put,
    times,
    to_inputs,
    to_weights,
)

Outputs = tuple[Array, Array, Array]
"""Outputs, last h, last c."""


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def lstm(
    way: Way,
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    h: Array,
    c: Array,
    mask: Array | None = None,
    keep: Array | None = None,
) -> Outputs:
    """LSTM with the gates i, f, g, o side by side and ``bias`` (4 * units,)."""
    return _forth(way, x, kernel, recurrent_kernel, bias, h, c, mask, keep)[0]


def _forth(
    way: Way,
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    h0: Array,
    c0: Array,
    mask: Array | None,
    keep: Array | None,
) -> tuple[Outputs, Saved]:
    x, counts = x.swapaxes(0, 1), column(mask)
    half = _halves(h0)
    scaled = recurrent_kernel * half

    def step(t: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        h, c, gates, hs, to_c, to_old_c = carry
        a = jnp.tanh(at(gates, t) + times(h, keep) @ scaled)
        i, f, g, o = jnp.split(a, 4, -1)
        new_c = 0.5 * ((f + 1) * c + (i + 1) * g)
        memory = jnp.tanh(new_c)
        new_h = 0.5 * (o + 1) * memory
        # What the way back needs: how much of the slope of h is one of c, what of that is one of
        # the old c, and what of both each gate gets.
        c_of_h, old_of_c = 0.5 * (o + 1) * (1 - memory**2), 0.5 * (f + 1)
        shares = (1 - a**2) * half**2 * jnp.concatenate([g, c, 0.5 * (i + 1), memory], -1)
        if counts is not None:
            here = at(counts, t)
            new_h, new_c = jnp.where(here > 0, new_h, h), jnp.where(here > 0, new_c, c)
            c_of_h, shares = c_of_h * here, shares * here
            old_of_c = jnp.where(here > 0, old_of_c, 1)
        return (
            new_h,
            new_c,
            put(gates, shares, t),
            put(hs, new_h, t),
            put(to_c, c_of_h, t),
            put(to_old_c, old_of_c, t),
        )

    empty = jnp.zeros((x.shape[0], *h0.shape), h0.dtype)
    start = (h0, c0, project(x, kernel * half, bias * half), empty, empty, empty)
    h, c, gates, hs, *to = each_step(x.shape[0], way.backwards, step, start)
    outputs = hs.swapaxes(0, 1) if way.sequences else h
    return (outputs, h, c), (x, kernel, recurrent_kernel, h0, counts, keep, gates, hs, *to)


def _back(way: Way, saved: Saved, slopes: Outputs) -> tuple[Array | None, ...]:
    x, kernel, recurrent_kernel, h0, counts, keep, to_gates, hs, to_c, to_old_c = saved
    d_outputs, dh, dc = slopes
    transposed = recurrent_kernel.T
    if way.sequences:
        d_outputs = d_outputs.swapaxes(0, 1)
    else:
        dh = dh + d_outputs

    def step(t: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        dh, dc, gates = carry
        if way.sequences:
            dh = dh + at(d_outputs, t)
        dc = dc + dh * at(to_c, t)
        d = at(gates, t) * jnp.concatenate([dc, dc, dc, dh], -1)
        old_dh = times(d @ transposed, keep)
        if counts is not None:
            old_dh = old_dh + dh * (1 - at(counts, t))
        return old_dh, dc * at(to_old_c, t), put(gates, d, t)

    dh, dc, d = each_step(x.shape[0], not way.backwards, step, (dh, dc, to_gates))
    weights = to_weights(d, x, times(before(hs, h0, way), keep))
    return to_inputs(d, kernel), *weights, dh, dc, None, None


def _halves(h: Array) -> Array:
    return halves(h.shape[1], True, True, False, True).astype(h.dtype)


lstm.defvjp(_forth, _back)
