"""Convert data on the host to arrays of numbers that the device can hold.

The device computes in 32 bits. Without these checks, 64-bit integers would wrap around on their way
there, a masked array would lose its mask, and float64 values beyond float32 would become infinite.
"""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.dtypes import canonicalize_dtype

from .errors import DataError, format_shape

_ADVICE = {
    "O": "Rows of different lengths or texts cannot be trained on.",
    "c": "Give both parts as features: np.stack([x.real, x.imag], axis=-1).",
    "V": "Make its fields columns: numpy.lib.recfunctions.structured_to_unstructured(x).",
    **dict.fromkeys("Mm", "Count the days: (x - x.min()) / np.timedelta64(1, 'D')."),
    **dict.fromkeys(
        "UST", "Convert texts with TextVectorization, numbers that are texts with x.astype(float)."
    ),
}
"""What to do about arrays that are not numbers, by the kind of their dtype."""


def as_numbers(value: Any, name: str = "the data") -> Any:
    """An array of numbers in host memory, in a dtype whose values the device holds.

    Args:
        value: an array or tensor of any library, a number, or nested lists of numbers.
        name: name of the data in error messages.

    Returns:
        A NumPy array in native byte order, float64 if it has integers beyond the 32 bits of the
        device; a JAX array is returned as it is.

    Raises:
        DataError: for anything but real numbers, ragged rows, sparse arrays, masked values, and
            several arrays.
    """
    if isinstance(value, jax.Array):
        if value.dtype.kind == "c":
            raise _not_numbers(value, name)
        return value
    _check_container(value, name)
    if isinstance(value, list | tuple):
        value = [_detach(item) for item in value]
    try:
        array = np.asarray(_detach(value))
        if array.dtype == object:
            array = infer_objects(array)
    except (ValueError, TypeError, OverflowError, RuntimeError) as error:
        reason = "has rows of different lengths" if isinstance(error, ValueError) else "is invalid"
        raise DataError(f"{name} {reason}, not numbers of one shape: {error!s:.200}") from error
    check_dtype(array, name)
    return array.astype(host_dtype(array), copy=False)


def to_device(value: Any, name: str = "the data") -> jax.Array:
    """An array on the device, for data that is used at once.

    Args:
        value: as for :func:`as_numbers`.
        name: name of the data in error messages.

    Raises:
        DataError: as :func:`as_numbers`, and for numbers that are infinite as float32.
    """
    if isinstance(value, jax.core.Tracer):
        return value
    array = as_numbers(value, name)
    _check_overflow(array, name)
    return jnp.asarray(array)


def to_host(value: Any, name: str = "the data") -> Any:
    """``value`` with the numbers that the device holds if it is a NumPy array, else unchanged.

    Args:
        value: anything; complex arrays and those that are not numbers are returned unchanged.
        name: name of the data in error messages.

    Raises:
        DataError: as :func:`to_device`.
    """
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "biuf":
        return value
    array = as_numbers(value, name)
    _check_overflow(array, name)
    return array


def check_dtype(array: Any, name: str) -> None:
    """Raise DataError unless the dtype of an array is one of real numbers or booleans."""
    # Numbers of fewer bits than NumPy knows, such as bfloat16, are of the kind "V".
    if array.dtype.kind not in "biuf" and (
        array.dtype.kind != "V" or not jnp.issubdtype(array.dtype, np.number)
    ):
        raise _not_numbers(array, name)


def example_structs(tree: Any) -> Any:
    """Shapes and dtypes of arrays for a batch of one; None if a part is not an array of numbers."""
    kinds = [getattr(getattr(leaf, "dtype", None), "kind", "O") for leaf in jax.tree.leaves(tree)]
    if any(kind not in "biufV" for kind in kinds):
        return None

    def one_example(array: Any) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct((1, *array.shape[1:]), canonicalize_dtype(array.dtype))

    return jax.tree.map(one_example, tree)


