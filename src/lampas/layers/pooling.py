"""Pooling layers: maximum or mean of windows, of whole feature maps, or weighted by attention."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Unpack

import jax
import jax.numpy as jnp

from .. import initializers
from ..core.build import Initializer
from ..core.errors import Shape
from ..core.masks import get_mask
from ..core.variable import Array
from ..kernels import pool
from ..kernels.windows import Pads, check_padding, explicit_padding, per_axis
from .base import Layer, LayerOptions, SpatialLayer


class _Pool(SpatialLayer):
    """Base of layers that slide a window over ``rank`` spatial axes."""

    def __init__(
        self,
        pool_size: int | Sequence[int] = 2,
        strides: int | Sequence[int] | None = None,
        padding: str = "valid",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.pool_size = per_axis("pool_size", pool_size, self.rank)
        self.strides = per_axis("strides", pool_size if strides is None else strides, self.rank)
        self.padding = check_padding(padding)

    def padding_for(self, x: Array) -> Pads:
        """Padding of each spatial axis for an input like ``x``."""
        return explicit_padding(x.shape[1:-1], self.pool_size, self.strides, self.padding)


class _MaxPool(_Pool):
    def forward(self, x: Array) -> Array:
        return pool.max_pool(x, self.pool_size, self.strides, self.padding_for(x))


class _AveragePool(_Pool):
    def forward(self, x: Array) -> Array:
        return pool.average_pool(x, self.pool_size, self.strides, self.padding_for(x))


class _MaskedPool1D(_Pool, rank=1):
    """Pooling over steps that ignores masked ones; windows without any other give 0, masked."""

    def unmasked_fraction(self, mask: Array) -> Array:
        """The fraction of unmasked steps in each window, ``(batch, new_steps, 1)``."""
        steps = mask[..., None].astype(jnp.float32)
        return pool.average_pool(steps, self.pool_size, self.strides, self.padding_for(steps))

    def compute_mask(self, inputs: Array, previous_mask: Array) -> Array:
        return self.unmasked_fraction(previous_mask)[..., 0] > 0


class MaxPool1D(_MaskedPool1D, _MaxPool):
    """Maximum of each window of steps.

    Masked steps are ignored; a window of masked steps alone gives 0 and is masked.

    Args:
        pool_size: size of the window.
        strides: steps between neighboring windows; None for ``pool_size``.
        padding: "valid" for none, "same" to pad to ``ceil(size / stride)`` outputs.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, channels)``; "valid" gives
    ``(steps - pool_size) // stride + 1``, "same" ``ceil(steps / stride)``.

    Raises:
        ShapeError: when a window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.MaxPool1D()(np.ones((2, 10, 3))).shape
        (2, 5, 3)
    """

    def forward(self, x: Array) -> Array:
        mask = get_mask(x)
        if mask is None:
            return super().forward(x)
        largest = super().forward(jnp.where(mask[..., None], x, -jnp.inf))
        return jnp.where(self.unmasked_fraction(mask) > 0, largest, 0)


class MaxPool2D(_MaxPool, rank=2):
    """Maximum of each window of rows and columns.

    Args:
        pool_size: size of the window; one number or a pair (height, width).
        strides: steps between neighboring windows; None for ``pool_size``.
        padding: "valid" for none, "same" to pad to ``ceil(size / stride)`` outputs.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, channels)``; "valid"
    gives ``(size - pool_size) // stride + 1``, "same" ``ceil(size / stride)``.

    Raises:
        ShapeError: when a window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.MaxPool2D()(np.ones((2, 8, 8, 3))).shape
        (2, 4, 4, 3)
    """


class MaxPool3D(_MaxPool, rank=3):
    """Maximum of each window over three axes.

    Args:
        pool_size: size of the window; one number or three, one per axis.
        strides: steps between neighboring windows; None for ``pool_size``.
        padding: "valid" for none, "same" to pad to ``ceil(size / stride)`` outputs.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    channels)``; "valid" gives ``(size - pool_size) // stride + 1``, "same" ``ceil(size / stride)``.

    Raises:
        ShapeError: when a window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.MaxPool3D()(np.ones((1, 4, 6, 8, 2))).shape
        (1, 2, 3, 4, 2)
    """


class AveragePool1D(_MaskedPool1D, _AveragePool):
    """Mean of each window of steps; padding does not count.

    Masked steps are ignored; a window of masked steps alone gives 0 and is masked.

    Args:
        pool_size: size of the window.
        strides: steps between neighboring windows; None for ``pool_size``.
        padding: "valid" for none, "same" to pad to ``ceil(size / stride)`` outputs.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, channels) -> (batch, new_steps, channels)``; "valid" gives
    ``(steps - pool_size) // stride + 1``, "same" ``ceil(steps / stride)``.

    Raises:
        ShapeError: when a window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.AveragePool1D()(np.ones((2, 10, 3))).shape
        (2, 5, 3)
    """

    def forward(self, x: Array) -> Array:
        mask = get_mask(x)
        if mask is None:
            return super().forward(x)
        fraction = self.unmasked_fraction(mask)
        mean = super().forward(jnp.where(mask[..., None], x, 0))
        return mean / jnp.where(fraction > 0, fraction, 1)


class AveragePool2D(_AveragePool, rank=2):
    """Mean of each window of rows and columns; padding does not count.

    Args:
        pool_size: size of the window; one number or a pair (height, width).
        strides: steps between neighboring windows; None for ``pool_size``.
        padding: "valid" for none, "same" to pad to ``ceil(size / stride)`` outputs.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels) -> (batch, new_height, new_width, channels)``; "valid"
    gives ``(size - pool_size) // stride + 1``, "same" ``ceil(size / stride)``.

    Raises:
        ShapeError: when a window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.AveragePool2D()(np.ones((2, 8, 8, 3))).shape
        (2, 4, 4, 3)
    """


class AveragePool3D(_AveragePool, rank=3):
    """Mean of each window over three axes; padding does not count.

    Args:
        pool_size: size of the window; one number or three, one per axis.
        strides: steps between neighboring windows; None for ``pool_size``.
        padding: "valid" for none, "same" to pad to ``ceil(size / stride)`` outputs.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, depth, height, width, channels) -> (batch, new_depth, new_height, new_width,
    channels)``; "valid" gives ``(size - pool_size) // stride + 1``, "same" ``ceil(size / stride)``.

    Raises:
        ShapeError: when a window does not fit into the input.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.AveragePool3D()(np.ones((1, 4, 6, 8, 2))).shape
        (1, 2, 3, 4, 2)
    """


class _GlobalPool(SpatialLayer):
    def __init__(self, *, keepdims: bool = False, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.keepdims = keepdims

    def spatial_axes(self, x: Array) -> tuple[int, ...]:
        """The axes between batch and channels."""
        return tuple(range(1, x.ndim - 1))


class _GlobalMaxPool(_GlobalPool):
    def forward(self, x: Array) -> Array:
        return jnp.max(x, self.spatial_axes(x), keepdims=self.keepdims)


class _GlobalAveragePool(_GlobalPool):
    def forward(self, x: Array) -> Array:
        return jnp.mean(x, self.spatial_axes(x), keepdims=self.keepdims)


class GlobalMaxPool1D(_GlobalMaxPool, rank=1):
    """Maximum over all steps.

    Masked steps are ignored; the result is 0 where all steps are masked.

    Args:
        keepdims: whether to keep the reduced axes with size 1.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, channels) -> (batch, channels)``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.GlobalMaxPool1D()(np.ones((2, 10, 3))).shape
        (2, 3)
    """

    def forward(self, x: Array) -> Array:
        mask = get_mask(x)
        if mask is None:
            return super().forward(x)
        largest = super().forward(jnp.where(mask[..., None], x, -jnp.inf))
        return jnp.where(jnp.isneginf(largest), 0.0, largest)


class GlobalMaxPool2D(_GlobalMaxPool, rank=2):
    """Maximum of each feature map.

    Args:
        keepdims: whether to keep the reduced axes with size 1.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels) -> (batch, channels)``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.GlobalMaxPool2D()(np.ones((2, 8, 8, 3))).shape
        (2, 3)
    """


class GlobalMaxPool3D(_GlobalMaxPool, rank=3):
    """Maximum of each feature volume.

    Args:
        keepdims: whether to keep the reduced axes with size 1.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, depth, height, width, channels) -> (batch, channels)``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.GlobalMaxPool3D()(np.ones((1, 4, 6, 8, 2))).shape
        (1, 2)
    """


class GlobalAveragePool1D(_GlobalAveragePool, rank=1):
    """Mean over all steps.

    Masked steps are ignored; the result is 0 where all steps are masked.

    Args:
        keepdims: whether to keep the reduced axes with size 1.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, channels) -> (batch, channels)``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.GlobalAveragePool1D()(np.ones((2, 10, 3))).shape
        (2, 3)
    """

    def forward(self, x: Array) -> Array:
        mask = get_mask(x)
        if mask is None:
            return super().forward(x)
        weights = mask[..., None].astype(x.dtype)
        total = jnp.sum(x * weights, 1, keepdims=self.keepdims)
        return total / jnp.maximum(jnp.sum(weights, 1, keepdims=self.keepdims), 1)


class GlobalAveragePool2D(_GlobalAveragePool, rank=2):
    """Mean of each feature map.

    Args:
        keepdims: whether to keep the reduced axes with size 1.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, height, width, channels) -> (batch, channels)``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.GlobalAveragePool2D()(np.ones((2, 8, 8, 3))).shape
        (2, 3)
    """


class GlobalAveragePool3D(_GlobalAveragePool, rank=3):
    """Mean of each feature volume.

    Args:
        keepdims: whether to keep the reduced axes with size 1.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, depth, height, width, channels) -> (batch, channels)``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.GlobalAveragePool3D()(np.ones((1, 4, 6, 8, 2))).shape
        (1, 2)
    """


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
    """Weighted mean over the steps, with weights learned by comparing each step with a query.

    The weights are ``softmax(x @ query / sqrt(features))`` over the unmasked steps: dot-product
    attention (Luong et al., 2015) with one query for all sequences. The result is 0 where all
    steps are masked.

    Args:
        query_initializer: draws the initial query.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, features) -> (batch, features)``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.AttentionPool1D()(np.ones((2, 10, 3))).shape
        (2, 3)
    """

    axes = ("batch", "steps", "features")

    def __init__(
        self, *, query_initializer: Initializer | str = "zeros", **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        self.query_initializer = initializers.get(query_initializer)

    def build(self, shape: Shape) -> None:
        self.input_features = shape[-1]
        self.query = self.parameter((shape[-1],), self.query_initializer)

    def forward(self, x: Array) -> Array:
        scores = x @ self.query.value / math.sqrt(x.shape[-1])
        mask = get_mask(x)
        weights = jax.nn.softmax(scores, -1, where=mask)
        if mask is not None:
            weights = jnp.where(mask, weights, 0.0)
        return jnp.einsum("bt,btf->bf", weights, x)
