"""Layers that merge several inputs into one, and the same as functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, ClassVar, Unpack

import jax
import jax.numpy as jnp

from .. import ops
from ..core.errors import ArgumentError, Shape, ShapeError, format_shape
from ..core.masks import get_mask
from ..core.module import describe_arrays
from ..core.symbolic import Symbolic
from ..core.variable import Array
from .base import Layer, LayerOptions, shapes_of


class Merge(Layer):
    """Base of the layers that are called with a list: ``layer([a, b])``.

    Subclasses write ``merge(x)`` for a list of arrays that fit, and may replace ``check(shapes)``.

    Args:
        **options: ``name``, as in :class:`Layer`.
    """

    casts_to_float: ClassVar[bool] = False
    takes_several_inputs: ClassVar[bool] = True
    count: ClassVar[int | None] = None
    """The number of inputs; None if there may be any."""

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        kind = type(self).__name__
        if not inputs or not isinstance(inputs[0], list | tuple) or len(inputs) > 1:
            raise ArgumentError(
                f"{kind} is called with a list of its inputs: layer([a, b]). Got "
                f"{describe_arrays(inputs) or 'nothing'}."
            )
        items = inputs[0]
        if len(items) != (self.count or max(1, len(items))):
            raise ArgumentError(f"{kind} merges {self.count or 'some'} inputs, got {len(items)}.")
        constants = [i for i, item in enumerate(items) if not isinstance(item, Symbolic)]
        if 0 < len(constants) < len(items):
            i = constants[0]
            raise ArgumentError(
                f"{kind} merges symbolic tensors, made by Input and by layers; input {i} is "
                f"{describe_arrays(items[i])}. Merge a constant by arithmetic, such as x + 2, or "
                "by a function of lampas.ops."
            )
        return super().__call__(*inputs, **options)

    def pre_forward(self, *inputs: Any) -> tuple[Any, ...]:
        """Convert each input to an array."""
        x = [self._convert(item) for item in inputs[0]]
        if self.built_shape is None:
            self._build(shapes_of(x))
        return (x,)

    def _check(self, x: Array) -> None:
        if x.ndim == 0:
            raise ShapeError("merges batches of inputs, got a single number.")

    def forward(self, x: list[Array]) -> Array:
        self.check([array.shape for array in x])
        return self.merge(x)

    def check(self, shapes: Sequence[Shape]) -> None:
        """Raise ShapeError for shapes that cannot be merged."""

    def merge(self, x: list[Array]) -> Array:
        """The output for inputs whose shapes fit."""
        raise NotImplementedError

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Array | None:
        """A step of the output is data if it is in one input, and all have a mask."""
        if len({x.ndim for x in inputs}) > 1:
            return None
        return reduce(_either, previous_mask)


class ElementwiseMerge(Merge):
    """Base of the layers that merge element by element.

    Sizes of 1 are repeated, and inputs of fewer axes get new ones after that of the batch.
    """

    def check(self, shapes: Sequence[Shape]) -> None:
        shapes = [_expanded(shape, shapes) for shape in shapes]
        for axis, sizes in enumerate(zip(*shapes, strict=True)):
            different = [i for i, n in enumerate(sizes) if n != 1 or axis == 0]
            for i in different[1:]:
                first = different[0]
                if sizes[i] != sizes[first]:
                    raise _mismatch(shapes, first, i, (axis, axis))

    def forward(self, x: list[Array]) -> Array:
        self.check(shapes := [array.shape for array in x])
        expanded = [_expanded(shape, shapes) for shape in shapes]
        # Those that have all axes remain the same objects, to which masks belong.
        pairs = zip(x, expanded, strict=True)
        return self.merge([a if a.shape == shape else a.reshape(shape) for a, shape in pairs])


class Add(ElementwiseMerge):
    """The sum of the inputs.

    Args:
        **options: ``name``, as in :class:`Layer`.

    Shape: inputs ``(batch, ...)`` of one shape; sizes of 1 are repeated.

    Raises:
        ShapeError: for shapes that do not fit.

    Example:
        >>> import lampas as lp
        >>> lp.Add()([[[1.0, 2.0]], [[3.0, 4.0]]]).tolist()
        [[4.0, 6.0]]
    """

    def merge(self, x: list[Array]) -> Array:
        return reduce(jnp.add, x)


class Subtract(ElementwiseMerge):
    """The first of two inputs minus the second.

    Args:
        **options: ``name``, as in :class:`Layer`.

    Shape: two inputs ``(batch, ...)`` of one shape; sizes of 1 are repeated.

    Raises:
        ArgumentError: unless there are two inputs.
        ShapeError: for shapes that do not fit.

    Example:
        >>> import lampas as lp
        >>> lp.Subtract()([[[1.0, 2.0]], [[3.0, 3.0]]]).tolist()
        [[-2.0, -1.0]]
    """

    count: ClassVar[int | None] = 2

    def merge(self, x: list[Array]) -> Array:
        return x[0] - x[1]


class Multiply(ElementwiseMerge):
    """The product of the inputs; a step that the mask of an input excludes is a factor of 1.

    Steps that all masks exclude are 0.

    Args:
        **options: ``name``, as in :class:`Layer`.

    Shape: inputs ``(batch, ...)`` of one shape; sizes of 1 are repeated.

    Raises:
        ShapeError: for shapes that do not fit.

    Example:
        >>> import lampas as lp
        >>> lp.Multiply()([[[1.0, 2.0]], [[3.0, 4.0]]]).tolist()
        [[3.0, 8.0]]
    """

    def merge(self, x: list[Array]) -> Array:
        product = reduce(jnp.multiply, [_select(get_mask(array), array, 1) for array in x])
        return _select(reduce(_either, map(get_mask, x)), product, 0)


class Average(ElementwiseMerge):
    """The mean of the inputs.

    Args:
        **options: ``name``, as in :class:`Layer`.

    Shape: inputs ``(batch, ...)`` of one shape; sizes of 1 are repeated.

    Raises:
        ShapeError: for shapes that do not fit.

    Example:
        >>> import lampas as lp
        >>> lp.Average()([[[1.0, 2.0]], [[3.0, 4.0]]]).tolist()
        [[2.0, 3.0]]
    """

    def merge(self, x: list[Array]) -> Array:
        return reduce(jnp.add, x) / len(x)


class Maximum(ElementwiseMerge):
    """The larger elements of the inputs; steps that the mask of an input excludes do not count.

    Args:
        **options: ``name``, as in :class:`Layer`.

    Shape: inputs ``(batch, ...)`` of one shape; sizes of 1 are repeated.

    Raises:
        ShapeError: for shapes that do not fit.

    Example:
        >>> import lampas as lp
        >>> lp.Maximum()([[[1.0, 4.0]], [[3.0, 2.0]]]).tolist()
        [[3.0, 4.0]]
    """

    def merge(self, x: list[Array]) -> Array:
        return _reduce_data(jnp.maximum, x)


class Minimum(ElementwiseMerge):
    """The smaller elements of the inputs; steps that the mask of an input excludes do not count.

    Args:
        **options: ``name``, as in :class:`Layer`.

    Shape: inputs ``(batch, ...)`` of one shape; sizes of 1 are repeated.

    Raises:
        ShapeError: for shapes that do not fit.

    Example:
        >>> import lampas as lp
        >>> lp.Minimum()([[[1.0, 4.0]], [[3.0, 2.0]]]).tolist()
        [[1.0, 2.0]]
    """

    def merge(self, x: list[Array]) -> Array:
        return _reduce_data(jnp.minimum, x)


class Concatenate(Merge):
    """The inputs one after the other along an axis.

    Masks are joined along axis 1, the steps; along another one, a step of the output is data if it
    is in one of the inputs.

    Args:
        axis: the axis, of which the sizes may differ.
        **options: ``name``, as in :class:`Layer`.

    Shape: inputs ``(batch, ...)`` that have the same sizes but for the axis.

    Raises:
        ShapeError: for shapes that do not fit.

    Example:
        >>> import lampas as lp
        >>> lp.Concatenate()([[[1.0, 2.0]], [[3.0]]]).tolist()
        [[1.0, 2.0, 3.0]]
    """

    def __init__(self, axis: int = -1, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.axis = axis

    @property
    def has_independent_rows(self) -> bool:
        """Whether each row of the output is made of the same row of the inputs."""
        return self.axis != 0

    def check(self, shapes: Sequence[Shape]) -> None:
        axis = _positive(self.axis, shapes[0])
        for i, shape in enumerate(shapes):
            if len(shape) != len(shapes[0]):
                raise ShapeError(
                    f"inputs of different numbers of axes, {_listed(shapes)}, cannot be "
                    "concatenated. Reshape or repeat one of them."
                )
            for k, (a, b) in enumerate(zip(shapes[0], shape, strict=True)):
                if a != b and k != axis:
                    raise _mismatch(shapes, 0, i, (k, k))

    def merge(self, x: list[Array]) -> Array:
        return jnp.concatenate(x, self.axis)

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Array | None:
        axis = self.axis % inputs[0].ndim
        if axis > 1:
            return super().compute_mask(inputs, previous_mask)
        if all(mask is None for mask in previous_mask):
            return None
        pairs = zip(inputs, previous_mask, strict=True)
        masks = [jnp.ones(x.shape[:2], bool) if mask is None else mask for x, mask in pairs]
        return jnp.concatenate(masks, axis)


class Dot(Merge):
    """The scalar products of vectors of two inputs, which lie along an axis of each.

    Args:
        axes: the axis of both inputs, or one for each, without that of the batch.
        normalize: whether the vectors are divided by their lengths, so that the products are the
            cosines of the angles between them.
        **options: ``name``, as in :class:`Layer`.

    Shape: the other axes of the first input, then those of the second without the batch;
        ``(batch, 1)`` if there are no other axes. The output has no mask.

    Raises:
        ArgumentError: for the axis of the batch, and unless there are two inputs.
        ShapeError: for vectors of different lengths.

    Example:
        >>> import lampas as lp
        >>> lp.Dot(axes=1)([[[1.0, 2.0]], [[3.0, 4.0]]]).tolist()
        [[11.0]]
    """

    count: ClassVar[int | None] = 2

    def __init__(
        self,
        axes: int | tuple[int, int],
        normalize: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        pair = (axes, axes) if isinstance(axes, int) else tuple(axes)
        if len(pair) != 2 or 0 in pair:
            raise ArgumentError(
                f"Dot: axes must be one axis, or two, without 0 for the batch, got {axes!r}."
            )
        self.axes = axes  # type: ignore[assignment, misc]
        self.normalize = normalize
        self._pair: tuple[int, int] = pair

    def check(self, shapes: Sequence[Shape]) -> None:
        first, second = (_positive(*item) for item in zip(self._pair, shapes, strict=True))
        if shapes[0][0] != shapes[1][0]:
            raise _mismatch(shapes, 0, 1, (0, 0))
        if shapes[0][first] != shapes[1][second]:
            raise _mismatch(shapes, 0, 1, (first, second))

    def merge(self, x: list[Array]) -> Array:
        axes = [axis % array.ndim for axis, array in zip(self._pair, x, strict=True)]
        if self.normalize:
            x = [ops.normalize(array, axis) for array, axis in zip(x, axes, strict=True)]
        first, second = (axis - 1 for axis in axes)
        products = jax.vmap(lambda a, b: jnp.tensordot(a, b, (first, second)))(*x)
        return products[:, None] if products.ndim == 1 else products

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Array | None:
        return None


def add(inputs: Sequence[Any], **options: Unpack[LayerOptions]) -> Any:
    """:class:`Add` as a function."""
    return Add(**options)(inputs)


def subtract(inputs: Sequence[Any], **options: Unpack[LayerOptions]) -> Any:
    """:class:`Subtract` as a function."""
    return Subtract(**options)(inputs)


def multiply(inputs: Sequence[Any], **options: Unpack[LayerOptions]) -> Any:
    """:class:`Multiply` as a function."""
    return Multiply(**options)(inputs)


def average(inputs: Sequence[Any], **options: Unpack[LayerOptions]) -> Any:
    """:class:`Average` as a function."""
    return Average(**options)(inputs)


def maximum(inputs: Sequence[Any], **options: Unpack[LayerOptions]) -> Any:
    """:class:`Maximum` as a function."""
    return Maximum(**options)(inputs)


def minimum(inputs: Sequence[Any], **options: Unpack[LayerOptions]) -> Any:
    """:class:`Minimum` as a function."""
    return Minimum(**options)(inputs)


def concatenate(inputs: Sequence[Any], axis: int = -1, **options: Unpack[LayerOptions]) -> Any:
    """:class:`Concatenate` as a function."""
    return Concatenate(axis, **options)(inputs)


def dot(
    inputs: Sequence[Any],
    axes: int | tuple[int, int] = -1,
    normalize: bool = False,
    **options: Unpack[LayerOptions],
) -> Any:
    """:class:`Dot` as a function."""
    return Dot(axes, normalize, **options)(inputs)


def _expanded(shape: Shape, shapes: Sequence[Shape]) -> Shape:
    """A shape with as many axes as the longest one; new axes follow that of the batch."""
    return (*shape[:1], *(1,) * (max(map(len, shapes)) - len(shape)), *shape[1:])


def _positive(axis: int, shape: Shape) -> int:
    if not -len(shape) <= axis < len(shape):
        raise ShapeError(f"an input of shape {format_shape(shape)} has no axis {axis}.")
    return axis % len(shape)


def _listed(shapes: Sequence[Shape]) -> str:
    return " and ".join(map(format_shape, shapes))


def _mismatch(shapes: Sequence[Shape], i: int, k: int, axes: tuple[int, int]) -> ShapeError:
    """An error for two of the shapes that differ in the sizes of axes."""
    sizes = shapes[i][axes[0]], shapes[k][axes[1]]
    names = f"axis {axes[0]}" if axes[0] == axes[1] else f"axes {axes[0]} and {axes[1]}"
    return ShapeError(
        f"inputs of shapes {_listed((shapes[i], shapes[k]))} cannot be merged: {names} "
        f"{'has' if axes[0] == axes[1] else 'have'} the sizes {sizes[0]} and {sizes[1]}, which "
        "must be the same."
    )


def _either(a: Array | None, b: Array | None) -> Array | None:
    """Steps that are data in one of two masks; None, which is all steps, if one is None."""
    return None if a is None or b is None else a | b


def _select(mask: Array | None, x: Array, other: Array | int) -> Array:
    """``x`` at the steps that are data, ``other`` at the rest."""
    if mask is None:
        return x
    return jnp.where(mask.reshape(*mask.shape, *(1,) * (x.ndim - mask.ndim)), x, other)


def _reduce_data(function: Callable[[Array, Array], Array], x: list[Array]) -> Array:
    """A function of pairs over all inputs; where one of a pair is no data, the other stands."""
    output, mask = x[0], get_mask(x[0])
    for array in x[1:]:
        array_mask = get_mask(array)
        array = _select(array_mask, array, output)
        output = function(_select(mask, output, array), array)
        mask = _either(mask, array_mask)
    return output
