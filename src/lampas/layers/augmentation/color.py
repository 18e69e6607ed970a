"""Color augmentation: RandomBrightness and RandomContrast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from ...core import context
from ...core.variable import Array
from ..base import RandomLayer, RandomLayerOptions
from .ranges import Factor, check_value_range, draw_uniform, number_pair, symmetric_range


class RandomBrightness(RandomLayer):
    """Add a random number to each image in training, and clip the result to the range of values.

    A direct call of the layer acts as in training.

    Args:
        factor: fraction of the range that is added: 0.2 draws from -0.2 (darker) to 0.2 (lighter);
            -1 makes the image black and 1 white. A pair ``(low, high)`` draws between these.
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the factor is not within -1 .. 1, or the range is empty.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.RandomBrightness(0.2)(np.zeros((2, 8, 8, 3), np.uint8)).dtype
        dtype('float32')
    """

    axes = ("batch", "height", "width", "channels")
    prepares_images = True

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(**options)
        self.factor = symmetric_range("factor", factor)
        self.value_range = check_value_range(value_range)

    def forward(self, x: Array) -> Array:
        if not context.is_augmenting():
            return x
        low, high = self.value_range
        keys = context.example_keys(len(x))
        fraction = jax.vmap(lambda key: draw_uniform(key, self.factor))(keys)
        shift = (fraction * (high - low)).astype(x.dtype)
        return jnp.clip(x + shift[:, None, None, None], low, high)


class RandomContrast(RandomLayer):
    """Compute ``(x - mean) * contrast + mean`` in training, with a random contrast per image.

    The mean is taken per channel and image; the result is clipped to the range of values.
    A direct call of the layer acts as in training.

    Args:
        factor: 0.3 draws the contrast from 0.7 to 1.3, a pair ``(lower, upper)`` from
            ``1 - lower`` to ``1 + upper``.
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the factor is not within 0 .. 1, or the range is empty.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.RandomContrast(0.3)(np.zeros((2, 8, 8, 3), np.uint8)).dtype
        dtype('float32')
    """

    axes = ("batch", "height", "width", "channels")
    prepares_images = True

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(**options)
        lower, upper = number_pair("factor", factor, 0.0, 1.0)
        self.contrast = (1.0 - lower, 1.0 + upper)
        self.value_range = check_value_range(value_range)

    def forward(self, x: Array) -> Array:
        if not context.is_augmenting():
            return x
        keys = context.example_keys(len(x))
        contrast = jax.vmap(lambda key: draw_uniform(key, self.contrast))(keys)
        mean = jnp.mean(x, axis=(1, 2), keepdims=True)
        difference = (x - mean) * contrast.astype(x.dtype)[:, None, None, None]
        return jnp.clip(difference + mean, *self.value_range)
