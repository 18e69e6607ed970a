"""NVIDIA's own LSTM, where JAX offers it and it gives what ours gives."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

from ...core.jit import platform
from ...core.variable import Array
from .loop import Way
from .lstm import Outputs, lstm

TOLERANCE = 1e-2
"""cuDNN multiplies in TensorFloat-32, with some three digits."""


def cudnn_lstm(
    way: Way, x: Array, kernel: Array, recurrent_kernel: Array, bias: Array, h: Array, c: Array
) -> Outputs:
    """As :func:`lstm` without masks, by one call of cuDNN for the whole sequence."""
    from jax.experimental import rnn

    batch, steps, features = x.shape
    # One row a gate and unit, as cuDNN has them; its second bias is ours not to have.
    parts = (kernel.T, recurrent_kernel.T, bias, jnp.zeros_like(bias))
    weights = jnp.concatenate([part.ravel() for part in parts])
    outputs, h, c = rnn.lstm(
        x[:, ::-1] if way.backwards else x,
        h[None],
        c[None],
        weights,
        jnp.full(batch, steps, jnp.int32),
        features,
        h.shape[1],
        1,
        0.0,
        False,
    )
    if not way.sequences:
        return h[0], h[0], c[0]
    return outputs[:, ::-1] if way.backwards else outputs, h[0], c[0]


def has_cudnn() -> bool:
    """Whether programs run on a GPU now, and its cuDNN can be trusted with an LSTM."""
    return platform() == "gpu" and _agrees()


@cache
def _agrees() -> bool:
    """Try a small network both ways: the binding is young, and other makers' GPUs have none."""
    way, draw = Way(sequences=True), np.random.default_rng(0).normal
    shapes = [(2, 3, 4), (4, 20), (5, 20), (20,), (2, 5), (2, 5)]
    with jax.ensure_compile_time_eval():
        operands = [jnp.asarray(draw(size=shape), jnp.float32) for shape in shapes]
        try:
            theirs = jax.jit(lambda *given: cudnn_lstm(way, *given))(*operands)
        except Exception:  # what fails here is theirs, whatever it is
            return False
        ours = lstm(way, *operands, None, None)
    pairs = zip(theirs, ours, strict=True)
    return all(np.allclose(a, b, atol=TOLERANCE) for a, b in pairs)
