"""Geometric augmentation by affine maps: flip, rotate, shift, scale and shear."""

from __future__ import annotations

import math
from typing import Unpack

import jax
import jax.numpy as jnp

from ...core import context
from ...core.errors import unknown_name
from ...core.variable import Array
from ...kernels.affine import as_float
from ..base import RandomLayerOptions
from .affine import AffineAugmentation, ResamplingAugmentation, about_center
from .ranges import Factor, draw_uniform, symmetric_range

_MODES = {
    "horizontal": (True, False),
    "vertical": (False, True),
    "horizontal_and_vertical": (True, True),
}


class RandomFlip(AffineAugmentation):
    """Mirror each image with probability 1/2 in training.

    A direct call of the layer acts as in training.

    Args:
        mode: "horizontal" swaps left and right, "vertical" swaps top and bottom, and
            "horizontal_and_vertical" decides about each of them independently.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        UnknownNameError: for another mode.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.RandomFlip("horizontal")(np.zeros((2, 8, 8, 3), np.uint8)).dtype
        dtype('float32')
    """

    def __init__(
        self, mode: str = "horizontal_and_vertical", **options: Unpack[RandomLayerOptions]
    ) -> None:
        super().__init__(**options)
        if mode not in _MODES:
            raise unknown_name("mode", mode, _MODES)
        self.mode = mode
        self.sampling = None

    def mirrored(self, key: Array) -> Array:
        """Whether an image is mirrored along x and along y, ``(2,)``."""
        return jax.random.bernoulli(key, shape=(2,)) & jnp.array(_MODES[self.mode])

    def random_matrix(self, key: Array, height: int, width: int) -> Array:
        signs = jnp.where(self.mirrored(key), -1.0, 1.0)
        ends = jnp.where(signs < 0, jnp.array([width - 1.0, height - 1.0]), 0.0)
        return jnp.eye(3).at[:2, :2].set(jnp.diag(signs)).at[:2, 2].set(ends)

    def transform(self, images: Array) -> Array:
        across, down = jax.vmap(self.mirrored, out_axes=1)(context.example_keys(len(images)))
        for flipped, axis, enabled in zip((across, down), (2, 1), _MODES[self.mode], strict=True):
            if enabled:
                images = jnp.where(flipped[:, None, None, None], jnp.flip(images, axis), images)
        return as_float(images)


class RandomRotation(ResamplingAugmentation):
    """Rotate each image around its center by a random angle in training.

    A direct call of the layer acts as in training.

    Args:
        factor: fraction of a full turn, positive counter-clockwise: 0.1 draws from -36 to 36
            degrees, (-0.1, 0.2) from -36 to 72.
        fill_mode: how positions outside the image are filled: "reflect", "constant", "nearest" or
            "wrap".
        interpolation: "bilinear" or "nearest".
        fill_value: the value for "constant".
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when the factor is not within -1 .. 1, or a name is unknown.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.RandomRotation(0.1)(np.zeros((2, 8, 8, 3), np.uint8)).dtype
        dtype('float32')
    """

    def __init__(
        self,
        factor: Factor,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        *,
        fill_value: float = 0.0,
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, **options)
        self.factor = symmetric_range("factor", factor)

    def random_matrix(self, key: Array, height: int, width: int) -> Array:
        angle = 2 * math.pi * draw_uniform(key, self.factor)
        cos, sin = jnp.cos(angle), jnp.sin(angle)
        return about_center(jnp.array([[cos, -sin], [sin, cos]]), height, width)


