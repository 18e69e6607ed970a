"""Inputs of models: symbolic tensors, and the layer that stands for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from ..core.arguments import PositiveInt, check_arguments
from ..core.errors import ArgumentError
from ..core.masks import get_mask, set_mask
from ..core.module import Module
from ..core.variable import Array
from ..graph import SymbolicTensor, symbolic_input
from .base import Layer


class InputLayer(Layer):
    """The layer that returns one input of a model; :func:`Input` makes it.

    Args:
        shape: shape of one input without the batch axis, None for sizes that may vary.
        dtype: dtype of the values.
        name: name of the input.
        input_shape: the same as ``shape``.

    Shape: ``(batch, *shape)``, unchanged.

    Raises:
        ShapeError: when an input has another shape.

    Example:
        >>> import lampas as lp
        >>> model = lp.Sequential([lp.InputLayer((4,), name="flower"), lp.Dense(2)])
        >>> model.input
        <SymbolicTensor 'flower' float32(*, 4)>
    """

    casts_to_float: ClassVar[bool] = False

    def __init__(
        self,
        shape: Sequence[PositiveInt | None] | None = None,
        *,
        dtype: str | None = None,
        name: str | None = None,
        input_shape: Sequence[PositiveInt | None] | None = None,
    ) -> None:
        shape = input_shape if shape is None else shape
        if shape is None:
            raise ArgumentError("Input needs the shape of one input: Input((28, 28, 1)).")
        super().__init__(input_shape=tuple(shape))
        self.shape, self.name = tuple(shape), name
        if dtype in ("string", "str", str):
            raise ArgumentError(
                f"{type(self).__name__}: the inputs of a graph are numbers, got dtype={dtype!r}. "
                "Convert texts first, x = TextVectorization(...)(texts), or put the layer at the "
                "beginning of a Sequential, which takes texts."
            )
        self.dtype = np.dtype(dtype or "float32").name

    def forward(self, x: Array) -> Array:
        """The input in its dtype: 8-bit integers, for example, would overflow in arithmetic."""
        if jnp.issubdtype(x.dtype, jnp.floating) and jnp.issubdtype(self.dtype, jnp.floating):
            return x
        return set_mask(x.astype(self.dtype), get_mask(x))

    def tensor(self) -> SymbolicTensor:
        """A symbolic tensor for this input."""
        return symbolic_input(self, self.shape, self.dtype)


Module.registered_classes["Input"] = InputLayer  # its name in older files


@check_arguments
def Input(  # noqa: N802
    shape: Sequence[PositiveInt | None] | None = None,
    batch_size: PositiveInt | None = None,
    dtype: str | None = None,
    *,
    batch_shape: Sequence[PositiveInt | None] | None = None,
    name: str | None = None,
) -> Any:
    """A symbolic tensor for one input of a model, or the first item of a ``Sequential``.

    Layers that are called on it return symbolic tensors; ``Model(inputs, outputs)`` makes a model
    of them.

    Args:
        shape: shape of one input without the batch axis, None for sizes that may vary.
        batch_size: must be None: a model takes batches of any size.
        dtype: dtype of the values, float32 by default. Integers are passed on as they are.
        batch_shape: in place of ``shape``, the shape with the batch axis, whose size is None.
        name: name of the input.

    Raises:
        ArgumentError: if there is no shape, or a size of the batch.

    Example:
        >>> import lampas as lp
        >>> inputs = lp.Input((4,), name="flower")
        >>> hidden = lp.Dense(8, "relu")(inputs)
        >>> model = lp.Model(inputs, lp.Dense(3, "softmax")(hidden))
        >>> {path: variable.shape for path, variable in model.variables().items()}["dense_1/kernel"]
        (4, 8)
    """
    if batch_shape is not None:
        batch_size, *rest = batch_shape
        shape = tuple(rest)
    if batch_size is not None:
        raise ArgumentError(
            "Input: the size of the batch cannot be fixed. Leave it out; stateful recurrent layers "
            f"take it as LSTM(..., stateful=True, batch_size={batch_size})."
        )
    options: dict[str, Any] = {} if name is None else {"name": name}
    return InputLayer(shape, **options | ({} if dtype is None else {"dtype": dtype})).tensor()


def input_layer_of(value: object) -> InputLayer | None:
    """The layer of a symbolic tensor that :func:`Input` made; None for anything else."""
    if not isinstance(value, SymbolicTensor):
        return None
    module = value.node.module
    return module if isinstance(module, InputLayer) else None
