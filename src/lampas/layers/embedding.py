"""Embedding: a learnt vector for each of a number of things."""

from __future__ import annotations

from typing import ClassVar, Unpack

import jax
import jax.numpy as jnp

from .. import initializers, regularizers
from ..core.build import Initializer
from ..core.errors import ArgumentError, DataError, Shape
from ..core.masks import carry_mask, mask_of
from ..core.variable import Array, Regularizer
from .layer import Layer, LayerOptions


class Embedding(Layer):
    """Row ``i`` of a table for each whole number ``i``.

    Args:
        input_dim: how many different numbers there are, ``0 .. input_dim - 1``.
        output_dim: length of each vector.
        mask_zero: 0 is no thing but fills sequences up; the layers after this one skip it.

    Shape: ``(batch, ...) -> (batch, ..., output_dim)``.
    Raises DataError for numbers outside the table, where they can be seen (outside compiled code).
    """

    casts: ClassVar[bool] = False

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        *,
        embeddings_initializer: Initializer | str = "random_uniform",
        embeddings_regularizer: Regularizer | str | None = None,
        mask_zero: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if input_dim < 1 or output_dim < 1:
            raise ArgumentError(
                f"Embedding needs a table of at least 1 x 1, got {input_dim} x {output_dim}."
            )
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.mask_zero = mask_zero
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)

    def build(self, shape: Shape) -> None:
        self.embeddings = self.parameter(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            regularizer=self.embeddings_regularizer,
        )

    def forward(self, x: Array) -> Array:
        x = x.astype(jnp.int32)
        if not isinstance(x, jax.core.Tracer) and x.size:
            self._check_range(int(x.min()), int(x.max()))
        vectors = jnp.take(self.embeddings.value, x, axis=0, mode="clip")
        return carry_mask(vectors, x != 0 if self.mask_zero else mask_of(x))

    def _check_range(self, low: int, high: int) -> None:
        if low < 0 or high >= self.input_dim:
            wrong = low if low < 0 else high
            raise DataError(
                f"the table has rows 0 to {self.input_dim - 1}, the input contains {wrong}. "
                "Use a larger input_dim, or map unknown values to a row of their own."
            )