class RandomTranslation(ResamplingAugmentation):
    """Shift each image by a random fraction of its size in training.

    A direct call of the layer acts as in training.

    Args:
        height_factor: fraction of the height, positive downward: 0.1 draws from 10 % up to 10 %
            down, (0, 0.1) only shifts down.
        width_factor: fraction of the width, positive to the right.
        fill_mode: how positions outside the image are filled: "reflect", "constant", "nearest" or
            "wrap".
        interpolation: "bilinear" or "nearest".
        fill_value: the value for "constant".
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when a factor is not within -1 .. 1, or a name is unknown.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.RandomTranslation(0.1, 0.1)(np.zeros((2, 8, 8, 3), np.uint8)).dtype
        dtype('float32')
    """

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        *,
        fill_value: float = 0.0,
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, **options)
        self.height_factor = symmetric_range("height_factor", height_factor)
        self.width_factor = symmetric_range("width_factor", width_factor)

    def random_matrix(self, key: Array, height: int, width: int) -> Array:
        for_y, for_x = jax.random.split(key)
        down = draw_uniform(for_y, self.height_factor)
        right = draw_uniform(for_x, self.width_factor)
        # The matrix maps output to input: to shift the image right, a pixel is read from its left.
        return jnp.eye(3).at[:2, 2].set(-jnp.array([right * width, down * height]))


class RandomZoom(ResamplingAugmentation):
    """Scale each image around its center by a random amount in training.

    A direct call of the layer acts as in training.

    With a factor ``f`` the output shows ``1 + f`` times the extent of the input: a positive factor
    zooms out, a negative one zooms in.

    Args:
        height_factor: 0.2 draws from -0.2 (zoom in) to 0.2 (zoom out), (-0.3, -0.1) only zooms in.
        width_factor: the same for the width; None uses the height's factor for both, which keeps
            the aspect ratio.
        fill_mode: how positions outside the image are filled: "reflect", "constant", "nearest" or
            "wrap".
        interpolation: "bilinear" or "nearest".
        fill_value: the value for "constant".
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when a factor is not within -1 .. 1, or a name is unknown.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.RandomZoom(0.2)(np.zeros((2, 8, 8, 3), np.uint8)).dtype
        dtype('float32')
    """

    def __init__(
        self,
        height_factor: Factor,
        width_factor: Factor | None = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        *,
        fill_value: float = 0.0,
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, **options)
        self.height_factor = symmetric_range("height_factor", height_factor)
        self.width_factor = (
            None if width_factor is None else symmetric_range("width_factor", width_factor)
        )

    def random_matrix(self, key: Array, height: int, width: int) -> Array:
        for_y, for_x = jax.random.split(key)
        down = across = 1.0 + draw_uniform(for_y, self.height_factor)
        if self.width_factor is not None:
            across = 1.0 + draw_uniform(for_x, self.width_factor)
        return about_center(jnp.diag(jnp.array([across, down])), height, width)


class RandomShear(ResamplingAugmentation):
    """Shear each image by a random amount in training: rows move sideways, columns up or down.

    The upper left pixel stays where it is. A direct call of the layer acts as in training.

    Args:
        x_factor: how far a pixel moves sideways, as a part of its distance from the upper edge: 0.2
            draws from -0.2 to 0.2. A pair ``(low, high)`` of numbers from 0 to 1 draws between
            these; its direction is drawn as well, for both factors together.
        y_factor: how far a pixel moves vertically, as a part of its distance from the left edge.
        interpolation: "bilinear" or "nearest".
        fill_mode: how positions outside the image are filled: "reflect", "constant", "nearest" or
            "wrap".
        fill_value: the value for "constant".
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels)``, unchanged; integers become float32.

    Raises:
        ArgumentError: when a factor is not within 0 .. 1, or a name is unknown.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.RandomShear(0.2)(np.zeros((2, 8, 8, 3), np.uint8)).dtype
        dtype('float32')
    """

    def __init__(
        self,
        x_factor: Factor = 0.0,
        y_factor: Factor = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, **options)
        self.x_factor = symmetric_range("x_factor", x_factor, 0.0)
        self.y_factor = symmetric_range("y_factor", y_factor, 0.0)

    def random_matrix(self, key: Array, height: int, width: int) -> Array:
        for_sign, for_x, for_y = jax.random.split(key, 3)
        factors = [draw_uniform(for_x, self.x_factor), draw_uniform(for_y, self.y_factor)]
        across, down = jax.random.rademacher(for_sign) * jnp.array(factors)
        return jnp.eye(3).at[0, 1].set(across).at[1, 0].set(down)
