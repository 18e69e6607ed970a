"""Embedding layers: a learned vector per token, and the sum of such vectors per text."""

from __future__ import annotations

import operator
from typing import Any, ClassVar, Unpack

import jax
import jax.numpy as jnp
import numpy as np

from .. import constraints, initializers, regularizers
from ..core import context
from ..core.arguments import NonNegativeInt, PositiveInt, ProperFraction
from ..core.build import Initializer
from ..core.errors import DataError, Shape
from ..core.masks import get_mask, set_mask
from ..core.variable import Array, Regularizer, WeightConstraint
from .base import Layer, ShapeOptions
from .weights import make_weight


class Embedding(Layer):
    """Replace each integer ``i`` by row ``i`` of a trainable table.

    Args:
        input_dim: number of rows; valid inputs are ``0 .. input_dim - 1``.
        output_dim: length of each vector.
        embeddings_initializer: draws the initial table.
        embeddings_regularizer: penalty for the table.
        embeddings_constraint: computes from the updated table the one that is kept.
        mask_zero: whether 0 is padding; the layers that follow then ignore these steps.
        input_length: the number of steps, short for ``input_shape=(input_length,)``.
        weights: the initial table, or a list of it; short for
            ``embeddings_initializer=Constant(table)``. With ``trainable=False`` it stays as it is.
        **options: as in :class:`Layer`, except for ``input_dim``.

    Shape: ``(batch, ...) -> (batch, ..., output_dim)``.

    Raises:
        DataError: for indices that are not in the table. ``fit``, ``evaluate``, ``predict`` and a
            direct call check them, where the layer gets an input of the model or columns of it.
            Indices that are computed in compiled code cannot be checked: the vectors of wrong ones
            are NaN.

    Example:
        >>> import lampas as lp
        >>> lp.Embedding(10, 4)([[1, 2, 3]]).shape
        (1, 3, 4)
    """

    casts_to_float: ClassVar[bool] = False

    def __init__(
        self,
        input_dim: PositiveInt,
        output_dim: PositiveInt,
        *,
        embeddings_initializer: Initializer | str = "random_uniform",
        embeddings_regularizer: Regularizer | str | None = None,
        embeddings_constraint: WeightConstraint | str | None = None,
        mask_zero: bool = False,
        input_length: PositiveInt | None = None,
        weights: Any | None = None,
        **options: Unpack[ShapeOptions],
    ) -> None:
        super().__init__(**options)
        if weights is not None:
            table = weights[0] if isinstance(weights, list | tuple) else weights
            embeddings_initializer = initializers.Constant(np.asarray(table, np.float32))
        if input_length is not None:
            self.input_shape = (operator.index(input_length),)
        self.input_dim = input_dim
        self.output_dim = output_dim
        self.mask_zero = mask_zero
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)

    def build(self, shape: Shape) -> None:
        self.embeddings = make_weight(self, "embeddings", (self.input_dim, self.output_dim))

    @property
    def num_indices(self) -> int:
        """How many different integers the layer takes, from 0 on."""
        return self.input_dim

    def forward(self, x: Array) -> Array:
        if not isinstance(x, jax.core.Tracer):
            check_indices(x, self.input_dim, "the input")
        mask = x != 0 if self.mask_zero else get_mask(x)
        x = x.astype(jnp.int32)
        vectors = jnp.take(self.embeddings.value, x, axis=0, mode="clip")
        # Adding NaN marks what compiled code cannot report, and has no part in backpropagation.
        valid = (x >= 0) & (x < self.input_dim)
        return set_mask(
            vectors + jnp.where(valid, 0, jnp.nan).astype(vectors.dtype)[..., None], mask
        )


