"""A pending affine map: geometric layers in a row compose, and the picture is read once.

Reading a picture between its pixels blurs it a little each time and costs time each time. So a
chain of layers opens a :class:`Warp` before a run of geometric layers, each of them adds its map,
and the last one's product is applied in one go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from ...core import context
from ...core.variable import Array
from ...ops.affine import Sampling, affine_transform

_EXACT = Sampling("nearest", "nearest")
"""For maps that take pixels to pixels."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Warp:
    """Pictures and the affine maps that are yet to be applied to them.

    ``sampling`` is None as long as the maps are flips, which no sampling changes.

    Shape: ``images`` (batch, height, width, channels), ``maps`` (batch, 3, 3).
    """

    images: Array
    maps: Array
    sampling: Sampling | None = field(default=None, metadata={"static": True})

    @classmethod
    def of(cls, images: Array) -> Warp:
        """Pictures with nothing to be done to them."""
        return cls(images, jnp.tile(jnp.eye(3), (len(images), 1, 1)))

    def then(self, maps: Array, sampling: Sampling | None) -> Warp:
        """With the maps of a later layer: its output pixel looks into this one's output."""
        if sampling is not None and self.sampling not in (None, sampling):
            return Warp.of(self.resolve()).then(maps, sampling)
        product = jnp.matmul(self.maps, maps, precision=lax.Precision.HIGHEST)
        return Warp(self.images, product, sampling or self.sampling)

    def resolve(self) -> Array:
        """The pictures as the product of all maps shows them, as floats."""
        return affine_transform(self.images, self.maps, self.sampling or _EXACT)


def begin(x: Any) -> Any:
    """In training, open a warp of a batch of pictures; anything else is returned as it is."""
    if context.is_training() and getattr(x, "ndim", None) == 4:
        return Warp.of(jnp.asarray(x))
    return x


def resolve(x: Any) -> Any:
    """Apply a warp; anything else is returned as it is."""
    return x.resolve() if isinstance(x, Warp) else x
