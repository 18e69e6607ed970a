"""Long short-term memory over a sequence."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

from ...core.variable import Array
from .steps import Saved, Way, at, before, column, gradients, halves, project, put, rows, times
from .steps import steps as run

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
        h, c, gates, hs, cs = carry
        a = jnp.tanh(at(gates, t) + times(h, keep) @ scaled)
        i, f, g, o = jnp.split(a, 4, -1)
        new_c = 0.5 * ((f + 1) * c + (i + 1) * g)
        new_h = 0.5 * (o + 1) * jnp.tanh(new_c)
        if counts is not None:
            here = at(counts, t) > 0
            new_h, new_c = jnp.where(here, new_h, h), jnp.where(here, new_c, c)
        return new_h, new_c, put(gates, a, t), put(hs, new_h, t), put(cs, new_c, t)

    empty = jnp.zeros((x.shape[0], *h0.shape), h0.dtype)
    start = (h0, c0, project(x, kernel * half, bias * half), empty, empty)
    h, c, gates, hs, cs = run(x.shape[0], way.backwards, step, start)
    outputs = hs.swapaxes(0, 1) if way.sequences else h
    return (outputs, h, c), (x, kernel, recurrent_kernel, h0, c0, counts, keep, gates, hs, cs)


def _back(way: Way, saved: Saved, slopes: Outputs) -> tuple[Array | None, ...]:
    x, kernel, recurrent_kernel, h0, c0, counts, keep, a, hs, cs = saved
    d_outputs, dh, dc = slopes
    transposed = recurrent_kernel.T
    old_h, old_c, memory = before(hs, h0, way), before(cs, c0, way), jnp.tanh(cs)
    i, f, g, o = jnp.split(a, 4, -1)
    # How much c gets of the slope of h, the step before of that of c, and each gate of both.
    to_c = 0.5 * (o + 1) * (1 - memory**2)
    to_old_c = 0.5 * (f + 1)
    shares = jnp.concatenate([g, old_c, 0.5 * (i + 1), memory], -1)
    to_gates = (1 - a**2) * _halves(h0) ** 2 * shares
    if counts is not None:
        to_gates, to_c = to_gates * counts, to_c * counts
        to_old_c = jnp.where(counts > 0, to_old_c, 1)
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

    dh, dc, d = run(x.shape[0], not way.backwards, step, (dh, dc, to_gates))
    dx, d_kernel, d_bias = gradients(x, kernel, d)
    d_recurrent = rows(times(old_h, keep)).T @ rows(d)
    return dx, d_kernel, d_recurrent, d_bias, dh, dc, None, None


def _halves(h: Array) -> Array:
    return halves(h.shape[1], True, True, False, True).astype(h.dtype)


lstm.defvjp(_forth, _back)
