"""Gated recurrent unit over a sequence, the reset gate after the product."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

from ...core.variable import Array
from .steps import Saved, Way, at, before, column, gradients, halves, project, put, rows, times
from .steps import steps as run


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
        h, gates, recalled, hs = carry
        xs, hu = at(gates, t), times(h, keep) @ scaled
        a = jnp.tanh(xs[:, : 2 * units] + hu[:, : 2 * units])
        z, r = 0.5 * (a[:, :units] + 1), 0.5 * (a[:, units:] + 1)
        recall = hu[:, 2 * units :] + own
        n = jnp.tanh(xs[:, 2 * units :] + r * recall)
        new = n + z * (h - n)
        if counts is not None:
            new = jnp.where(at(counts, t) > 0, new, h)
        saved = jnp.concatenate([z, r, n], -1)
        return new, put(gates, saved, t), put(recalled, recall, t), put(hs, new, t)

    empty = jnp.zeros((x.shape[0], *h0.shape), h0.dtype)
    start = (h0, project(x, kernel * half, inputs * half), empty, empty)
    h, gates, recalled, hs = run(x.shape[0], way.backwards, step, start)
    outputs = hs.swapaxes(0, 1) if way.sequences else h
    return (outputs, h), (x, kernel, recurrent_kernel, h0, counts, keep, gates, recalled, hs)


def _back(way: Way, saved: Saved, slopes: tuple[Array, Array]) -> tuple[Array | None, ...]:
    x, kernel, recurrent_kernel, h0, counts, keep, gates, recalled, hs = saved
    d_outputs, dh = slopes
    units, transposed = h0.shape[1], recurrent_kernel.T
    old_h = before(hs, h0, way)
    z, r, n = jnp.split(gates, 3, -1)
    # What the slope of h becomes for the gates before their activation, and for the old h.
    to_n, to_old_h = (1 - z) * (1 - n**2), z
    to_gates = jnp.concatenate(
        [(old_h - n) * z * (1 - z), to_n * recalled * r * (1 - r), to_n * r], -1
    )
    if counts is not None:
        to_gates, to_n = to_gates * counts, to_n * counts
        to_old_h = jnp.where(counts > 0, z, 1)
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

    dh, d, dn = run(x.shape[0], not way.backwards, step, (dh, to_gates, to_n))
    flat = rows(d)
    d_inputs = jnp.concatenate([d[..., : 2 * units], dn], -1)
    dx, d_kernel, d_bias = gradients(x, kernel, d_inputs)
    d_recurrent = rows(times(old_h, keep)).T @ flat
    d_own = (jnp.ones((1, flat.shape[0]), flat.dtype) @ flat)[0]
    return dx, d_kernel, d_recurrent, jnp.stack([d_bias, d_own]), dh, None, None


gru.defvjp(_forth, _back)
