"""RandomFlip: mirror pictures."""

from __future__ import annotations

from typing import Unpack

import jax
import jax.numpy as jnp

from ...core import context
from ...core.errors import unknown_name
from ...core.variable import Array
from ..layer import LayerOptions
from .geometric import Geometric, floating

_MODES = {
    "horizontal": (True, False),
    "vertical": (False, True),
    "horizontal_and_vertical": (True, True),
}


class RandomFlip(Geometric):
    """In training, mirror each picture with probability 1/2; every pixel keeps its value.

    Args:
        mode: "horizontal" swaps left and right, "vertical" top and bottom;
            "horizontal_and_vertical" decides on each of the two by itself.

    Shape: unchanged, ``(batch, height, width, channels)``; whole numbers become float32.
    Raises UnknownNameError for another mode.
    """

    def __init__(
        self, mode: str = "horizontal_and_vertical", **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        if mode not in _MODES:
            raise unknown_name("mode", mode, _MODES)
        self.mode = mode
        self.sampling = None

    def mirrored(self, key: Array) -> Array:
        """Whether one picture is mirrored along x and along y: (2,)."""
        return jax.random.bernoulli(key, shape=(2,)) & jnp.array(_MODES[self.mode])

    def draw(self, key: Array, height: int, width: int) -> Array:
        signs = jnp.where(self.mirrored(key), -1.0, 1.0)
        ends = jnp.where(signs < 0, jnp.array([width - 1.0, height - 1.0]), 0.0)
        return jnp.eye(3).at[:2, :2].set(jnp.diag(signs)).at[:2, 2].set(ends)

    def apply(self, images: Array) -> Array:
        across, down = jax.vmap(self.mirrored, out_axes=1)(context.example_keys(len(images)))
        for flipped, axis, can in zip((across, down), (2, 1), _MODES[self.mode], strict=True):
            if can:
                images = jnp.where(flipped[:, None, None, None], jnp.flip(images, axis), images)
        return floating(images)
