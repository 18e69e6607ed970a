"""The simple recurrent network over a sequence."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

from ...core.variable import Array
from . import loop
from .loop import Mask, Residuals, ScanOptions, Weights, get_step, loop_over_steps, set_step


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def simple_rnn(
    options: ScanOptions, x: Array, weights: Weights, h: Array, mask: Mask, keep: Mask
) -> tuple[Array, Array]:
    """``h = tanh(x @ kernel + h @ recurrent_kernel + bias)``; outputs and the last state."""
    return _fwd(options, x, weights, h, mask, keep)[0]


def _fwd(
    options: ScanOptions, x: Array, weights: Weights, h0: Array, mask: Mask, keep: Mask
) -> tuple[tuple[Array, Array], Residuals]:
    kernel, recurrent_kernel, bias = weights
    x, valid = x.swapaxes(0, 1), loop.step_mask(mask)

    def step(t: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        h, hs = carry
        new = jnp.tanh(get_step(hs, t) + loop.apply_keep_mask(h, keep) @ recurrent_kernel)
        if valid is not None:
            new = jnp.where(get_step(valid, t) > 0, new, h)
        return new, set_step(hs, new, t)

    start = (h0, loop.project(x, kernel, bias))
    h, hs = loop_over_steps(x.shape[0], options.go_backwards, step, start)
    outputs = hs.swapaxes(0, 1) if options.return_sequences else h
    return (outputs, h), (x, kernel, recurrent_kernel, h0, valid, keep, hs)


def _bwd(
    options: ScanOptions, residuals: Residuals, gradients: tuple[Array, Array]
) -> tuple[Array | Weights | None, ...]:
    x, kernel, recurrent_kernel, h0, valid, keep, hs = residuals
    transposed = recurrent_kernel.T
    to_gate = 1 - hs**2
    if valid is not None:
        to_gate = to_gate * valid
    d_outputs, dh = loop.step_gradients(options, *gradients)

    def step(t: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        dh, gates = carry
        dh = loop.add_step(dh, d_outputs, t)
        d = get_step(gates, t) * dh
        previous_dh = loop.apply_keep_mask(d @ transposed, keep)
        if valid is not None:
            previous_dh = previous_dh + dh * (1 - get_step(valid, t))
        return previous_dh, set_step(gates, d, t)

    dh, d = loop_over_steps(x.shape[0], not options.go_backwards, step, (dh, to_gate))
    previous = loop.apply_keep_mask(loop.previous_states(hs, h0, options), keep)
    d_weights = Weights(*loop.weight_gradients(d, x, previous))
    return loop.input_gradient(d, kernel), d_weights, dh, None, None


simple_rnn.defvjp(_fwd, _bwd)
