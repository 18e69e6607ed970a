"""Functions of each element, or of each pair of elements of two arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.dtypes import canonicalize_dtype

from ..core.variable import Array
from ..graph.operation import elementwise
from .dispatch import Tensor, as_array, binary, exported_names, unary

absolute = abs = unary(jnp.absolute)
arccos = unary(jnp.arccos)
arccosh = unary(jnp.arccosh)
arcsin = unary(jnp.arcsin)
arcsinh = unary(jnp.arcsinh)
arctan = unary(jnp.arctan)
arctanh = unary(jnp.arctanh)
bitwise_not = bitwise_invert = unary(jnp.bitwise_not)
cbrt = unary(jnp.cbrt)
ceil = unary(jnp.ceil)
cos = unary(jnp.cos)
cosh = unary(jnp.cosh)
deg2rad = unary(jnp.deg2rad)
erf = unary(jax.lax.erf)
erfc = unary(jax.lax.erfc)
erfinv = unary(jax.lax.erf_inv, "erfinv")
exp = unary(jnp.exp)
exp2 = unary(jnp.exp2)
expm1 = unary(jnp.expm1)
fabs = unary(jnp.fabs)
floor = unary(jnp.floor)
isfinite = unary(jnp.isfinite)
isinf = unary(jnp.isinf)
isnan = unary(jnp.isnan)
isneginf = unary(jnp.isneginf)
isposinf = unary(jnp.isposinf)
log = unary(jnp.log)
log10 = unary(jnp.log10)
log1p = unary(jnp.log1p)
log2 = unary(jnp.log2)
logical_not = unary(jnp.logical_not)
negative = unary(jnp.negative)
rad2deg = unary(jnp.rad2deg)
reciprocal = unary(jnp.reciprocal)
rsqrt = unary(jax.lax.rsqrt)
sign = unary(jnp.sign)
signbit = unary(jnp.signbit)
sin = unary(jnp.sin)
sinc = unary(jnp.sinc)
sinh = unary(jnp.sinh)
sqrt = unary(jnp.sqrt)
square = unary(jnp.square)
stop_gradient = unary(jax.lax.stop_gradient)
tan = unary(jnp.tan)
tanh = unary(jnp.tanh)
trunc = unary(jnp.trunc)

add = binary(jnp.add)
arctan2 = binary(jnp.arctan2)
bitwise_and = binary(jnp.bitwise_and)
bitwise_or = binary(jnp.bitwise_or)
bitwise_xor = binary(jnp.bitwise_xor)
divide = binary(jnp.divide)
equal = binary(jnp.equal)
floor_divide = binary(jnp.floor_divide)
fmax = binary(jnp.fmax)
fmin = binary(jnp.fmin)
fmod = binary(jnp.fmod)
gcd = binary(jnp.gcd)
greater = binary(jnp.greater)
greater_equal = binary(jnp.greater_equal)
heaviside = binary(jnp.heaviside)
hypot = binary(jnp.hypot)
lcm = binary(jnp.lcm)
left_shift = bitwise_left_shift = binary(jnp.left_shift)
less = binary(jnp.less)
less_equal = binary(jnp.less_equal)
logaddexp = binary(jnp.logaddexp)
logaddexp2 = binary(jnp.logaddexp2)
logical_and = binary(jnp.logical_and)
logical_or = binary(jnp.logical_or)
logical_xor = binary(jnp.logical_xor)
maximum = binary(jnp.maximum)
minimum = binary(jnp.minimum)
mod = binary(jnp.mod)
multiply = binary(jnp.multiply)
not_equal = binary(jnp.not_equal)
power = binary(jnp.power)
right_shift = bitwise_right_shift = binary(jnp.right_shift)
subtract = binary(jnp.subtract)
true_divide = binary(jnp.true_divide)


@elementwise
def divide_no_nan(x1: Tensor, x2: Tensor) -> Array:
    """The quotient, 0 where the divisor is 0."""
    x1, x2 = as_array(x1), as_array(x2)
    return jnp.where(x2 == 0, 0, x1 / jnp.where(x2 == 0, 1, x2))


@elementwise
def clip(x: Tensor, x_min: Tensor, x_max: Tensor) -> Array:
    """Values below ``x_min`` or above ``x_max`` become these; None stands for no limit."""
    limits = (None if limit is None else as_array(limit) for limit in (x_min, x_max))
    return jnp.clip(as_array(x), *limits)


@elementwise
def where(condition: Tensor, x1: Tensor = None, x2: Tensor = None) -> Any:
    """``x1`` where the condition is true, else ``x2``; without them the indices where it is."""
    if x1 is None or x2 is None:
        return jnp.where(as_array(condition))
    return jnp.where(as_array(condition), as_array(x1), as_array(x2))


@elementwise
def round(x: Tensor, decimals: int = 0) -> Array:
    """Values rounded to a number of decimals, halves to the even neighbour."""
    return jnp.round(as_array(x), decimals)


@elementwise
def nan_to_num(
    x: Tensor, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Array:
    """Numbers in place of NaN and infinity; by default the largest ones for infinity."""
    return jnp.nan_to_num(as_array(x), nan=nan, posinf=posinf, neginf=neginf)


@elementwise
def isclose(
    x1: Tensor, x2: Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> Array:
    """Whether ``|x1 - x2| <= atol + rtol |x2|``."""
    return jnp.isclose(as_array(x1), as_array(x2), rtol, atol, equal_nan)


@elementwise
def cast(x: Tensor, dtype: Any) -> Array:
    """The values in another dtype, such as ``"float32"``; 64 bits become 32."""
    return as_array(x).astype(canonicalize_dtype(dtype))


@elementwise
def ones_like(x: Tensor, dtype: Any = None) -> Array:
    """An array of ones of the shape of ``x``."""
    return jnp.ones_like(as_array(x), dtype)


@elementwise
def zeros_like(x: Tensor, dtype: Any = None) -> Array:
    """An array of zeros of the shape of ``x``."""
    return jnp.zeros_like(as_array(x), dtype)


@elementwise
def full_like(x: Tensor, fill_value: Tensor, dtype: Any = None) -> Array:
    """An array of the shape of ``x`` with one value everywhere."""
    return jnp.full_like(as_array(x), as_array(fill_value), dtype)


@elementwise
def empty_like(x: Tensor, dtype: Any = None) -> Array:
    """The same as :func:`zeros_like`."""
    return jnp.zeros_like(as_array(x), dtype)


@elementwise
def saturate_cast(x: Tensor, dtype: Any) -> Array:
    """The values in another dtype; those beyond its range become its limits."""
    x, dtype = as_array(x), jnp.dtype(dtype)
    if jnp.issubdtype(dtype, jnp.integer):
        x = jnp.clip(x, np.iinfo(dtype).min, np.iinfo(dtype).max)
    return x.astype(dtype)


if not TYPE_CHECKING:  # type checkers read the definitions, not a computed list
    __all__ = exported_names(globals())
