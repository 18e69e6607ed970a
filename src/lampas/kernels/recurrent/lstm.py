"""Long short-term memory over a sequence."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

from ...core.variable import Array
from .loop import (
    Residuals,
    ScanOptions,
    apply_keep_mask,
    gate_scales,
    get_step,
    input_gradient,
    loop_over_steps,
    previous_states,
    project,
    set_step,
    step_mask,
    weight_gradients,
)

Outputs = tuple[Array, Array, Array]
"""Outputs, last h, last c."""


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def lstm(
    options: ScanOptions,
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
    return _fwd(options, x, kernel, recurrent_kernel, bias, h, c, mask, keep)[0]


def _fwd(
    options: ScanOptions,
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    h0: Array,
    c0: Array,
    mask: Array | None,
    keep: Array | None,
) -> tuple[Outputs, Residuals]:
    x, valid = x.swapaxes(0, 1), step_mask(mask)
    half = _halves(h0)
    scaled = recurrent_kernel * half

    def step(t: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        h, c, gates, hs, to_c, to_old_c = carry
        a = jnp.tanh(get_step(gates, t) + apply_keep_mask(h, keep) @ scaled)
        i, f, g, o = jnp.split(a, 4, -1)
        new_c = 0.5 * ((f + 1) * c + (i + 1) * g)
        tanh_c = jnp.tanh(new_c)
        new_h = 0.5 * (o + 1) * tanh_c
        # Residuals: derivatives of h with respect to c, of c with respect to the previous c, and of
        # both with respect to each gate.
        c_of_h, old_of_c = 0.5 * (o + 1) * (1 - tanh_c**2), 0.5 * (f + 1)
        factors = (1 - a**2) * half**2 * jnp.concatenate([g, c, 0.5 * (i + 1), tanh_c], -1)
        if valid is not None:
            valid_t = get_step(valid, t)
            new_h, new_c = jnp.where(valid_t > 0, new_h, h), jnp.where(valid_t > 0, new_c, c)
            c_of_h, factors = c_of_h * valid_t, factors * valid_t
            old_of_c = jnp.where(valid_t > 0, old_of_c, 1)
        return (
            new_h,
            new_c,
            set_step(gates, factors, t),
            set_step(hs, new_h, t),
            set_step(to_c, c_of_h, t),
            set_step(to_old_c, old_of_c, t),
        )

    zeros = jnp.zeros((x.shape[0], *h0.shape), h0.dtype)
    start = (h0, c0, project(x, kernel * half, bias * half), zeros, zeros, zeros)
    h, c, gates, hs, *to = loop_over_steps(x.shape[0], options.go_backwards, step, start)
    outputs = hs.swapaxes(0, 1) if options.return_sequences else h
    return (outputs, h, c), (x, kernel, recurrent_kernel, h0, valid, keep, gates, hs, *to)


def _bwd(
    options: ScanOptions, residuals: Residuals, gradients: Outputs
) -> tuple[Array | None, ...]:
    x, kernel, recurrent_kernel, h0, valid, keep, to_gates, hs, to_c, to_old_c = residuals
    d_outputs, dh, dc = gradients
    transposed = recurrent_kernel.T
    if options.return_sequences:
        d_outputs = d_outputs.swapaxes(0, 1)
    else:
        dh = dh + d_outputs

    def step(t: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        dh, dc, gates = carry
        if options.return_sequences:
            dh = dh + get_step(d_outputs, t)
        dc = dc + dh * get_step(to_c, t)
        d = get_step(gates, t) * jnp.concatenate([dc, dc, dc, dh], -1)
        previous_dh = apply_keep_mask(d @ transposed, keep)
        if valid is not None:
            previous_dh = previous_dh + dh * (1 - get_step(valid, t))
        return previous_dh, dc * get_step(to_old_c, t), set_step(gates, d, t)

    dh, dc, d = loop_over_steps(x.shape[0], not options.go_backwards, step, (dh, dc, to_gates))
    weights = weight_gradients(d, x, apply_keep_mask(previous_states(hs, h0, options), keep))
    return input_gradient(d, kernel), *weights, dh, dc, None, None


def _halves(h: Array) -> Array:
    return gate_scales(h.shape[1], True, True, False, True).astype(h.dtype)


lstm.defvjp(_fwd, _bwd)
