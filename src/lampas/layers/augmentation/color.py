"""Augmentation of brightness and color."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Unpack

import jax
import jax.numpy as jnp

from ...core.arguments import Fraction
from ...core.variable import Array
from ...kernels.color import grayscale, hsv_to_rgb, rgb_to_hsv
from ..base import RandomLayer, RandomLayerOptions
from .base import FactorAugmentation, ImageAugmentation, ValueAugmentation
from .ranges import (
    Factor,
    check_value_range,
    draw_uniform,
    number_pair,
    symmetric_range,
)


class RandomBrightness(ValueAugmentation):
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

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, **options)
        self.factor = symmetric_range("factor", factor)

    def augment(self, key: Array, image: Array) -> Array:
        low, high = self.value_range
        shift = draw_uniform(key, self.factor) * (high - low)
        return self.clip(image + shift.astype(image.dtype))


class RandomContrast(ValueAugmentation):
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

    def __init__(
        self,
        factor: Factor,
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, **options)
        lower, upper = number_pair("factor", factor, 0.0, 1.0)
        self.contrast = (1.0 - lower, 1.0 + upper)

    def augment(self, key: Array, image: Array) -> Array:
        mean = jnp.mean(image, axis=(0, 1))
        contrast = draw_uniform(key, self.contrast).astype(image.dtype)
        return self.clip((image - mean) * contrast + mean)


class RandomHue(FactorAugmentation):
    """Turn the hue of each image by a random angle in training, the same for all its pixels.

    A direct call of the layer acts as in training.

    Args:
        factor: the largest turn, in halves of the color circle: 0.2 draws from -36 to 36 degrees,
            1 any hue. A pair ``(low, high)`` draws an angle between these and its direction.
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, 3)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the factor is not within 0 .. 1, or the range is empty.
        ShapeError: for images without three channels.

    Example:
        >>> import lampas as lp
        >>> red = [[[[200.0, 0.0, 0.0]]]]
        >>> turned = lp.RandomHue((2 / 3, 2 / 3), seed=1)(red)  # to green or to blue
        >>> round(float(turned.max()))
        200
    """

    channels: ClassVar[tuple[int, ...]] = (3,)

    def augment(self, key: Array, image: Array) -> Array:
        for_sign, for_turn = jax.random.split(key)
        turn = jax.random.rademacher(for_sign) * draw_uniform(for_turn, self.factor) / 2
        low, high = self.value_range
        # The hue does not depend on the scale of the values.
        hue, saturation, value = rgb_to_hsv(jnp.clip(image - low, 0, high - low))
        return hsv_to_rgb(hue + turn.astype(image.dtype), saturation, value) + low


class RandomSaturation(FactorAugmentation):
    """Make the colors of each image paler or stronger in training.

    The saturation is multiplied by ``factor / (1 - factor)`` and clipped to 1; the factor is drawn
    for each image. A direct call of the layer acts as in training.

    Args:
        factor: 0 makes images gray, 0.5 leaves them unchanged, 1 gives full colors. A number ``f``
            draws from 0 to ``f``, a pair ``(low, high)`` between these: (0.4, 0.6) is moderate.
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, 3)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the factor is not within 0 .. 1, or the range is empty.
        ShapeError: for images without three channels.

    Example:
        >>> import lampas as lp
        >>> lp.RandomSaturation((0.0, 0.0))([[[[200.0, 100.0, 0.0]]]]).tolist()
        [[[[200.0, 200.0, 200.0]]]]
    """

    channels: ClassVar[tuple[int, ...]] = (3,)

    def augment(self, key: Array, image: Array) -> Array:
        factor = draw_uniform(key, self.factor)
        ratio = (factor / jnp.maximum(1 - factor, 1e-7)).astype(image.dtype)
        low, high = self.value_range
        hue, saturation, value = rgb_to_hsv(jnp.clip(image - low, 0, high - low))
        return hsv_to_rgb(hue, jnp.minimum(saturation * ratio, 1), value) + low


class RandomColorJitter(RandomLayer):
    """Change brightness, contrast, saturation and hue of each image in training, in this order.

    A direct call of the layer acts as in training.

    Args:
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        brightness_factor: the ``factor`` of :class:`RandomBrightness`; None for no change.
        contrast_factor: that of :class:`RandomContrast`.
        saturation_factor: that of :class:`RandomSaturation`, of which 0.5 is no change.
        hue_factor: that of :class:`RandomHue`.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when a factor is out of its range, or the range of values is empty.
        ShapeError: if saturation or hue change, for images without three channels.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> jitter = lp.RandomColorJitter(
        ...     brightness_factor=0.2, saturation_factor=(0.4, 0.6), hue_factor=0.1
        ... )
        >>> jitter(np.zeros((2, 8, 8, 3), np.uint8)).shape
        (2, 8, 8, 3)
    """

    axes = ("batch", "height", "width", "channels")
    prepares_images = True

    def __init__(
        self,
        value_range: Sequence[float] = (0, 255),
        brightness_factor: Factor | None = None,
        contrast_factor: Factor | None = None,
        saturation_factor: Factor | None = None,
        hue_factor: Factor | None = None,
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(**options)
        self.value_range = check_value_range(value_range)
        factors = {
            RandomBrightness: brightness_factor,
            RandomContrast: contrast_factor,
            RandomSaturation: saturation_factor,
            RandomHue: hue_factor,
        }
        self.layers = [
            kind(factor, value_range, seed=self.seed)
            for kind, factor in factors.items()
            if factor is not None
        ]

    def forward(self, x: Array) -> Array:
        for layer in self.layers:
            x = layer(x)
        return x


class RandomColorDegeneration(FactorAugmentation):
    """Blend each image with its gray version in training: ``x + factor * (gray - x)``.

    A direct call of the layer acts as in training.

    Args:
        factor: the part of the gray version. A number ``f`` draws from 0 to ``f``, a pair
            ``(low, high)`` between these.
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged, with 1 or 3 channels; integers become
    float32.

    Raises:
        ArgumentError: when the factor is not within 0 .. 1, or the range is empty.
        ShapeError: for another number of channels.

    Example:
        >>> import lampas as lp
        >>> lp.RandomColorDegeneration((1.0, 1.0))([[[[100.0, 0.0, 0.0]]]]).round(2).tolist()
        [[[[29.8..., 29.8..., 29.8...]]]]
    """

    channels: ClassVar[tuple[int, ...]] = (1, 3)

    def augment(self, key: Array, image: Array) -> Array:
        part = draw_uniform(key, self.factor).astype(image.dtype)
        return self.clip(image + part * (grayscale(image) - image))


class RandomGrayscale(ImageAugmentation):
    """Make some images gray in training; they keep their number of channels.

    A direct call of the layer acts as in training.

    Args:
        factor: probability of making an image gray.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged, with 1 or 3 channels; integers become
    float32.

    Raises:
        ArgumentError: when the factor is not within 0 .. 1.
        ShapeError: for another number of channels.

    Example:
        >>> import lampas as lp
        >>> lp.RandomGrayscale(1.0)([[[[100.0, 0.0, 0.0]]]]).round(2).tolist()
        [[[[29.8..., 29.8..., 29.8...]]]]
    """

    channels: ClassVar[tuple[int, ...]] = (1, 3)

    def __init__(self, factor: Fraction = 0.5, **options: Unpack[RandomLayerOptions]) -> None:
        super().__init__(**options)
        self.factor = factor

    def augment(self, key: Array, image: Array) -> Array:
        return jnp.where(jax.random.bernoulli(key, self.factor), grayscale(image), image)
