"""Functions that create arrays, convert them, and tell their shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import ShapeError
from ..core.symbolic import Symbolic
from ..core.variable import Array
from .dispatch import Tensor, as_array, exported_names
from .elementwise import cast


def _as_shape(shape: int | Sequence[int]) -> Any:
    """A shape whose sizes are known.

    Raises:
        ShapeError: for None, the size of the batch in the shape of a symbolic tensor.
    """
    if shape is None or (isinstance(shape, tuple | list) and None in shape):
        raise ShapeError(
            "a size is None, since that of the batch is not known before the model is called. "
            "Write ones_like(x) or zeros_like(x), or compute it in a Lambda or a layer of your own."
        )
    return shape


def zeros(shape: int | Sequence[int], dtype: Any = None) -> Array:
    """An array of zeros, float32 by default."""
    return jnp.zeros(_as_shape(shape), dtype)


def ones(shape: int | Sequence[int], dtype: Any = None) -> Array:
    """An array of ones, float32 by default."""
    return jnp.ones(_as_shape(shape), dtype)


def empty(shape: int | Sequence[int], dtype: Any = None) -> Array:
    """The same as :func:`zeros`."""
    return jnp.zeros(_as_shape(shape), dtype)


def full(shape: int | Sequence[int], fill_value: Tensor, dtype: Any = None) -> Array:
    """An array with one value everywhere, float32 by default."""
    return jnp.full(_as_shape(shape), as_array(fill_value), dtype or jnp.float32)


def eye(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Array:
    """A matrix with ones on its ``k``-th diagonal, float32 by default."""
    return jnp.eye(N, M, k, dtype)


def identity(n: int, dtype: Any = None) -> Array:
    """The unit matrix, float32 by default."""
    return jnp.identity(n, dtype)


def tri(N: int, M: int | None = None, k: int = 0, dtype: Any = None) -> Array:
    """A matrix with ones on and below its ``k``-th diagonal, float32 by default."""
    return jnp.tri(N, M, k, dtype)


def arange(start: Any, stop: Any = None, step: Any = None, dtype: Any = None) -> Array:
    """Evenly spaced numbers from ``start``, or 0, up to and without ``stop``."""
    return jnp.arange(_as_shape(start), stop, step, dtype)


def linspace(
    start: Tensor,
    stop: Tensor,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """``num`` evenly spaced numbers from ``start`` to ``stop``."""
    ends = as_array(start), as_array(stop)
    return jnp.linspace(*ends, num, endpoint, retstep, dtype, axis)


def array(x: Tensor, dtype: Any = None) -> Any:
    """An array of JAX; the same as :func:`convert_to_tensor`."""
    return convert_to_tensor(x, dtype)


def convert_to_tensor(x: Tensor, dtype: Any = None) -> Any:
    """An array of JAX; a symbolic tensor remains one."""
    if isinstance(x, Symbolic):
        return x if dtype is None else cast(x, dtype)
    return as_array(x, dtype)


def convert_to_numpy(x: Tensor) -> np.ndarray:
    """A NumPy array in host memory."""
    return np.asarray(as_array(x))


def copy(x: Tensor) -> Array:
    """A copy of an array."""
    return jnp.array(as_array(x))


def is_tensor(x: Any) -> bool:
    """Whether ``x`` is an array of JAX or a symbolic tensor."""
    return isinstance(x, jax.Array | Symbolic)


def shape(x: Tensor) -> tuple[int | None, ...]:
    """The sizes of the axes; those of a symbolic tensor that are not known are None."""
    return x.shape if hasattr(x, "shape") else jnp.shape(as_array(x))


def ndim(x: Tensor) -> int:
    """The number of axes."""
    return len(shape(x))


def size(x: Tensor) -> int:
    """The number of elements."""
    return as_array(x).size


def dtype(x: Tensor) -> str:
    """The name of the dtype, such as ``"float32"``."""
    return np.dtype(x.dtype if hasattr(x, "dtype") else as_array(x).dtype).name


if not TYPE_CHECKING:  # type checkers read the definitions, not a computed list
    __all__ = exported_names(globals())
