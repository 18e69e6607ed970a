"""Embedding: a learnt vector for each of a number of things.

A bag of words and word pairs: one vector for a text, whatever its length.
"""

from __future__ import annotations

from typing import ClassVar, Unpack

import jax
import jax.numpy as jnp

from .. import initializers, regularizers
from ..core import context
from ..core.build import Initializer
from ..core.errors import ArgumentError, DataError, Shape
from ..core.masks import carry_mask, mask_of
from ..core.variable import Array, Regularizer
from .base import Layer, LayerOptions


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


_FACTORS = (2654435761, 40503)
"""Odd numbers that spread pairs over the buckets (Knuth's multiplicative hashing)."""


class EmbeddingBag(Layer):
    """The summed vectors of the words of a text and of its pairs of neighbouring words.

    As in fastText (Joulin et al., 2017): a word has a row of a table of its own, a pair one of
    ``buckets`` rows by its hash, and some pairs share one. The sum is divided by the root of the
    number of summands, which keeps its size alike for short and long texts. 0 is padding.

    Args:
        input_dim: how many different words there are, ``0 .. input_dim - 1``.
        output_dim: length of each vector.
        buckets: rows for pairs; 0 for words alone.
        dropout: share of the words that is left out of the sum in training.
        pair_dropout: the same of the pairs, which are rarer and sooner learnt by heart.

    Shape: ``(batch, steps) -> (batch, output_dim)``; zeros for a text of padding alone.
    """

    axes = ("batch", "steps")
    casts: ClassVar[bool] = False

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        buckets: int = 1 << 18,
        dropout: float = 0.0,
        pair_dropout: float = 0.0,
        *,
        embeddings_initializer: Initializer | str = "random_uniform",
        embeddings_regularizer: Regularizer | str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        for rate in (dropout, pair_dropout):
            if not 0.0 <= rate < 1.0:
                raise ArgumentError(f"dropout must be 0 or more and less than 1, got {rate}.")
        if buckets < 0:
            raise ArgumentError(f"buckets must be 0 or more, got {buckets}.")
        self.input_dim, self.output_dim = input_dim, output_dim
        self.buckets = buckets
        self.dropout, self.pair_dropout = dropout, pair_dropout

        def table(rows: int) -> Embedding:
            return Embedding(
                rows,
                output_dim,
                embeddings_initializer=embeddings_initializer,
                embeddings_regularizer=embeddings_regularizer,
            )

        self.words = table(input_dim)
        self.pairs = table(buckets) if buckets else None

    def forward(self, x: Array) -> Array:
        ids = x.astype(jnp.int32)
        there = ids != 0
        total, count = _summed(self.words(ids), there, self.dropout)
        if self.pairs is not None and ids.shape[1] > 1:
            both = there[:, 1:] & there[:, :-1]
            pairs, number = _summed(self.pairs(self._buckets(ids)), both, self.pair_dropout)
            total, count = total + pairs, count + number
        return total / jnp.sqrt(jnp.maximum(count, 1))

    def _buckets(self, ids: Array) -> Array:
        """The row of each pair, ``(batch, steps - 1)``."""
        words = ids.astype(jnp.uint32)
        first, second = (jnp.uint32(factor) for factor in _FACTORS)
        mixed = (words[:, :-1] * first + words[:, 1:] * second) >> 7
        return (mixed % jnp.uint32(self.buckets)).astype(jnp.int32)


def _summed(vectors: Array, there: Array, dropout: float) -> tuple[Array, Array]:
    """The sum of the vectors that are there, some left out in training, and their number."""
    weights = there.astype(vectors.dtype)
    count = jnp.sum(weights, 1, keepdims=True)
    if dropout and context.is_training():
        kept = jax.random.bernoulli(context.random_key(), 1 - dropout, there.shape)
        weights = weights * kept / (1 - dropout)
    return jnp.einsum("bsd,bs->bd", vectors, weights), count
