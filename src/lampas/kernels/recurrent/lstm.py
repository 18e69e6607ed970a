"""Long short-term memory over a sequence."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

from ...core.variable import Array
from . import loop
from .loop import Mask, Residuals, ScanOptions, Weights, get_step, loop_over_steps, set_step

Outputs = tuple[Array, Array, Array]
"""Outputs, last h, last c."""


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def lstm(
    options: ScanOptions, x: Array, weights: Weights, h: Array, c: Array, mask: Mask, keep: Mask
) -> Outputs:
    """LSTM with the gates i, f, g, o side by side and ``bias`` (4 * units,)."""
    return _fwd(options, x, weights, h, c, mask, keep)[0]


def _fwd(
    options: ScanOptions, x: Array, weights: Weights, h0: Array, c0: Array, mask: Mask, keep: Mask
) -> tuple[Outputs, Residuals]:
    kernel, recurrent_kernel, bias = weights
    x, valid = x.swapaxes(0, 1), loop.step_mask(mask)
    half = loop.gate_scales(h0.shape[1], True, True, False, True).astype(h0.dtype)
    scaled = recurrent_kernel * half

    def step(t: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        h, c, gates, hs, to_c, to_old_c = carry
        a = jnp.tanh(get_step(gates, t) + loop.apply_keep_mask(h, keep) @ scaled)
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
    start = (h0, c0, loop.project(x, kernel * half, bias * half), zeros, zeros, zeros)
    h, c, gates, hs, *to = loop_over_steps(x.shape[0], options.go_backwards, step, start)
    outputs = hs.swapaxes(0, 1) if options.return_sequences else h
    return (outputs, h, c), (x, kernel, recurrent_kernel, h0, valid, keep, gates, hs, *to)


def _bwd(
    options: ScanOptions, residuals: Residuals, gradients: Outputs
) -> tuple[Array | Weights | None, ...]:
    x, kernel, recurrent_kernel, h0, valid, keep, to_gates, hs, to_c, to_old_c = residuals
    transposed = recurrent_kernel.T
    d_outputs, dh = loop.step_gradients(options, *gradients[:2])
    dc = gradients[2]

    def step(t: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        dh, dc, gates = carry
        dh = loop.add_step(dh, d_outputs, t)
        dc = dc + dh * get_step(to_c, t)
        d = get_step(gates, t) * jnp.concatenate([dc, dc, dc, dh], -1)
        previous_dh = loop.apply_keep_mask(d @ transposed, keep)
        if valid is not None:
            previous_dh = previous_dh + dh * (1 - get_step(valid, t))
        return previous_dh, dc * get_step(to_old_c, t), set_step(gates, d, t)

    dh, dc, d = loop_over_steps(x.shape[0], not options.go_backwards, step, (dh, dc, to_gates))
    previous = loop.apply_keep_mask(loop.previous_states(hs, h0, options), keep)
    d_weights = Weights(*loop.weight_gradients(d, x, previous))
    return loop.input_gradient(d, kernel), d_weights, dh, dc, None, None


lstm.defvjp(_fwd, _bwd)
