"""Activations, encodings of classes, normalization and losses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from ..core.errors import ShapeError, format_shape
from ..core.variable import Array
from ..graph.operation import elementwise, operation
from ..kernels import pool as kernels
from ..kernels.windows import Pads, Sizes, check_padding, explicit_padding, per_axis
from .dispatch import Axis, Tensor, as_array, as_axes, exported_names, unary

EPSILON = 1e-7
"""What probabilities and norms are kept away from 0 by."""

hard_sigmoid = unary(jax.nn.hard_sigmoid)
hard_silu = hard_swish = unary(jax.nn.hard_silu)
hard_tanh = unary(jax.nn.hard_tanh)
log_sigmoid = unary(jax.nn.log_sigmoid)
relu = unary(jax.nn.relu)
relu6 = unary(jax.nn.relu6)
selu = unary(jax.nn.selu)
sigmoid = unary(jax.nn.sigmoid)
silu = swish = unary(jax.nn.silu)
softplus = unary(jax.nn.softplus)
softsign = unary(jax.nn.soft_sign, "softsign")
sparse_plus = unary(jax.nn.sparse_plus)
sparse_sigmoid = unary(jax.nn.sparse_sigmoid)


@elementwise
def leaky_relu(x: Tensor, negative_slope: float = 0.2) -> Array:
    """x where x > 0, else ``negative_slope`` x."""
    return jax.nn.leaky_relu(as_array(x), negative_slope)


@elementwise
def elu(x: Tensor, alpha: float = 1.0) -> Array:
    """x where x > 0, else ``alpha`` (e^x - 1)."""
    return jax.nn.elu(as_array(x), alpha)


@elementwise
def celu(x: Tensor, alpha: float = 1.0) -> Array:
    """x where x > 0, else ``alpha`` (e^(x / alpha) - 1)."""
    return jax.nn.celu(as_array(x), alpha)


@elementwise
def gelu(x: Tensor, approximate: bool = True) -> Array:
    """x times the normal distribution function of x, by default approximated by tanh."""
    return jax.nn.gelu(as_array(x), approximate)


@elementwise
def squareplus(x: Tensor, b: float = 4) -> Array:
    """(x + sqrt(x^2 + b)) / 2, a smooth relu."""
    return jax.nn.squareplus(as_array(x), b)


@elementwise
def tanh_shrink(x: Tensor) -> Array:
    """x - tanh(x)."""
    x = as_array(x)
    return x - jnp.tanh(x)


@elementwise
def hard_shrink(x: Tensor, threshold: float = 0.5) -> Array:
    """x where |x| > ``threshold``, else 0."""
    x = as_array(x)
    return jnp.where(jnp.abs(x) > threshold, x, 0.0)


@elementwise
def soft_shrink(x: Tensor, threshold: float = 0.5) -> Array:
    """x moved towards 0 by ``threshold``, at most to 0."""
    x = as_array(x)
    return x - jnp.clip(x, -threshold, threshold)


@elementwise
def threshold(x: Tensor, threshold: float, default_value: float) -> Array:
    """x where x > ``threshold``, else ``default_value``."""
    x = as_array(x)
    return jnp.where(x > threshold, x, default_value)


@operation
def glu(x: Tensor, axis: int = -1) -> Array:
    """The first half of an axis times the sigmoid of the second (Dauphin et al., 2017)."""
    return jax.nn.glu(as_array(x), axis)


@operation
def softmax(x: Tensor, axis: Axis = -1) -> Array:
    """e^x / sum(e^x) along axes."""
    return jax.nn.softmax(as_array(x), as_axes(axis))


@operation
def log_softmax(x: Tensor, axis: Axis = -1) -> Array:
    """log(softmax(x)) along axes."""
    return jax.nn.log_softmax(as_array(x), as_axes(axis))


@operation
def one_hot(x: Tensor, num_classes: int, axis: int = -1, dtype: Any = None) -> Array:
    """A new axis that is 1 at the class and 0 elsewhere, float32 by default."""
    return jax.nn.one_hot(as_array(x), num_classes, axis=axis, dtype=dtype)


@operation
def multi_hot(inputs: Tensor, num_classes: int, axis: int = -1, dtype: Any = None) -> Array:
    """1 at each of the classes of a row and 0 elsewhere, float32 by default."""
    inputs = as_array(inputs)
    classes = jax.nn.one_hot(inputs, num_classes, axis=axis, dtype=dtype)
    return classes.max(1 if inputs.ndim > 1 else 0)


@operation
def normalize(x: Tensor, axis: int = -1, order: int = 2, epsilon: float | None = None) -> Array:
    """x divided by its norm of an order along an axis."""
    x, epsilon = as_array(x), EPSILON if epsilon is None else epsilon
    if order == 2:  # the gradient at 0 is 0, not NaN
        square_sum = jnp.square(x).sum(axis, keepdims=True)
        return x * jax.lax.rsqrt(jnp.maximum(square_sum, epsilon**2))
    return x / jnp.maximum(jnp.linalg.norm(x, order, axis, keepdims=True), epsilon)


@operation
def moments(x: Tensor, axes: int | Sequence[int], keepdims: bool = False) -> tuple[Array, Array]:
    """Mean and variance along axes."""
    x, axes = as_array(x), as_axes(axes)
    return x.mean(axes, keepdims=keepdims), x.var(axes, keepdims=keepdims)


@operation
def layer_normalization(
    x: Tensor,
    gamma: Tensor = None,
    beta: Tensor = None,
    axis: Axis = -1,
    epsilon: float | None = None,
) -> Array:
    """x with mean 0 and variance 1 along axes, times ``gamma`` plus ``beta`` (Ba et al., 2016)."""
    x, axes = as_array(x), as_axes(axis)
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    y = (x - mean) * jax.lax.rsqrt(variance + (EPSILON if epsilon is None else epsilon))
    y = y if gamma is None else y * as_array(gamma)
    return y if beta is None else y + as_array(beta)


@operation
def max_pool(
    inputs: Tensor,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
) -> Array:
    """The largest value of each window over the axes between batch and channels."""
    inputs = as_array(inputs)
    return kernels.max_pool(inputs, *_windows(inputs, pool_size, strides, padding))


@operation
def average_pool(
    inputs: Tensor,
    pool_size: int | Sequence[int],
    strides: int | Sequence[int] | None = None,
    padding: str = "valid",
) -> Array:
    """The mean of each window over the axes between batch and channels."""
    inputs = as_array(inputs)
    return kernels.average_pool(inputs, *_windows(inputs, pool_size, strides, padding))


def _windows(
    x: Array, size: int | Sequence[int], strides: int | Sequence[int] | None, padding: str
) -> tuple[Sizes, Sizes, Pads]:
    """Sizes, strides and padding of the windows of pooling."""
    rank = x.ndim - 2
    window = per_axis("pool_size", size, rank)
    steps = window if strides is None else per_axis("strides", strides, rank)
    return window, steps, explicit_padding(x.shape[1:-1], window, steps, check_padding(padding))


@operation
def binary_crossentropy(target: Tensor, output: Tensor, from_logits: bool = False) -> Array:
    """The cross-entropy of each element with a probability, or a logit.

    Raises:
        ShapeError: for different shapes.
    """
    target, output = as_array(target), as_array(output)
    _check_shapes(target.shape, output.shape)
    if from_logits:
        return jax.nn.softplus(output) - target * output
    output = jnp.clip(output, EPSILON, 1 - EPSILON)
    return -(target * jnp.log(output) + (1 - target) * jnp.log1p(-output))


@operation
def categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Array:
    """The cross-entropy of one-hot classes with probabilities, or logits, along an axis.

    Raises:
        ShapeError: for different shapes.
    """
    target, output = as_array(target), as_array(output)
    _check_shapes(target.shape, output.shape)
    return -(target * _log_probabilities(output, from_logits, axis)).sum(axis)


@operation
def sparse_categorical_crossentropy(
    target: Tensor, output: Tensor, from_logits: bool = False, axis: int = -1
) -> Array:
    """The cross-entropy of class numbers with probabilities, or logits, along an axis.

    Raises:
        ShapeError: unless there is one class for all outputs along the axis.
    """
    target, output = as_array(target), as_array(output)
    if target.ndim == output.ndim and target.shape[-1] == 1:
        target = target[..., 0]
    _check_shapes(target.shape, output.shape[:axis] + output.shape[axis:][1:])
    classes = jax.nn.one_hot(target, output.shape[axis], axis=axis)
    return -(classes * _log_probabilities(output, from_logits, axis)).sum(axis)


def _log_probabilities(output: Array, from_logits: bool, axis: int) -> Array:
    if from_logits:
        return jax.nn.log_softmax(output, axis)
    output = output / output.sum(axis, keepdims=True)
    return jnp.log(jnp.clip(output, EPSILON, 1 - EPSILON))


def _check_shapes(target: Sequence[int], expected: Sequence[int]) -> None:
    if target != expected:
        raise ShapeError(
            f"the target must have shape {format_shape(expected)}, got {format_shape(target)}."
        )


if not TYPE_CHECKING:  # type checkers read the definitions, not a computed list
    __all__ = exported_names(globals())
