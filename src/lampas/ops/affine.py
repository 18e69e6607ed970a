"""The affine map ``x @ kernel + bias`` and the sum that is its bias's gradient."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ..core.variable import Array


def affine(x: Array, kernel: Array, bias: Array | None) -> Array:
    """``x @ kernel + bias`` over the last axis.

    Shape: x ``(..., inputs)``, kernel ``(inputs, units)``, bias ``(units,)`` -> ``(..., units)``.
    """
    y = x @ kernel
    return y if bias is None else add_bias(y, bias)


@jax.custom_vjp
def add_bias(y: Array, bias: Array) -> Array:
    """``y + bias`` along the last axis."""
    return y + bias


def _backward(bias: Array, dy: Array) -> tuple[Array, Array]:
    # A product with ones: XLA's reduction over the leading axes is many times slower on a CPU.
    rows = dy.reshape(-1, dy.shape[-1])
    ones = jnp.ones((1, rows.shape[0]), dy.dtype)
    return dy, (ones @ rows)[0].astype(bias.dtype)


add_bias.defvjp(lambda y, bias: (y + bias, bias), _backward)
