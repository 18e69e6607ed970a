"""Elementwise functions with gradients of their own: absolute value, bias and ReLU."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ..core.variable import Array


def abs_zero_subgradient(x: Array) -> Array:
    """|x| with gradient 0 at 0, so that a loss does not push away what is already exact."""
    return x * jnp.sign(x)


def bias_relu(y: Array, bias: Array) -> Array:
    """``max(y + bias, 0)`` along the last axis.

    Only the output is stored for the gradient, where ``relu(y + bias)`` stores its input as well.
    """
    dtype = jnp.result_type(y, bias)
    return _bias_relu(y.astype(dtype), bias.astype(dtype))


@jax.custom_jvp
def _bias_relu(y: Array, bias: Array) -> Array:
    return jnp.maximum(y + bias, 0)


@_bias_relu.defjvp
def _jvp(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    output = _bias_relu(*primals)
    return output, jnp.where(output > 0, tangents[0] + tangents[1], 0)
