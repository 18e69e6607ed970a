"""What the layers share that move pixels about: one affine map for each picture.

A pending affine map: geometric layers in a row compose, and the picture is read once.

Reading a picture between its pixels blurs it a little each time and costs time each time. So a
chain of layers opens a :class:`Warp` before a run of geometric layers, each of them adds its map,
and the last one's product is applied in one go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar, Unpack

import jax
import jax.numpy as jnp
from jax import lax

from ...core import context
from ...core.module import Module
from ...core.variable import Array
from ...kernels.affine import Sampling, affine_transform
from ..base import Layer, LayerOptions


class Geometric(Layer):
    """Moves the pixels of each picture by a random affine map, in training only.

    Write ``draw(key, height, width)``. In a ``Sequential``, geometric layers in a row that fill
    and interpolate alike are applied as one map, so the pictures are resampled once.

    Outside training the pictures stay as they are; whole numbers become float32 either way.
    """

    axes = ("batch", "height", "width", "channels")
    casts: ClassVar[bool] = False
    sampling: Sampling | None
    """How pictures are read between pixels and outside; None where that never happens."""

    def draw(self, key: Array, height: int, width: int) -> Array:
        """The map of one picture, (3, 3): from an output pixel's (x, y, 1) to the input's."""
        raise NotImplementedError(f"{type(self).__name__} needs a method draw(key, height, width).")

    def maps(self, images: Array) -> Array:
        """A map for each picture: ``(batch, 3, 3)``."""
        batch, height, width, _ = images.shape
        return jax.vmap(partial(self.draw, height=height, width=width))(context.example_keys(batch))

    def prepare(self, *inputs: Any) -> tuple[Any, ...]:
        """Check pictures, also those of a warp that a layer before has begun."""
        if isinstance(inputs[0], Warp):
            super().prepare(inputs[0].images)
            return inputs
        return super().prepare(*inputs)

    def forward(self, x: Array | Warp) -> Array | Warp:
        if isinstance(x, Warp):
            return x.then(self.maps(x.images), self.sampling)
        return self.apply(x) if context.is_training() else floating(x)

    def apply(self, images: Array) -> Array:
        """Move the pixels of pictures that no other layer moves."""
        return Warp.of(images).then(self.maps(images), self.sampling).resolve()


class Resampling(Geometric):
    """A geometric layer whose map may fall between the pixels and outside the picture."""

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        fill_value: float,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.sampling = Sampling(fill_mode, interpolation, fill_value)


def floating(images: Array) -> Array:
    """Floats as they are, whole numbers as float32."""
    return images if jnp.issubdtype(images.dtype, jnp.floating) else images.astype(jnp.float32)


def about_centre(linear: Array, height: int, width: int) -> Array:
    """The map (3, 3) that is ``linear`` (2, 2) about the middle of a picture."""
    centre = jnp.array([(width - 1) / 2, (height - 1) / 2])
    shift = centre - jnp.sum(linear * centre, axis=1)
    return jnp.eye(3).at[:2, :2].set(linear).at[:2, 2].set(shift)


def runs(layers: Iterable[Module]) -> list[list[Module]]:
    """Cut a chain where its layers can not share a resampling.

    Geometric layers in a row that sample alike, flips among any, are one run; every other layer
    is a run of its own.
    """
    found: list[list[Module]] = []
    for layer in layers:
        if found and _alike([*found[-1], layer]):
            found[-1].append(layer)
        else:
            found.append([layer])
    return found


def _alike(layers: list[Module]) -> bool:
    geometric = [layer for layer in layers if isinstance(layer, Geometric)]
    return len(geometric) == len(layers) and len({g.sampling for g in geometric} - {None}) <= 1


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