def check_indices(indices: Any, count: int, name: str, first_row: int = 0) -> None:
    """Raise DataError unless all are whole numbers from 0 to ``count - 1``.

    Args:
        indices: an array, first axis the examples.
        count: number of rows in the table.
        name: name of the indices in error messages.
        first_row: the row of the first example in the data.
    """
    if not indices.size:
        return
    fractional = jnp.issubdtype(indices.dtype, jnp.floating) and bool((indices % 1 != 0).any())
    if not fractional and indices.min() >= 0 and indices.max() < count:
        return
    values = np.asarray(indices)
    wrong = np.argwhere(~((values >= 0) & (values < count) & (values == np.floor(values))))
    index = wrong[0].tolist()
    raise DataError(
        f"{name} has the index {values[tuple(index)]} in row {first_row + index[0]} "
        f"({np.unique(wrong[:, 0]).size} such rows); the table of {count} rows has the integer "
        f"indices 0 to {count - 1}. Use a larger input_dim, or map unknown values to a row "
        "reserved for them."
    )


_HASH_FACTORS = (2654435761, 40503)
"""Odd numbers that distribute pairs over the buckets (Knuth's multiplicative hashing)."""


class EmbeddingBag(Layer):
    """Sum of the vectors of a text's words and of its pairs of neighboring words.

    As in fastText (Joulin et al., 2017), every word has its own row in a table, and pairs are
    hashed to ``buckets`` rows, so several pairs may share one. The sum is divided by the square
    root of the number of summands, so that its scale is similar for short and long texts. 0 is
    padding.

    Args:
        input_dim: number of different words; valid inputs are ``0 .. input_dim - 1``.
        output_dim: length of each vector.
        buckets: number of rows for pairs; 0 to use words alone.
        dropout: fraction of the words left out of the sum in training.
        pair_dropout: the same for the pairs, which are rarer and therefore overfitted sooner.
        embeddings_initializer: draws the initial tables.
        embeddings_regularizer: penalty for each table.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps) -> (batch, output_dim)``; zeros for a text of padding alone.

    Raises:
        DataError: for indices that are not in the table, as :class:`Embedding`.

    Example:
        >>> import lampas as lp
        >>> lp.EmbeddingBag(10, 4, buckets=16)([[5, 2, 0], [1, 0, 0]]).shape
        (2, 4)
    """

    axes = ("batch", "steps")
    casts_to_float: ClassVar[bool] = False

    def __init__(
        self,
        input_dim: PositiveInt,
        output_dim: PositiveInt,
        buckets: NonNegativeInt = 1 << 18,
        dropout: ProperFraction = 0.0,
        pair_dropout: ProperFraction = 0.0,
        *,
        embeddings_initializer: Initializer | str = "random_uniform",
        embeddings_regularizer: Regularizer | str | None = None,
        **options: Unpack[ShapeOptions],
    ) -> None:
        super().__init__(**options)
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
        is_word = ids != 0
        total, count = _sum_vectors(self.words(x), is_word, self.dropout)
        if self.pairs is not None and ids.shape[1] > 1:
            is_pair = is_word[:, 1:] & is_word[:, :-1]
            vectors = self.pairs(self._buckets(ids))
            pair_total, pair_count = _sum_vectors(vectors, is_pair, self.pair_dropout)
            total, count = total + pair_total, count + pair_count
        return total / jnp.sqrt(jnp.maximum(count, 1))

    def _buckets(self, ids: Array) -> Array:
        """The row of each pair, ``(batch, steps - 1)``."""
        words = ids.astype(jnp.uint32)
        first, second = (jnp.uint32(factor) for factor in _HASH_FACTORS)
        mixed = (words[:, :-1] * first + words[:, 1:] * second) >> 7
        return (mixed % jnp.uint32(self.buckets)).astype(jnp.int32)


def _sum_vectors(vectors: Array, mask: Array, dropout: ProperFraction) -> tuple[Array, Array]:
    """The sum of the vectors where ``mask`` is true, with dropout in training, and their count."""
    weights = mask.astype(vectors.dtype)
    count = jnp.sum(weights, 1, keepdims=True)
    if dropout and context.is_training():
        keep_mask = jax.random.bernoulli(context.random_key(), 1 - dropout, mask.shape)
        weights = weights * keep_mask / (1 - dropout)
    return jnp.einsum("bsd,bs->bd", vectors, weights), count
