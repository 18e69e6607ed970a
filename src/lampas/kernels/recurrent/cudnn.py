"""The LSTM of cuDNN, where JAX offers it and its results agree with ours."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from ...core.jit import platform
from ...core.variable import Array
from .loop import ScanOptions, Weights
from .lstm import Outputs, lstm

TOLERANCE = 1e-2
"""cuDNN multiplies in TensorFloat-32, which has some three digits."""


def cudnn_lstm(options: ScanOptions, x: Array, weights: Weights, h: Array, c: Array) -> Outputs:
    """As :func:`lstm` without masks, by one call of cuDNN for the whole sequence."""
    from jax.experimental import rnn

    batch, steps, features = x.shape
    # cuDNN has one row per gate and unit, and a second bias, which is zero here.
    kernel, recurrent_kernel, bias = weights
    parts = (kernel.T, recurrent_kernel.T, bias, jnp.zeros_like(bias))
    outputs, h, c = rnn.lstm(
        x[:, ::-1] if options.go_backwards else x,
        h[None],
        c[None],
        jnp.concatenate([part.ravel() for part in parts]),
        jnp.full(batch, steps, jnp.int32),
        features,
        h.shape[1],
        1,
        0.0,
        False,
    )
    if not options.return_sequences:
        return h[0], h[0], c[0]
    return outputs[:, ::-1] if options.go_backwards else outputs, h[0], c[0]


def has_cudnn() -> bool:
    """Whether programs run on a GPU whose cuDNN computes a correct LSTM."""
    return platform() == "gpu" and _agrees()


@cache
def _agrees() -> bool:
    """Compare both on a small network: the binding is new, and not every GPU has cuDNN."""
    options, draw = ScanOptions(return_sequences=True), np.random.default_rng(0).normal
    shapes = [(2, 3, 4), (4, 20), (5, 20), (20,), (2, 5), (2, 5)]
    with jax.ensure_compile_time_eval():
        x, *weights, h, c = (jnp.asarray(draw(size=shape), jnp.float32) for shape in shapes)
        operands = (x, Weights(*weights), h, c)
        try:
            theirs = jax.jit(lambda *arrays: cudnn_lstm(options, *arrays))(*operands)
        except Exception:  # any failure means that cuDNN cannot be used
            return False
        ours = lstm(options, *operands, None, None)
    pairs = zip(theirs, ours, strict=True)
    return all(np.allclose(a, b, atol=TOLERANCE) for a, b in pairs)
