"""Gated recurrent unit over a sequence, with the reset gate applied after the product."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

from ...core.variable import Array
from . import loop
from .loop import Mask, Residuals, ScanOptions, Weights, get_step, loop_over_steps, set_step


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def gru(
    options: ScanOptions, x: Array, weights: Weights, h: Array, mask: Mask, keep: Mask
) -> tuple[Array, Array]:
    """GRU with the gates z, r, n side by side and ``bias`` (2, 3 * units): of input and state.

    Returns the outputs and the last state.
    """
    return _fwd(options, x, weights, h, mask, keep)[0]


def _fwd(
    options: ScanOptions, x: Array, weights: Weights, h0: Array, mask: Mask, keep: Mask
) -> tuple[tuple[Array, Array], Residuals]:
    kernel, recurrent_kernel, bias = weights
    x, valid = x.swapaxes(0, 1), loop.step_mask(mask)
    units = h0.shape[1]
    half = loop.gate_scales(units, True, True, False).astype(h0.dtype)
    scaled = recurrent_kernel * half
    # The biases of input and state are added, except for the candidate: there the reset gate
    # scales that of the state.
    inputs = bias[0] + bias[1].at[2 * units :].set(0)
    state_bias = bias[1, 2 * units :]

    def step(t: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        h, gates, to_n, to_old, hs = carry
        xs, hu = get_step(gates, t), loop.apply_keep_mask(h, keep) @ scaled
        a = jnp.tanh(xs[:, : 2 * units] + hu[:, : 2 * units])
        z, r = 0.5 * (a[:, :units] + 1), 0.5 * (a[:, units:] + 1)
        from_state = hu[:, 2 * units :] + state_bias
        n = jnp.tanh(xs[:, 2 * units :] + r * from_state)
        new = n + z * (h - n)
        # Residuals: derivatives of h with respect to each gate, to the candidate before the reset
        # gate, and to the previous h.
        n_of_h, old_of_h = (1 - z) * (1 - n**2), z
        factors = jnp.concatenate(
            [(h - n) * z * (1 - z), n_of_h * from_state * r * (1 - r), n_of_h * r], -1
        )
        if valid is not None:
            valid_t = get_step(valid, t)
            new, old_of_h = jnp.where(valid_t > 0, new, h), jnp.where(valid_t > 0, z, 1)
            factors, n_of_h = factors * valid_t, n_of_h * valid_t
        return (
            new,
            set_step(gates, factors, t),
            set_step(to_n, n_of_h, t),
            set_step(to_old, old_of_h, t),
            set_step(hs, new, t),
        )

    zeros = jnp.zeros((x.shape[0], *h0.shape), h0.dtype)
    start = (h0, loop.project(x, kernel * half, inputs * half), zeros, zeros, zeros)
    h, gates, *to, hs = loop_over_steps(x.shape[0], options.go_backwards, step, start)
    outputs = hs.swapaxes(0, 1) if options.return_sequences else h
    return (outputs, h), (x, kernel, recurrent_kernel, h0, keep, gates, *to, hs)


def _bwd(
    options: ScanOptions, residuals: Residuals, gradients: tuple[Array, Array]
) -> tuple[Array | Weights | None, ...]:
    x, kernel, recurrent_kernel, h0, keep, to_gates, to_n, to_old_h, hs = residuals
    units, transposed = h0.shape[1], recurrent_kernel.T
    d_outputs, dh = loop.step_gradients(options, *gradients)

    def step(t: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        dh, gates, candidates = carry
        dh = loop.add_step(dh, d_outputs, t)
        d = get_step(gates, t) * jnp.concatenate([dh, dh, dh], -1)
        previous_dh = dh * get_step(to_old_h, t) + loop.apply_keep_mask(d @ transposed, keep)
        return (
            previous_dh,
            set_step(gates, d, t),
            set_step(candidates, get_step(candidates, t) * dh, t),
        )

    dh, d, dn = loop_over_steps(x.shape[0], not options.go_backwards, step, (dh, to_gates, to_n))
    d_inputs = jnp.concatenate([d[..., : 2 * units], dn], -1)
    d_kernel, d_bias = loop.weight_gradients(d_inputs, x)
    previous = loop.apply_keep_mask(loop.previous_states(hs, h0, options), keep)
    d_recurrent, d_state_bias = loop.weight_gradients(d, previous)
    dx = loop.input_gradient(d_inputs, kernel)
    d_weights = Weights(d_kernel, d_recurrent, jnp.stack([d_bias, d_state_bias]))
    return dx, d_weights, dh, None, None


gru.defvjp(_fwd, _bwd)
