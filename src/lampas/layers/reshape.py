"""Layers that change the shape and nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Unpack

from ..core.errors import ShapeError, show_shape
from ..core.variable import Array
from .layer import Layer, LayerOptions


class Input(Layer):
    """Declares the shape of one input, without the batch axis, at the head of a Sequential.

    Shape: ``(batch, *shape) -> (batch, *shape)``.
    """

    casts: ClassVar[bool] = False

    def __init__(self, shape: Sequence[int], *, name: str | None = None) -> None:
        super().__init__(input_shape=shape)
        self.name = name

    def forward(self, x: Array) -> Array:
        if self.input_shape is not None and x.shape[1:] != self.input_shape:
            raise ShapeError(
                f"the model takes inputs of shape {show_shape((None, *self.input_shape))}, "
                f"got {show_shape(x.shape)}."
            )
        return x


class Flatten(Layer):
    """All axes but the batch become one: ``(batch, ...) -> (batch, features)``."""

    casts: ClassVar[bool] = False

    def forward(self, x: Array) -> Array:
        return x.reshape(x.shape[0], math.prod(x.shape[1:]))


class Reshape(Layer):
    """Give each input another shape: ``(batch, ...) -> (batch, *target_shape)``.

    One size may be -1 and follows from the others.
    Raises ShapeError when the number of elements differs.
    """

    casts: ClassVar[bool] = False

    def __init__(self, target_shape: Sequence[int], **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.target_shape = tuple(target_shape)

    def next_mask(self, mask: Array, output: Array) -> None:
        """None: the steps are others now."""

    def forward(self, x: Array) -> Array:
        try:
            return x.reshape(x.shape[0], *self.target_shape)
        except TypeError as error:
            raise ShapeError(
                f"can not reshape {show_shape(x.shape[1:])} ({math.prod(x.shape[1:])} elements) "
                f"to {show_shape(self.target_shape)}. The sizes of both, the batch left out, must "
                "have the same product; one of target_shape may be -1."
            ) from error
