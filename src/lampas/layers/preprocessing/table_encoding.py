"""TableEncoding: scale the numbers of a table's rows, embed their categories and texts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import ClassVar, Unpack

import jax.numpy as jnp

from ...core import context
from ...core.errors import ArgumentError, Shape, ShapeError
from ...core.variable import Array
from ...initializers import RandomUniform
from ..base import Layer, LayerOptions
from ..embedding import Embedding, EmbeddingBag

SOFT_LIMIT = 3.0
"""What the largest scaled numbers approach."""
MAX_SCALED = 1e6
MAX_EMBEDDING, TEXT_EMBEDDING = 8, 16
"""Size of the largest embedding of a category, and of the embeddings of words."""


class TableEncoding(Layer):
    """Scale the numbers of a row, and embed its categories and the words of its texts.

    A number is divided by its scale, and outliers are clipped smoothly,
    ``x / sqrt(1 + (x / 3)^2)``, so that no single cell dominates a row (Holzmüller, Grinsztajn and
    Steinwart, 2024). A category of ``size`` codes gets an embedding of half as many numbers, 8 at
    most. The embeddings of the words of a text are summed by an `EmbeddingBag`.

    Args:
        scales: of the numbers, which come first in a row: ``reader.steps`` of a `TableReader`.
        sizes: the number of codes of each category: ``reader.sizes``.
        texts: the number of words of each text, and of their codes: ``reader.text_sizes``.
        **options: of every layer, such as ``name``.

    Shape: ``(batch, numbers + categories + words) -> (batch, features)``.

    Raises:
        ArgumentError: for a scale or size that is not positive, or when all are empty.
        ShapeError: when the rows have another width.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> layer = lp.TableEncoding(scales=[1.5], sizes=[4])
        >>> layer(np.array([[0.5, 2.0], [-3.0, 1.0]], "float32")).shape
        (2, 3)
    """

    axes = ("batch", "columns")
    # In bfloat16 most codes would be rounded.
    casts_to_float: ClassVar[bool] = False

    def __init__(
        self,
        scales: Sequence[float],
        sizes: Sequence[int] = (),
        texts: Sequence[tuple[int, int]] = (),
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if not all(number > 0 for number in (*scales, *sizes, *chain.from_iterable(texts))):
            raise ArgumentError(
                f"scales, sizes and texts must be positive, got {list(scales)}, {list(sizes)} and "
                f"{list(texts)}."
            )
        if not (scales or sizes or texts):
            raise ArgumentError("scales, sizes and texts are empty: pass one of them.")
        self.scales = tuple(scales)
        self.sizes = tuple(sizes)
        self.texts = tuple((length, size) for length, size in texts)
        self.embeddings = [Embedding(size, min(MAX_EMBEDDING, -(-size // 2))) for size in sizes]
        # Words begin without an effect, so that those that do not matter have none.
        self.bags = [
            EmbeddingBag(
                size, TEXT_EMBEDDING, 0, embeddings_initializer=RandomUniform(-0.005, 0.005)
            )
            for _, size in self.texts
        ]

    def build(self, shape: Shape) -> None:
        words = sum(length for length, _ in self.texts)
        if shape[-1] != len(self.scales) + len(self.sizes) + words:
            texts = f" and {words} words" if words else ""
            raise ShapeError(
                f"encodes rows of {len(self.scales)} numbers and {len(self.sizes)} categories"
                f"{texts}, got {shape[-1]} columns."
            )
        self.input_features = shape[-1]

    def forward(self, x: Array) -> Array:
        count = len(self.scales)
        numbers = x[:, :count].astype(context.compute_dtype() or jnp.float32)
        # Its square must stay finite.
        scaled = jnp.clip(numbers / jnp.array(self.scales, numbers.dtype), -MAX_SCALED, MAX_SCALED)
        features = [scaled / jnp.sqrt(1 + (scaled / SOFT_LIMIT) ** 2)]
        for number, embedding in enumerate(self.embeddings, count):
            features.append(embedding(x[:, number]))
        start = count + len(self.sizes)
        for (length, _), bag in zip(self.texts, self.bags, strict=True):
            features.append(bag(x[:, start : start + length]))
            start += length
        return jnp.concatenate(features, axis=-1)