def check_unmasked(value: Any, name: str) -> None:
    """Raise DataError if ``value`` is an array of NumPy's that masks some of its values."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise DataError(
            f"{name} masks {int(np.ma.getmaskarray(value).sum())} of its {value.size} values. Fill "
            "them in with .filled(value), or drop their rows."
        )


def host_dtype(array: Any) -> np.dtype[Any]:
    """The dtype in which the host keeps an array, so that the device's has the same values.

    Args:
        array: numbers; of those on the disk, some of the rows.
    """
    dtype = np.dtype(array.dtype).newbyteorder("=")
    if dtype.kind == "f" and dtype.itemsize > 8:
        return np.dtype(np.float64)
    if dtype.kind in "iu" and array.size and (on_device := canonicalize_dtype(dtype)) != dtype:
        limits = np.iinfo(on_device)
        if not limits.min <= array.min() <= array.max() <= limits.max:
            return np.dtype(np.float64)
    return dtype


def infer_objects(array: np.ndarray) -> np.ndarray:
    """An array of Python objects with the dtype of their values.

    Decimals, fractions and integers beyond 64 bits become float64.

    Raises:
        ValueError: for sequences of different lengths.
    """
    inferred = np.array(array.tolist())
    if inferred.dtype == object and all(isinstance(v, Real | Decimal) for v in inferred.flat):
        return inferred.astype(np.float64)
    return inferred


def _detach(value: Any) -> Any:
    """A PyTorch tensor in host memory, without its gradient; everything else as it is."""
    if not hasattr(value, "detach"):
        return value
    tensor = value.detach().cpu()
    return tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor


def _check_container(value: Any, name: str) -> None:
    """Raise DataError for what NumPy would convert to other numbers, or to no array at all."""
    if hasattr(value, "tocsr"):
        raise DataError(f"{name} is sparse; convert it to a dense array with .toarray().")
    check_unmasked(value, name)
    if not isinstance(value, list | tuple):
        return
    shapes = [item.shape for item in value if hasattr(item, "shape")]
    if any(map(len, shapes)) and (isinstance(value, tuple) or max(map(len, shapes)) > 1):
        raise DataError(
            f"{name} is a {type(value).__name__} of {len(value)} arrays of shapes "
            f"{', '.join(map(format_shape, shapes[:3]))}{', ...' * (len(shapes) > 3)}, where one "
            "array is needed. Join features, Concatenate()(x) or np.concatenate(x, axis=1), or "
            "examples, np.stack(x); several inputs are passed as a tuple to a model that has them."
        )
    for item in value:
        if isinstance(item, np.ma.MaskedArray) or hasattr(item, "tocsr"):
            _check_container(item, name)


def _not_numbers(array: Any, name: str) -> DataError:
    advice = _ADVICE.get(array.dtype.kind, "")
    if array.dtype == object and array.size:
        first = next((v for v in array.flat if not isinstance(v, Real | Decimal)), None)
        advice = f"It has {first!r:.40}, {type(first).__name__}. {advice}"
    elif array.dtype.kind in "UST" and name == "y":
        advice = "Number the classes: np.unique(y, return_inverse=True)[1]."
    return DataError(
        f"{name} must be numbers, got an array of dtype {array.dtype} and shape "
        f"{format_shape(array.shape)}. {advice}"
    )


def _check_overflow(array: Any, name: str) -> None:
    """Raise DataError for finite float64 values that are infinite on the device."""
    limit = float(np.finfo(np.float32).max)
    if array.dtype != np.float64 or canonicalize_dtype(np.float64) == np.float64 or not array.size:
        return
    if -limit <= array.min() and array.max() <= limit:
        return
    too_large = np.argwhere(np.isfinite(array) & (np.abs(array) > limit))
    if len(too_large):
        index = too_large[0].tolist()
        raise DataError(
            f"{name} has {array[tuple(index)]} at {index}, beyond the range of float32. Scale it."
        )
