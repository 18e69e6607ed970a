"""Augmentation that combines neighboring pixels: RandomGaussianBlur and RandomSharpness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from ...core.arguments import is_integer
from ...core.errors import ArgumentError
from ...core.variable import Array
from ..base import RandomLayerOptions
from .base import FactorAugmentation, ValueAugmentation
from .ranges import Factor, draw_event, draw_uniform, range_from


def gaussian(size: int, deviation: Array) -> Array:
    """The weights of a Gaussian filter of ``size`` pixels, which sum to 1."""
    distance = (jnp.arange(size) - (size - 1) / 2) / jnp.maximum(deviation, 1e-6)
    weights = jnp.exp(-0.5 * distance**2)
    return weights / jnp.sum(weights)


def filter_axis(image: Array, weights: Array, axis: int) -> Array:
    """Correlate an image with weights along an axis; it is 0 outside of its edges.

    Args:
        image: of any shape.
        weights: an odd number of them.
        axis: the axis.
    """
    size = len(weights)
    border = [(size // 2, size // 2) if i == axis else (0, 0) for i in range(image.ndim)]
    padded, count = jnp.pad(image, border), image.shape[axis]
    return sum(
        (
            weight * jax.lax.slice_in_dim(padded, shift, shift + count, axis=axis)
            for shift, weight in enumerate(weights.astype(image.dtype))
        ),
        start=jnp.zeros_like(image),
    )


class RandomGaussianBlur(ValueAugmentation):
    """Blur some images in training with a Gaussian filter.

    As in Keras, images are 0 outside of their edges. A direct call of the layer acts as in
    training.

    Args:
        factor: probability of blurring an image. As in Keras it is drawn for each image, from 0 to
            a number ``f``, or between a pair ``(low, high)``: (1, 1) blurs all images.
        kernel_size: size of the filter in pixels, odd; a pair is its width and height.
        sigma: standard deviation of the Gaussian, in pixels: a number ``s`` draws from 0 to ``s``
            for each image and direction, a pair ``(low, high)`` between these.
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the factor is not within 0 .. 1, a size not odd, sigma negative, or the
            range empty.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> blur = lp.RandomGaussianBlur((1, 1), kernel_size=3, sigma=(1, 1))
        >>> blur(np.full((1, 3, 3, 1), 100.0))[0, 1, 1].round().tolist()
        [100.0]
    """

    def __init__(
        self,
        factor: Factor = 1.0,
        kernel_size: int | Sequence[int] = 3,
        sigma: Factor = 1.0,
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, **options)
        self.factor = range_from(0.0, "factor", factor)
        sizes = tuple(kernel_size) if isinstance(kernel_size, Iterable) else (kernel_size,) * 2
        if len(sizes) != 2 or not all(is_integer(size) and size % 2 == 1 for size in sizes):
            raise ArgumentError(
                f"kernel_size must be an odd number or a pair of them, got {kernel_size!r}."
            )
        self.kernel_size = sizes
        self.sigma = range_from(0.0, "sigma", sigma, float("inf"))

    def augment(self, key: Array, image: Array) -> Array:
        for_event, *for_axes = jax.random.split(key, 3)
        blurred = image
        for axis, size, for_axis in zip((1, 0), self.kernel_size, for_axes, strict=True):
            blurred = filter_axis(blurred, gaussian(size, draw_uniform(for_axis, self.sigma)), axis)
        return self.clip(jnp.where(draw_event(for_event, self.factor), blurred, image))


class RandomSharpness(FactorAugmentation):
    """Blur or sharpen each image in training: ``x + (1 - 2 * factor) * (smooth - x)``.

    The smooth image is the mean of 3 x 3 pixels, in which the one in the middle counts five times;
    as in Keras, images are 0 outside of their edges. A direct call of the layer acts as in
    training.

    Args:
        factor: 0 blurs, 0.5 leaves the image unchanged, 1 sharpens it. A number ``f`` draws from 0
            to ``f`` for each image, a pair ``(low, high)`` between these.
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the factor is not within 0 .. 1, or the range is empty.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.RandomSharpness((1, 1))(np.full((1, 3, 3, 1), 100.0))[0, 1, 1].round().tolist()
        [100.0]
    """

    def augment(self, key: Array, image: Array) -> Array:
        ones = jnp.ones(3)
        smooth = (filter_axis(filter_axis(image, ones, 0), ones, 1) + 4 * image) / 13
        blur = (1 - 2 * draw_uniform(key, self.factor)).astype(image.dtype)
        return self.clip(image + blur * (smooth - image))
