"""Pooling layers: keep the largest or the mean of each neighbourhood.

Pool a sequence by attention: its steps weigh in as they matter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Unpack

import jax
import jax.numpy as jnp

from .. import initializers
from ..core.build import Initializer
from ..core.errors import Shape
from ..core.masks import mask_of
from ..core.variable import Array
from ..kernels import pool
from ..kernels.windows import Pads, check_padding, pads, per_axis
from .base import Layer, LayerOptions


class _Pool(Layer):
    """A window slides over ``rank`` spatial axes."""

    rank: ClassVar[int]

    def __init__(
        self,
        pool_size: int | Sequence[int] = 2,
        strides: int | Sequence[int] | None = None,
        padding: str = "valid",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.pool_size = per_axis("pool_size", pool_size, self.rank)
        self.strides = (
            self.pool_size if strides is None else per_axis("strides", strides, self.rank)
        )
        self.padding = check_padding(padding)

    def around(self, x: Array) -> Pads:
        """Padding for an input like ``x``."""
        return pads(x.shape[1:-1], self.pool_size, self.strides, self.padding)


class _MaxPool(_Pool):
    def forward(self, x: Array) -> Array:
        return pool.max_pool(x, self.pool_size, self.strides, self.around(x))


class _AveragePool(_Pool):
    def forward(self, x: Array) -> Array:
        return pool.average_pool(x, self.pool_size, self.strides, self.around(x))


class _Masked1D(_Pool):
    """Over one axis masked steps are left out; windows of nothing else give 0 and are masked."""

    rank = 1
    axes = ("batch", "steps", "channels")

    def share(self, mask: Array) -> Array:
        """The share of each window that counts, (batch, new_steps, 1)."""
        steps = mask[..., None].astype(jnp.float32)
        return pool.average_pool(steps, self.pool_size, self.strides, self.around(steps))

    def next_mask(self, mask: Array, output: Array) -> Array:
        return self.share(mask)[..., 0] > 0


class MaxPool1D(_Masked1D, _MaxPool):
    """Largest value of each window of ``pool_size`` steps, every ``strides`` steps.

    Masked steps are left out; a window of nothing else gives 0 and is masked.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, channels)``; ``strides`` is
    ``pool_size`` unless given.
    """

    def forward(self, x: Array) -> Array:
        mask = mask_of(x)
        if mask is None:
            return super().forward(x)
        largest = super().forward(jnp.where(mask[..., None], x, -jnp.inf))
        return jnp.where(self.share(mask) > 0, largest, 0)


class MaxPool2D(_MaxPool):
    """Largest value of each window of ``pool_size``, every ``strides``.

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, channels)``;
    ``strides`` is ``pool_size`` unless given.
    """

    rank = 2
    axes = ("batch", "height", "width", "channels")


class MaxPool3D(_MaxPool):
    """Largest value of each window of ``pool_size``, every ``strides``.

    Shape: ``(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    channels)``; ``strides`` is ``pool_size`` unless given.
    """

    rank = 3
    axes = ("batch", "depth", "height", "width", "channels")


class AveragePool1D(_Masked1D, _AveragePool):
    """Mean of each window of ``pool_size`` steps, every ``strides`` steps; padding is not counted.

    Masked steps are left out; a window of nothing else gives 0 and is masked.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, channels)``.
    """

    def forward(self, x: Array) -> Array:
        mask = mask_of(x)
        if mask is None:
            return super().forward(x)
        share = self.share(mask)
        mean = super().forward(jnp.where(mask[..., None], x, 0))
        return mean / jnp.where(share > 0, share, 1)


class AveragePool2D(_AveragePool):
    """Mean of each window of ``pool_size``; padding is not counted.

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, channels)``.
    """

    rank = 2
    axes = ("batch", "height", "width", "channels")


class AveragePool3D(_AveragePool):
    """Mean of each window of ``pool_size``; padding is not counted.

    Shape: ``(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    channels)``.
    """

    rank = 3
    axes = ("batch", "depth", "height", "width", "channels")


class _GlobalPool(Layer):
    def __init__(self, keepdims: bool = False, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.keepdims = keepdims

    def space(self, x: Array) -> tuple[int, ...]:
        """The axes between batch and channels."""
        return tuple(range(1, x.ndim - 1))


class _GlobalMaxPool(_GlobalPool):
    def forward(self, x: Array) -> Array:
        return jnp.max(x, self.space(x), keepdims=self.keepdims)


class _GlobalAveragePool(_GlobalPool):
    def forward(self, x: Array) -> Array:
        return jnp.mean(x, self.space(x), keepdims=self.keepdims)


class GlobalMaxPool1D(_GlobalMaxPool):
    """Largest value over all steps: ``(batch, steps, channels) -> (batch, channels)``.

    Masked steps are left out; where no step counts the result is 0.
    """

    axes = ("batch", "steps", "channels")

    def forward(self, x: Array) -> Array:
        mask = mask_of(x)
        if mask is None:
            return super().forward(x)
        largest = super().forward(jnp.where(mask[..., None], x, -jnp.inf))
        return jnp.where(jnp.isneginf(largest), 0.0, largest)


class GlobalMaxPool2D(_GlobalMaxPool):
    """Largest value of each map: ``(batch, height, width, channels) -> (batch, channels)``."""

    axes = ("batch", "height", "width", "channels")


class GlobalMaxPool3D(_GlobalMaxPool):
    """Largest value: ``(batch, depth, height, width, channels) -> (batch, channels)``."""

    axes = ("batch", "depth", "height", "width", "channels")


class GlobalAveragePool1D(_GlobalAveragePool):
    """Mean over all steps: ``(batch, steps, channels) -> (batch, channels)``.

    Masked steps are left out; where no step counts the result is 0.
    """

    axes = ("batch", "steps", "channels")

    def forward(self, x: Array) -> Array:
        mask = mask_of(x)
        if mask is None:
            return super().forward(x)
        weights = mask[..., None].astype(x.dtype)
        total = jnp.sum(x * weights, 1, keepdims=self.keepdims)
        return total / jnp.maximum(jnp.sum(weights, 1, keepdims=self.keepdims), 1)


class GlobalAveragePool2D(_GlobalAveragePool):
    """Mean of each map: ``(batch, height, width, channels) -> (batch, channels)``."""

    axes = ("batch", "height", "width", "channels")


class GlobalAveragePool3D(_GlobalAveragePool):
    """Mean of a volume: ``(batch, depth, height, width, channels) -> (batch, channels)``."""

    axes = ("batch", "depth", "height", "width", "channels")


MaxPooling1D = MaxPool1D
MaxPooling2D = MaxPool2D
MaxPooling3D = MaxPool3D
AveragePooling1D = AveragePool1D
AveragePooling2D = AveragePool2D
AveragePooling3D = AveragePool3D
GlobalMaxPooling1D = GlobalMaxPool1D
GlobalMaxPooling2D = GlobalMaxPool2D
GlobalMaxPooling3D = GlobalMaxPool3D
GlobalAveragePooling1D = GlobalAveragePool1D
GlobalAveragePooling2D = GlobalAveragePool2D
GlobalAveragePooling3D = GlobalAveragePool3D


class AttentionPool1D(Layer):
    """A weighted mean over steps; the weights are learnt by comparing each step with a query.

    ``softmax(x @ query / sqrt(features))`` over the steps that count: dot-product attention
    (Luong et al., 2015) with one query for all sequences. Where no step counts the result is 0.

    Shape: ``(batch, steps, features) -> (batch, features)``.
    """

    axes = ("batch", "steps", "features")

    def __init__(
        self,
        *,
        query_initializer: Initializer | str = "zeros",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.query_initializer = initializers.get(query_initializer)

    def build(self, shape: Shape) -> None:
        self.features = shape[-1]
        self.query = self.parameter((shape[-1],), self.query_initializer)

    def forward(self, x: Array) -> Array:
        scores = x @ self.query.value / math.sqrt(x.shape[-1])
        mask = mask_of(x)
        weights = jax.nn.softmax(scores, -1, where=mask)
        if mask is not None:
            weights = jnp.where(mask, weights, 0.0)
        return jnp.einsum("bt,btf->bf", weights, x)
