"""Shapes of inputs as users write them: of one input, or a list or dict of such."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ..core.errors import ArgumentError

InputShape = Sequence[Any] | Mapping[str, Any]
"""Shape of one input, or a list or dict of such; None stands for a size that may vary."""


def read_shape(shape: InputShape) -> Any:
    """Shapes as tuples, in lists and dicts, without the batch axis that Keras writes as None.

    Raises:
        ArgumentError: for an argument that is not a shape.
    """
    if isinstance(shape, Mapping):
        return {name: read_shape(part) for name, part in shape.items()}
    if not isinstance(shape, Sequence) or isinstance(shape, str):
        raise ArgumentError(
            "input_shape is the shape of one input, such as (28, 28, 1), or a list or dict of "
            f"shapes; got {shape!r:.60}."
        )
    if any(isinstance(part, Sequence | Mapping) for part in shape):
        return [read_shape(part) for part in shape]
    sizes = shape[1:] if tuple(shape[:1]) == (None,) else shape
    try:
        return tuple(None if size is None else operator.index(size) for size in sizes)
    except TypeError:
        raise ArgumentError(
            f"input_shape={shape!r:.60}: each size is an integer, or None if it may vary."
        ) from None


def shape_structs(shapes: Any, unknown: int) -> Any:
    """A batch of one input of each shape, without values.

    Args:
        shapes: what :func:`read_shape` returns.
        unknown: takes the place of sizes that may vary.
    """

    def batch(shape: tuple[int | None, ...]) -> jax.ShapeDtypeStruct:
        sizes = (unknown if size is None else size for size in shape)
        return jax.ShapeDtypeStruct((1, *sizes), jnp.float32)

    return jax.tree.map(batch, shapes, is_leaf=lambda part: isinstance(part, tuple))
