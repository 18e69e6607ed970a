"""RandomErasing, and the random boxes that it erases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from ...core.arguments import is_number
from ...core.errors import ArgumentError, ShapeError
from ...core.variable import Array
from ..base import RandomLayerOptions
from .base import ValueAugmentation
from .ranges import Factor, draw_event, draw_uniform, range_from


def random_box(key: Array, height: int, width: int, sides: Sequence[Array]) -> Array:
    """The pixels of an image that lie in a box; all places within the image are equally likely.

    Args:
        key: decides about the place.
        height: height of the image.
        width: width of the image.
        sides: height and width of the box, as fractions of the image.

    Shape: ``(height, width)``, boolean.
    """
    inside = []
    starts = jax.random.uniform(key, (2,))
    for size, side, start in zip((height, width), sides, starts, strict=True):
        first, center = start * (1 - side) * size, jnp.arange(size) + 0.5
        inside.append((center >= first) & (center < first + side * size))
    return inside[0][:, None] & inside[1]


class RandomErasing(ValueAugmentation):
    """Replace a random box of some images by noise or a color in training (Zhong et al., 2020).

    A direct call of the layer acts as in training.

    Args:
        factor: probability of erasing a box. As in Keras it is drawn for each image, from 0 to a
            number ``f``, or between a pair ``(low, high)``: (1, 1) erases a box of each image.
        scale: the range of the squares of height and width of the box, as fractions of the image;
            both are drawn independently. A number ``s`` draws from 0 to ``s``.
        fill_value: the value that is written, a number or one for each channel; None for noise,
            drawn from a normal distribution for each pixel.
        value_range: smallest and largest value of a pixel; (0, 1) after ``Rescaling(1 / 255)``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the factor or the scale is not within 0 .. 1, the range is empty, or
            ``fill_value`` consists of something other than numbers.
        ShapeError: for a ``fill_value`` with another number of channels.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> erase = lp.RandomErasing((1, 1), scale=(0.25, 0.25), fill_value=0)
        >>> float(erase(np.ones((1, 8, 8, 1))).sum())  # 16 of 64 pixels are 0
        48.0
    """

    def __init__(
        self,
        factor: Factor = 1.0,
        scale: Factor = (0.02, 0.33),
        fill_value: float | Sequence[float] | None = None,
        value_range: Sequence[float] = (0, 255),
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(value_range, **options)
        self.factor = range_from(0.0, "factor", factor)
        self.scale = range_from(0.0, "scale", scale)
        values = fill_value if isinstance(fill_value, Iterable) else (fill_value,)
        if fill_value is not None and not all(map(is_number, values)):
            raise ArgumentError(
                "fill_value must be a number, one for each channel, or None for noise, got "
                f"{fill_value!r}."
            )
        self.fill_value = fill_value

    def augment(self, key: Array, image: Array) -> Array:
        for_event, for_place, for_height, for_width, for_noise = jax.random.split(key, 5)
        sides = [jnp.sqrt(draw_uniform(k, self.scale)) for k in (for_height, for_width)]
        box = random_box(for_place, image.shape[0], image.shape[1], sides)
        if self.fill_value is None:
            fill = jax.random.normal(for_noise, image.shape, image.dtype) * self.value_range[1]
        else:
            fill = jnp.asarray(self.fill_value, image.dtype)
        erased = jnp.where(box[..., None], self.clip(fill), image)
        return jnp.where(draw_event(for_event, self.factor), erased, image)

    def _check(self, x: Array) -> None:
        super()._check(x)
        count = len(self.fill_value) if isinstance(self.fill_value, Sequence) else 1
        if count not in (1, x.shape[-1]):
            raise ShapeError(
                f"fill_value has {count} numbers, and the images have {x.shape[-1]} channels."
            )
