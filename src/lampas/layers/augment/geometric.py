"""What the layers share that move pixels about: one affine map for each picture."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar, Unpack

import jax
import jax.numpy as jnp

from ...core import context
from ...core.module import Module
from ...core.variable import Array
from ...ops.affine import Sampling
from ..layer import Layer, LayerOptions
from .warp import Warp


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
