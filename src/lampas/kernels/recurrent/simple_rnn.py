"""The simple recurrent network over a sequence."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

from ...core.variable import Array
from .loop import (
    Residuals,
    ScanOptions,
    apply_keep_mask,
    get_step,
    input_gradient,
    loop_over_steps,
    previous_states,
    project,
    set_step,
    step_mask,
    weight_gradients,
)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def simple_rnn(
    options: ScanOptions,
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    h: Array,
    mask: Array | None = None,
    keep: Array | None = None,
) -> tuple[Array, Array]:
    """``h = tanh(x @ kernel + h @ recurrent_kernel + bias)``; outputs and the last state."""
    return _fwd(options, x, kernel, recurrent_kernel, bias, h, mask, keep)[0]


def _fwd(
    options: ScanOptions,
    x: Array,
    kernel: Array,
    recurrent_kernel: Array,
    bias: Array,
    h0: Array,
    mask: Array | None,
    keep: Array | None,
) -> tuple[tuple[Array, Array], Residuals]:
    x, valid = x.swapaxes(0, 1), step_mask(mask)

    def step(t: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        h, hs = carry
        new = jnp.tanh(get_step(hs, t) + apply_keep_mask(h, keep) @ recurrent_kernel)
        if valid is not None:
            new = jnp.where(get_step(valid, t) > 0, new, h)
        return new, set_step(hs, new, t)

    h, hs = loop_over_steps(x.shape[0], options.go_backwards, step, (h0, project(x, kernel, bias)))
    outputs = hs.swapaxes(0, 1) if options.return_sequences else h
    return (outputs, h), (x, kernel, recurrent_kernel, h0, valid, keep, hs)


def _bwd(
    options: ScanOptions, residuals: Residuals, gradients: tuple[Array, Array]
) -> tuple[Array | None, ...]:
    x, kernel, recurrent_kernel, h0, valid, keep, hs = residuals
    d_outputs, dh = gradients
    transposed = recurrent_kernel.T
    to_gate = 1 - hs**2
    if valid is not None:
        to_gate = to_gate * valid
    if options.return_sequences:
        d_outputs = d_outputs.swapaxes(0, 1)
    else:
        dh = dh + d_outputs

    def step(t: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        dh, gates = carry
        if options.return_sequences:
            dh = dh + get_step(d_outputs, t)
        d = get_step(gates, t) * dh
        previous_dh = apply_keep_mask(d @ transposed, keep)
        if valid is not None:
            previous_dh = previous_dh + dh * (1 - get_step(valid, t))
        return previous_dh, set_step(gates, d, t)

    dh, d = loop_over_steps(x.shape[0], not options.go_backwards, step, (dh, to_gate))
    weights = weight_gradients(d, x, apply_keep_mask(previous_states(hs, h0, options), keep))
    return input_gradient(d, kernel), *weights, dh, None, None


simple_rnn.defvjp(_fwd, _bwd)
