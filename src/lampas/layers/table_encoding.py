"""Numbers on one scale and a vector for each category: what a network makes of a table's row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import jax.numpy as jnp

from ..core.errors import ArgumentError, Shape, ShapeError
from ..core.variable import Array
from .embedding import Embedding
from .layer import Layer, LayerOptions

FAR = 3.0
"""What the largest numbers come near to."""
UTMOST = 1e6
WIDEST = 8
"""Longest vector of a category."""


class TableEncoding(Layer):
    """Brings the numbers of a row to one scale, and looks up a learnt vector for each category.

    A number is divided by its scale, and what is far out is drawn in smoothly,
    ``x / sqrt(1 + (x / 3)^2)``, so that no single cell overrules a row (Holzmüller, Grinsztajn and
    Steinwart, 2024). A category of ``size`` values has a vector of half as many numbers, 8 at most.

    Args:
        scales: of the numbers, which come first in a row: ``reader.steps`` of a `TableReader`.
        sizes: how many values each category has: ``reader.sizes``.

    Shape: ``(batch, numbers + categories) -> (batch, features)``.
    Raises ShapeError when the rows are of another width.
    """

    axes = ("batch", "columns")

    def __init__(
        self, scales: Sequence[float], sizes: Sequence[int] = (), **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        if not all(scale > 0 for scale in scales) or not all(size > 0 for size in sizes):
            raise ArgumentError(
                f"scales and sizes must be above 0, got {list(scales)} and {list(sizes)}."
            )
        if not scales and not sizes:
            raise ArgumentError("there is nothing to encode: give scales, sizes or both.")
        self.scales = tuple(scales)
        self.sizes = tuple(sizes)
        self.embeddings = [Embedding(size, min(WIDEST, -(-size // 2))) for size in sizes]

    def build(self, shape: Shape) -> None:
        width = len(self.scales) + len(self.sizes)
        if shape[-1] != width:
            raise ShapeError(
                f"encodes rows of {len(self.scales)} numbers and {len(self.sizes)} categories, got "
                f"{shape[-1]} columns."
            )
        self.features = shape[-1]

    def forward(self, x: Array) -> Array:
        count = len(self.scales)
        # Its square must stay finite.
        scaled = jnp.clip(x[:, :count] / jnp.array(self.scales, x.dtype), -UTMOST, UTMOST)
        parts = [scaled / jnp.sqrt(1 + (scaled / FAR) ** 2)]
        for number, embedding in enumerate(self.embeddings, count):
            parts.append(embedding(x[:, number]))
        return jnp.concatenate(parts, axis=-1)
