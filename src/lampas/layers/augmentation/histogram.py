"""Layers that spread the values of images over their range: AutoContrast and equalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Unpack

import jax
import jax.numpy as jnp

from ...core.arguments import Interval, NonNegativeFloat, PositiveInt
from ...core.variable import Array
from ...kernels.color import histograms, look_up
from ..base import RandomLayerOptions
from .base import ValueAugmentation

BYTE = 256
"""The number of values that a pixel has in CLAHE."""


class AutoContrast(ValueAugmentation):
    """Stretch the values of each image and channel to the full range, in training and outside.

    The smallest value becomes that of ``value_range``, the largest one its end. A channel of one
    value stays as it is.

    Args:
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the range is empty.

    Example:
        >>> import lampas as lp
        >>> lp.AutoContrast()([[[[100.0], [110.0], [120.0]]]]).ravel().tolist()
        [0.0, 127.5, 255.0]
    """

    def augment(self, key: Array, image: Array) -> Array:
        low, high = self.value_range
        darkest, lightest = jnp.min(image, (0, 1)), jnp.max(image, (0, 1))
        extent = jnp.where(lightest > darkest, lightest - darkest, 1)
        stretched = self.clip((image - darkest) * ((high - low) / extent) + low)
        return jnp.where(lightest > darkest, stretched, image)

    def forward(self, x: Array) -> Array:
        return jax.vmap(self.augment, (None, 0))(jnp.zeros(()), x).astype(x.dtype)


class Equalization(ValueAugmentation):
    """Equalize the histogram of each image and channel in training: all values become as frequent.

    A direct call of the layer acts as in training.

    Args:
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        bins: number of values that are distinguished.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the range is empty, or there are less than two bins.

    Example:
        >>> import lampas as lp
        >>> lp.Equalization()([[[[1.0], [2.0], [3.0], [200.0]]]]).ravel().tolist()
        [0.0, 85.0, 170.0, 255.0]
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        bins: Annotated[int, Interval(2)] = 256,
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, **options)
        self.bins = bins

    def augment(self, key: Array, image: Array) -> Array:
        values = self.to_bytes(image)
        index = jnp.clip((values * ((self.bins - 1) / 255)).astype(jnp.int32), 0, self.bins - 1)
        counts = histograms(jnp.moveaxis(index.reshape(-1, index.shape[-1]), -1, 0), self.bins)
        below = jnp.cumsum(counts, -1)
        first = jnp.min(jnp.where(below > 0, below, jnp.inf), -1, keepdims=True)
        rest = below[:, -1:] - first
        table = jnp.clip(jnp.round((below - first) * 255 / jnp.maximum(rest, 1)), 0)
        equalized = jnp.where(rest[:, 0] > 0, look_up(table, index), values)
        return self.from_bytes(equalized)


class ContrastLimitedAdaptiveHistogramEqualization(ValueAugmentation):
    """Equalize the histograms of parts of each image (CLAHE), in training and outside.

    The image is divided into tiles. The counts of a tile's histogram above a limit are spread over
    all values, which limits how much the contrast increases (Pizer et al., 1987). A pixel is mapped
    by the four nearest tiles, weighted by their distance.

    Args:
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        clip_limit: the limit, in multiples of the mean count; 0 for none.
        tile_grid_size: number of tiles vertically and horizontally.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the range is empty, the limit negative, or a number of tiles below 1.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> clahe = lp.layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(2, 2))
        >>> clahe(np.zeros((1, 8, 8, 1), np.uint8)).shape
        (1, 8, 8, 1)
    """

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        clip_limit: NonNegativeFloat = 4.0,
        tile_grid_size: Sequence[PositiveInt] = (8, 8),
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, **options)
        self.clip_limit = clip_limit
        rows, columns = tile_grid_size
        self.tile_grid_size = rows, columns

    def augment(self, key: Array, image: Array) -> Array:
        (height, width, channels), (rows, columns) = image.shape, self.tile_grid_size
        tile_height, tile_width = -(-height // rows), -(-width // columns)
        border = (0, rows * tile_height - height), (0, columns * tile_width - width), (0, 0)
        values = jnp.clip(self.to_bytes(image), 0, 255).astype(jnp.int32)
        tiles = jnp.pad(values, border, mode="symmetric")
        tiles = tiles.reshape(rows, tile_height, columns, tile_width, channels)
        tables = self._tables(tiles.transpose(0, 2, 4, 1, 3).reshape(rows, columns, channels, -1))
        mapped = jnp.zeros(image.shape)
        for row, down in _nearest_tiles(height, tile_height, rows):
            for column, across in _nearest_tiles(width, tile_width, columns):
                read = tables[row[:, None, None], column[:, None], jnp.arange(channels), values]
                mapped += down[:, None, None] * across[:, None] * read
        return self.from_bytes(mapped)

    def _tables(self, tiles: Array) -> Array:
        """For each tile and channel what its values become, ``(..., pixels) -> (..., 256)``."""
        pixels, counts = tiles.shape[-1], histograms(tiles, BYTE)
        if self.clip_limit > 0:
            limited = jnp.minimum(counts, self.clip_limit * pixels / BYTE)
            counts = limited + jnp.sum(counts - limited, -1, keepdims=True) / BYTE
        below = jnp.cumsum(counts, -1)
        first = below[..., :1]
        rest = jnp.where(first == pixels, 1, pixels - first)
        return jnp.clip((below - first) * 255 / rest, 0, 255)

    def forward(self, x: Array) -> Array:
        return jax.vmap(self.augment, (None, 0))(jnp.zeros(()), x).astype(x.dtype)


def _nearest_tiles(size: int, tile: int, count: int) -> list[tuple[Array, Array]]:
    """The two nearest tiles of each pixel along an axis, with their weights."""
    position = (jnp.arange(size) - tile / 2) / tile
    before = jnp.floor(position)
    weight = position - before
    return [
        (jnp.clip(index, 0, count - 1).astype(jnp.int32), part)
        for index, part in ((before, 1 - weight), (before + 1, weight))
    ]
