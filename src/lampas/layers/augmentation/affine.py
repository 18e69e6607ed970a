"""Base classes of geometric augmentation, and the composition of consecutive affine maps.

Resampling an image costs time and blurs it a little. Therefore ``Sequential`` wraps the images in a
:class:`PendingAffine` before a group of geometric layers, each layer multiplies its matrices, and
the images are resampled once with the product.
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
from ...kernels.affine import Sampling, affine_transform, as_float
from ..base import RandomLayer, RandomLayerOptions


class AffineAugmentation(RandomLayer):
    """Base of layers that apply a random affine map to each image in training.

    Subclasses write ``random_matrix(key, height, width)``. Consecutive geometric layers of a
    ``Sequential`` with the same ``sampling`` are applied as one map.

    The images change in training and, as in Keras, when the layer is called directly; not in
    ``evaluate`` and ``predict``. Integers become float32 in either case.
    """

    axes = ("batch", "height", "width", "channels")
    prepares_images = True
    casts_to_float: ClassVar[bool] = False
    sampling: Sampling | None
    """Interpolation and fill mode; None if the map only moves pixels to pixels."""

    def random_matrix(self, key: Array, height: int, width: int) -> Array:
        """The matrix of one image, (3, 3), from (x, y, 1) of an output pixel to the input."""
        raise NotImplementedError(
            f"{type(self).__name__} needs a method random_matrix(key, height, width)."
        )

    def random_matrices(self, images: Array) -> Array:
        """One matrix per image, ``(batch, 3, 3)``."""
        batch, height, width, _ = images.shape
        matrix = partial(self.random_matrix, height=height, width=width)
        return jax.vmap(matrix)(context.example_keys(batch))

    def pre_forward(self, *inputs: Any) -> tuple[Any, ...]:
        """Check the images, including those of a pending map."""
        if isinstance(inputs[0], PendingAffine):
            super().pre_forward(inputs[0].images)
            return inputs
        return super().pre_forward(*inputs)

    def forward(self, x: Array | PendingAffine) -> Array | PendingAffine:
        if isinstance(x, PendingAffine):
            return x.compose(self.random_matrices(x.images), self.sampling)
        return self.transform(x) if context.is_augmenting() else as_float(x)

    def transform(self, images: Array) -> Array:
        """Apply the map of this layer alone."""
        pending = PendingAffine.identity(images)
        return pending.compose(self.random_matrices(images), self.sampling).apply()


class ResamplingAugmentation(AffineAugmentation):
    """Base of geometric layers that interpolate between pixels and fill positions outside."""

    def __init__(
        self,
        fill_mode: str,
        interpolation: str,
        fill_value: float,
        **options: Unpack[RandomLayerOptions],
    ) -> None:
        super().__init__(**options)
        self.sampling = Sampling(fill_mode, interpolation, fill_value)


def about_center(linear: Array, height: int, width: int) -> Array:
    """The matrix (3, 3) that applies ``linear`` (2, 2) around the center of an image."""
    center = jnp.array([(width - 1) / 2, (height - 1) / 2])
    shift = center - jnp.sum(linear * center, axis=1)
    return jnp.eye(3).at[:2, :2].set(linear).at[:2, 2].set(shift)


def group_consecutive(layers: Iterable[Module]) -> list[list[Module]]:
    """Divide a sequence of layers into groups that share one resampling.

    Consecutive geometric layers with the same ``sampling`` form a group, and flips join any group;
    every other layer is a group of its own.
    """
    groups: list[list[Module]] = []
    for layer in layers:
        if groups and _can_share_resampling([*groups[-1], layer]):
            groups[-1].append(layer)
        else:
            groups.append([layer])
    return groups


def _can_share_resampling(layers: list[Module]) -> bool:
    affine = [layer for layer in layers if isinstance(layer, AffineAugmentation)]
    return len(affine) == len(layers) and len({layer.sampling for layer in affine} - {None}) <= 1


_PIXEL_TO_PIXEL = Sampling("nearest", "nearest")


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class PendingAffine:
    """Images and the affine maps that have not been applied to them yet.

    ``sampling`` is None as long as all maps are flips, which need no interpolation.

    Shape: ``images`` (batch, height, width, channels), ``matrices`` (batch, 3, 3).
    """

    images: Array
    matrices: Array
    sampling: Sampling | None = field(default=None, metadata={"static": True})

    @classmethod
    def identity(cls, images: Array) -> PendingAffine:
        """Images with the identity as their map."""
        return cls(images, jnp.tile(jnp.eye(3), (len(images), 1, 1)))

    def compose(self, maps: Array, sampling: Sampling | None) -> PendingAffine:
        """Add the maps of the next layer, which lead from its output to its input."""
        if sampling is not None and self.sampling not in (None, sampling):
            return PendingAffine.identity(self.apply()).compose(maps, sampling)
        product = jnp.matmul(self.matrices, maps, precision=lax.Precision.HIGHEST)
        return PendingAffine(self.images, product, sampling or self.sampling)

    def apply(self) -> Array:
        """Resample the images by the product of all maps; returns floats."""
        return affine_transform(self.images, self.matrices, self.sampling or _PIXEL_TO_PIXEL)


def start_affine(x: Any) -> Any:
    """Wrap a batch of images in a pending map in training; return anything else unchanged."""
    if context.is_augmenting() and getattr(x, "ndim", None) == 4:
        return PendingAffine.identity(jnp.asarray(x))
    return x


def apply_affine(x: Any) -> Any:
    """Apply a pending map; return anything else unchanged."""
    return x.apply() if isinstance(x, PendingAffine) else x
