"""Functions along axes: sums, extremes, statistics, order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from ..core.variable import Array
from ..graph.operation import operation
from .dispatch import Axis, Tensor, as_array, as_axes, exported_names, reduction

all = reduction(jnp.all)
any = reduction(jnp.any)
argmax = reduction(jnp.argmax)
argmin = reduction(jnp.argmin)
logsumexp = reduction(jax.nn.logsumexp)
mean = reduction(jnp.mean)
median = reduction(jnp.median)
nanmax = reduction(jnp.nanmax)
nanmean = reduction(jnp.nanmean)
nanmin = reduction(jnp.nanmin)
nanprod = reduction(jnp.nanprod)
nanstd = reduction(jnp.nanstd)
nansum = reduction(jnp.nansum)
nanvar = reduction(jnp.nanvar)
ptp = reduction(jnp.ptp)
std = reduction(jnp.std)
sum = reduction(jnp.sum)
var = reduction(jnp.var)


@operation
def max(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Any:
    """The largest value along axes, at least ``initial``."""
    return jnp.max(as_array(x), as_axes(axis), keepdims=keepdims, initial=initial)


@operation
def min(x: Tensor, axis: Axis = None, keepdims: bool = False, initial: float | None = None) -> Any:
    """The smallest value along axes, at most ``initial``."""
    return jnp.min(as_array(x), as_axes(axis), keepdims=keepdims, initial=initial)


amax = reduction(jnp.amax)
amin = reduction(jnp.amin)


@operation
def prod(x: Tensor, axis: Axis = None, keepdims: bool = False, dtype: Any = None) -> Array:
    """The product along axes."""
    return jnp.prod(as_array(x), as_axes(axis), dtype, keepdims=keepdims)


@operation
def count_nonzero(x: Tensor, axis: Axis = None) -> Array:
    """Number of values along axes that are not zero."""
    return jnp.count_nonzero(as_array(x), as_axes(axis))


@operation
def average(x: Tensor, axis: Axis = None, weights: Tensor = None) -> Array:
    """The mean along axes, in which values may have weights."""
    weights = None if weights is None else as_array(weights)
    return jnp.average(as_array(x), as_axes(axis), weights)


@operation
def quantile(
    x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Array:
    """Quantiles along axes, for fractions ``q`` between 0 and 1."""
    q = as_array(q)
    return jnp.quantile(as_array(x), q, as_axes(axis), method=method, keepdims=keepdims)


@operation
def percentile(
    x: Tensor, q: Tensor, axis: Axis = None, method: str = "linear", keepdims: bool = False
) -> Array:
    """Percentiles along axes, for ``q`` between 0 and 100."""
    q = as_array(q)
    return jnp.percentile(as_array(x), q, as_axes(axis), method=method, keepdims=keepdims)


@operation
def allclose(
    x1: Tensor, x2: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Array:
    """Whether ``|x1 - x2| <= atol + rtol |x2|`` for all elements."""
    return jnp.allclose(as_array(x1), as_array(x2), rtol, atol, equal_nan)


@operation
def isin(x1: Tensor, x2: Tensor, assume_unique: bool = False, invert: bool = False) -> Array:
    """Whether each element of ``x1`` is one of those of ``x2``."""
    return jnp.isin(as_array(x1), as_array(x2), assume_unique, invert)


@operation
def cumsum(x: Tensor, axis: int | None = None, dtype: Any = None) -> Array:
    """Sums of the values up to each one along an axis."""
    return jnp.cumsum(as_array(x), axis, dtype)


@operation
def cumprod(x: Tensor, axis: int | None = None, dtype: Any = None) -> Array:
    """Products of the values up to each one along an axis."""
    return jnp.cumprod(as_array(x), axis, dtype)


@operation
def diff(a: Tensor, n: int = 1, axis: int = -1) -> Array:
    """Differences of neighbours along an axis, ``n`` times."""
    return jnp.diff(as_array(a), n, axis)


@operation
def sort(x: Tensor, axis: int = -1) -> Array:
    """The values along an axis in ascending order."""
    return jnp.sort(as_array(x), axis)


@operation
def argsort(x: Tensor, axis: int = -1) -> Array:
    """Indices by which the values along an axis are in ascending order."""
    return jnp.argsort(as_array(x), axis)


@operation
def top_k(x: Tensor, k: int, sorted: bool = True) -> tuple[Array, Array]:
    """The ``k`` largest values of the last axis in descending order, and their indices."""
    values, indices = jax.lax.top_k(as_array(x), k)
    return values, indices


@operation
def in_top_k(targets: Tensor, predictions: Tensor, k: int) -> Array:
    """Whether each target class is among the ``k`` with the highest predictions."""
    predictions, targets = as_array(predictions), as_array(targets)
    target_values = jnp.take_along_axis(predictions, targets[..., None], axis=-1)
    target_values = jnp.where(jnp.isnan(target_values), -jnp.inf, target_values)
    return (predictions > target_values).sum(-1) < k


def bincount(x: Tensor, weights: Tensor = None, minlength: int = 0) -> Array:
    """How often each integer from 0 occurs, or the sum of its weights."""
    weights = None if weights is None else as_array(weights)
    return jnp.bincount(as_array(x), weights, minlength=minlength)


@operation
def searchsorted(sorted_sequence: Tensor, values: Tensor, side: str = "left") -> Array:
    """Indices at which values would be inserted to keep a sequence in order."""
    return jnp.searchsorted(as_array(sorted_sequence), as_array(values), side=side)


@operation
def digitize(x: Tensor, bins: Tensor) -> Array:
    """Index of the bin of each value, for ascending limits ``bins``."""
    return jnp.digitize(as_array(x), as_array(bins))


@operation
def segment_sum(
    data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False
) -> Array:
    """Sums of the rows of each segment; ``num_segments`` is needed in a compiled function."""
    return jax.ops.segment_sum(
        as_array(data), as_array(segment_ids), num_segments, indices_are_sorted=sorted
    )


@operation
def segment_max(
    data: Tensor, segment_ids: Tensor, num_segments: int | None = None, sorted: bool = False
) -> Array:
    """Maxima of the rows of each segment; ``num_segments`` is needed in a compiled function."""
    return jax.ops.segment_max(
        as_array(data), as_array(segment_ids), num_segments, indices_are_sorted=sorted
    )


if not TYPE_CHECKING:  # type checkers read the definitions, not a computed list
    __all__ = exported_names(globals())
