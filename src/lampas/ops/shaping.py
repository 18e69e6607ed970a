"""Functions that select, join and arrange elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import ShapeError, format_shape
from ..core.variable import Array
from ..graph.operation import operation
from .dispatch import Axis, Tensor, as_array, as_axes, exported_names


@operation
def get_item(x: Tensor, key: Any) -> Array:
    """``x[key]``."""
    return as_array(x)[key]


@operation
def reshape(x: Tensor, newshape: int | Sequence[int | None]) -> Array:
    """The elements in another shape, one size of which may be -1.

    Args:
        x: the array.
        newshape: the sizes; None, the size of the batch in the shape of a symbolic tensor, is
            taken as -1.

    Raises:
        ShapeError: if more than one size is open.

    Example:
        >>> import lampas as lp
        >>> x = lp.Input((4, 6))
        >>> lp.ops.reshape(x, (x.shape[0], 24)).shape
        (None, 24)
    """
    sizes = [newshape] if isinstance(newshape, int) else newshape
    sizes = [-1 if size is None else size for size in sizes]
    if sizes.count(-1) > 1:
        raise ShapeError(
            f"reshape to {format_shape(list(newshape))} leaves more than one size open. "  # type: ignore[arg-type]
            "Write all sizes but that of the batch, for which write -1."
        )
    return as_array(x).reshape(sizes)


@operation
def concatenate(xs: Sequence[Tensor], axis: int = 0) -> Array:
    """Arrays joined along an axis that they have."""
    return jnp.concatenate([as_array(x) for x in xs], axis)


@operation
def stack(x: Sequence[Tensor], axis: int = 0) -> Array:
    """Arrays of one shape joined along a new axis."""
    return jnp.stack([as_array(item) for item in x], axis)


@operation
def unstack(x: Tensor, num: int | None = None, axis: int = 0) -> list[Array]:
    """The slices of an array along an axis."""
    x = as_array(x)
    return [x.take(i, axis) for i in range(x.shape[axis])]


@operation
def hstack(xs: Sequence[Tensor]) -> Array:
    """Arrays joined along the second axis, or the only one."""
    return jnp.hstack([as_array(x) for x in xs])


@operation
def vstack(xs: Sequence[Tensor]) -> Array:
    """Arrays joined along the first axis; those of one axis are rows."""
    return jnp.vstack([as_array(x) for x in xs])


@operation
def append(x1: Tensor, x2: Tensor, axis: int | None = None) -> Array:
    """Two arrays joined along an axis, or as flat ones."""
    return jnp.append(as_array(x1), as_array(x2), axis)


@operation
def split(x: Tensor, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Array]:
    """A number of equal parts of an array, or those between indices."""
    return jnp.split(as_array(x), as_axes(indices_or_sections), axis)


@operation
def expand_dims(x: Tensor, axis: int | Sequence[int]) -> Array:
    """An array with new axes of size 1."""
    return jnp.expand_dims(as_array(x), axis)


@operation
def squeeze(x: Tensor, axis: Axis = None) -> Array:
    """An array without axes of size 1."""
    return jnp.squeeze(as_array(x), as_axes(axis))


@operation
def ravel(x: Tensor) -> Array:
    """All elements along one axis."""
    return as_array(x).ravel()


@operation
def transpose(x: Tensor, axes: Sequence[int] | None = None) -> Array:
    """An array with its axes in another order, by default reversed."""
    return jnp.transpose(as_array(x), axes)


@operation
def swapaxes(x: Tensor, axis1: int, axis2: int) -> Array:
    """An array with two axes exchanged."""
    return jnp.swapaxes(as_array(x), axis1, axis2)


@operation
def moveaxis(x: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Array:
    """An array with some axes moved to other places."""
    return jnp.moveaxis(as_array(x), source, destination)


@operation
def broadcast_to(x: Tensor, shape: Sequence[int]) -> Array:
    """An array repeated along axes of size 1 to a shape."""
    return jnp.broadcast_to(as_array(x), tuple(shape))


@operation
def repeat(x: Tensor, repeats: int | Sequence[int], axis: int | None = None) -> Array:
    """Each element along an axis several times."""
    return jnp.repeat(as_array(x), np.asarray(repeats), axis)


@operation
def tile(x: Tensor, repeats: int | Sequence[int]) -> Array:
    """The whole array several times along each axis."""
    return jnp.tile(as_array(x), repeats)


@operation
def flip(x: Tensor, axis: Axis = None) -> Array:
    """An array with its elements along axes in reverse."""
    return jnp.flip(as_array(x), as_axes(axis))


@operation
def roll(x: Tensor, shift: int | Sequence[int], axis: Axis = None) -> Array:
    """An array shifted along axes; what leaves at the end comes in at the beginning."""
    return jnp.roll(as_array(x), shift, as_axes(axis))


@operation
def rot90(array: Tensor, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Array:
    """An array turned ``k`` times by 90 degrees in the plane of two axes."""
    return jnp.rot90(as_array(array), k, axes)


@operation
def pad(x: Tensor, pad_width: Any, mode: str = "constant", constant_values: Any = None) -> Array:
    """An array with elements added before and after along each axis."""
    options = {} if constant_values is None else {"constant_values": constant_values}
    return jnp.pad(as_array(x), pad_width, mode, **options)


@operation
def take(x: Tensor, indices: Tensor, axis: int | None = None) -> Array:
    """The elements at indices along an axis, or of the flat array."""
    return jnp.take(as_array(x), as_array(indices), axis)


@operation
def take_along_axis(x: Tensor, indices: Tensor, axis: int | None = None) -> Array:
    """At each place along an axis, the element at the index that is there."""
    return jnp.take_along_axis(as_array(x), as_array(indices), axis)


@operation
def slice(inputs: Tensor, start_indices: Sequence[Any], shape: Sequence[int]) -> Array:
    """The part of a shape that begins at indices; -1 stands for the rest of an axis."""
    inputs = as_array(inputs)
    ends = zip(inputs.shape, start_indices, shape, strict=True)
    sizes = [size - start if length == -1 else length for size, start, length in ends]
    return jax.lax.dynamic_slice(inputs, start_indices, sizes)


@operation
def slice_update(inputs: Tensor, start_indices: Sequence[Any], updates: Tensor) -> Array:
    """An array with the part that begins at indices replaced."""
    return jax.lax.dynamic_update_slice(as_array(inputs), as_array(updates), start_indices)


@operation
def scatter_update(inputs: Tensor, indices: Tensor, updates: Tensor) -> Array:
    """An array with the elements at places replaced; each row of ``indices`` is a place."""
    return as_array(inputs).at[tuple(as_array(indices).T)].set(as_array(updates))


@operation
def tril(x: Tensor, k: int = 0) -> Array:
    """A matrix with zeros above its ``k``-th diagonal."""
    return jnp.tril(as_array(x), k)


@operation
def triu(x: Tensor, k: int = 0) -> Array:
    """A matrix with zeros below its ``k``-th diagonal."""
    return jnp.triu(as_array(x), k)


@operation
def diag(x: Tensor, k: int = 0) -> Array:
    """The ``k``-th diagonal of a matrix, or a matrix with that diagonal."""
    return jnp.diag(as_array(x), k)


@operation
def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Array:
    """A diagonal in the plane of two axes."""
    return jnp.diagonal(as_array(x), offset, axis1, axis2)


@operation
def meshgrid(*x: Tensor, indexing: str = "xy") -> list[Array]:
    """Arrays with the coordinates of the points of a grid."""
    return jnp.meshgrid(*map(as_array, x), indexing=indexing)


@operation
def fliplr(x: Tensor) -> Array:
    """An array with its second axis in reverse."""
    return jnp.fliplr(as_array(x))


@operation
def flipud(x: Tensor) -> Array:
    """An array with its first axis in reverse."""
    return jnp.flipud(as_array(x))


@operation
def array_split(x: Tensor, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Array]:
    """A number of parts of an array, whose sizes may differ by 1."""
    return jnp.array_split(as_array(x), as_axes(indices_or_sections), axis)


@operation
def scatter(indices: Tensor, values: Tensor, shape: Sequence[int]) -> Array:
    """An array of zeros to which values are added; each row of ``indices`` is a place."""
    values = as_array(values)
    return jnp.zeros(shape, values.dtype).at[tuple(as_array(indices).T)].add(values)


def nonzero(x: Tensor) -> tuple[Array, ...]:
    """The indices of the elements that are not zero, by axis."""
    return jnp.nonzero(as_array(x))


def unique(x: Tensor) -> Array:
    """The different elements in ascending order."""
    return jnp.unique(as_array(x))


if not TYPE_CHECKING:  # type checkers read the definitions, not a computed list
    __all__ = exported_names(globals())
