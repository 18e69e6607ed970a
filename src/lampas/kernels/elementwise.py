"""The absolute value, with the slope that an error or a penalty wants at zero.

Bias and ReLU in one, with a gradient that needs the output alone.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ..core.variable import Array


def absolute(x: Array) -> Array:
    """|x|, of slope 0 at 0, so that what is right already is not pushed away."""
    return x * jnp.sign(x)


def bias_relu(y: Array, bias: Array) -> Array:
    """``max(y + bias, 0)`` along the last axis.

    Only the output is kept for the gradient, where ``relu(y + bias)`` keeps its input as well.
    """
    dtype = jnp.result_type(y, bias)
    return _bias_relu(y.astype(dtype), bias.astype(dtype))


@jax.custom_jvp
def _bias_relu(y: Array, bias: Array) -> Array:
    return jnp.maximum(y + bias, 0)


@_bias_relu.defjvp
def _(at: tuple[Array, Array], slopes: tuple[Array, Array]) -> tuple[Array, Array]:
    output = _bias_relu(*at)
    return output, jnp.where(output > 0, slopes[0] + slopes[1], 0)
