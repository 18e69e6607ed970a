"""Gated recurrent unit over a sequence, the reset gate after the product."""

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


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def gru(
    way: Way,
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    h: Array,
    mask: Array | None = None,
    keep: Array | None = None,
) -> tuple[Array, Array]:
    """GRU with the gates z, r, n side by side and ``bias`` (2, 3 * units): input's, state's.

    Returns the outputs and the last state.
    """
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
    units = h0.shape[1]
    half = halves(units, True, True, False).astype(h0.dtype)
    scaled = recurrent_kernel * half
    # Only the candidate needs the state's bias apart: there the reset gate scales it.
    inputs = bias[0] + bias[1].at[2 * units :].set(0)
    own = bias[1, 2 * units :]

    def step(t: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        h, gates, to_n, to_old, hs = carry
        xs, hu = at(gates, t), times(h, keep) @ scaled
        a = jnp.tanh(xs[:, : 2 * units] + hu[:, : 2 * units])
        z, r = 0.5 * (a[:, :units] + 1), 0.5 * (a[:, units:] + 1)
        recall = hu[:, 2 * units :] + own
        n = jnp.tanh(xs[:, 2 * units :] + r * recall)
        new = n + z * (h - n)
        # What the way back needs: what of the slope of h each gate gets, the candidate before the
        # reset gate, and the old h.
        n_of_h, old_of_h = (1 - z) * (1 - n**2), z
        shares = jnp.concatenate(
            [(h - n) * z * (1 - z), n_of_h * recall * r * (1 - r), n_of_h * r], -1
        )
        if counts is not None:
            here = at(counts, t)
            new, old_of_h = jnp.where(here > 0, new, h), jnp.where(here > 0, z, 1)
            shares, n_of_h = shares * here, n_of_h * here
        return (
            new,
            put(gates, shares, t),
            put(to_n, n_of_h, t),
            put(to_old, old_of_h, t),
            put(hs, new, t),
        )

    empty = jnp.zeros((x.shape[0], *h0.shape), h0.dtype)
    start = (h0, project(x, kernel * half, inputs * half), empty, empty, empty)
    h, gates, *to, hs = each_step(x.shape[0], way.backwards, step, start)
    outputs = hs.swapaxes(0, 1) if way.sequences else h
    return (outputs, h), (x, kernel, recurrent_kernel, h0, keep, gates, *to, hs)


def _back(way: Way, saved: Saved, slopes: tuple[Array, Array]) -> tuple[Array | None, ...]:
    x, kernel, recurrent_kernel, h0, keep, to_gates, to_n, to_old_h, hs = saved
    d_outputs, dh = slopes
    units, transposed = h0.shape[1], recurrent_kernel.T
    if way.sequences:
        d_outputs = d_outputs.swapaxes(0, 1)
    else:
        dh = dh + d_outputs

    def step(t: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        dh, gates, candidates = carry
        if way.sequences:
            dh = dh + at(d_outputs, t)
        d = at(gates, t) * jnp.concatenate([dh, dh, dh], -1)
        old_dh = dh * at(to_old_h, t) + times(d @ transposed, keep)
        return old_dh, put(gates, d, t), put(candidates, at(candidates, t) * dh, t)

    dh, d, dn = each_step(x.shape[0], not way.backwards, step, (dh, to_gates, to_n))
    d_inputs = jnp.concatenate([d[..., : 2 * units], dn], -1)
    d_kernel, d_bias = to_weights(d_inputs, x)
    d_recurrent, d_own = to_weights(d, times(before(hs, h0, way), keep))
    dx, both = to_inputs(d_inputs, kernel), jnp.stack([d_bias, d_own])
    return dx, d_kernel, d_recurrent, both, dh, None, None


gru.defvjp(_forth, _back)
