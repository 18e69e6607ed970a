"""Normalization by fixed statistics: raw values in, values of mean 0 and variance 1 out.

Rescaling: bring raw values, such as the bytes of pictures, into a range that learns well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError, Shape, ShapeError, show_shape
from ...core.variable import Array
from ..base import Layer, LayerOptions

SMALLEST = 1e-7
"""The least standard deviation to divide by, for features that never change."""

Statistic = npt.NDArray[np.float64]


class Normalization(Layer):
    """``(x - mean) / deviation``; with ``invert`` the way back, ``x * deviation + mean``.

    The statistics are given, or taken from data once by ``adapt``; training does not change them,
    and the model's file holds them. Take them from the training data alone.

    Args:
        axis: the axes that have statistics of their own; ``-1`` for one mean and variance a
            feature, None for one of all values.
        mean, variance: one number, or one for each place along ``axis``.
        invert: turn normalized values into raw ones, as at the end of a model that forecasts.

    Shape: unchanged.
    Raises ArgumentError when it has no statistics yet, ShapeError when they do not fit the input.
    """

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: npt.ArrayLike | None = None,
        variance: npt.ArrayLike | None = None,
        invert: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if (mean is None) != (variance is None):
            raise ArgumentError("give both mean and variance, or neither and call adapt(data).")
        self.axis = axis
        self.invert = invert
        self._options = options
        self.statistics: tuple[Statistic, Statistic] | None = None
        if mean is not None and variance is not None:
            self._take(np.asarray(mean, np.float64), np.asarray(variance, np.float64))

    def adapt(self, data: Any) -> None:
        """Take mean and variance of data, ``(examples, ...)``, over all axes but ``axis``.

        Raises:
            DataError: when the data is empty or not finite.
        """
        values = np.asarray(data)
        if not values.size or not np.isfinite(values).all():
            what = "not finite" if values.size else "empty"
            raise DataError(
                f"adapt needs finite numbers; the data of shape {show_shape(values.shape)} is "
                f"{what}."
            )
        kept = _places(self.axis, values.ndim)
        others = tuple(axis for axis in range(values.ndim) if axis not in kept)
        shape = _shape(values.shape, kept)
        mean, variance = (
            np.reshape(of(values, others, dtype=np.float64), shape) for of in (np.mean, np.var)
        )
        self._take(mean, variance)

    def _take(self, mean: Statistic, variance: Statistic) -> None:
        if not (np.isfinite(mean).all() and np.isfinite(variance).all() and (variance >= 0).all()):
            raise ArgumentError(
                f"mean and variance must be finite, and no variance below 0, got {mean.tolist()} "
                f"and {variance.tolist()}."
            )
        if self.built_for is not None:
            shape = self.mean.shape
            fitted = self._fitted(mean, shape), self._fitted(_deviation(variance), shape)
            self.mean.value, self.deviation.value = map(jnp.asarray, fitted)
        self.statistics = mean, variance
        # The file of a model holds its arguments.
        self._arguments = (
            (),
            {
                "axis": self.axis,
                "mean": mean.tolist(),
                "variance": variance.tolist(),
                "invert": self.invert,
                **self._options,
            },
        )

    def build(self, shape: Shape) -> None:
        if self.statistics is None:
            raise ArgumentError(
                "has no mean and variance yet. Call adapt(train_x) before the model is used, or "
                "give mean= and variance=."
            )
        kept = _places(self.axis, len(shape))
        if len(shape) - 1 in kept:
            self.features = shape[-1]
        mean, variance = self.statistics
        self.mean = self._fixed(mean, _shape(shape, kept))
        self.deviation = self._fixed(_deviation(variance), _shape(shape, kept))

    def _fixed(self, values: Statistic, shape: Shape) -> Any:
        fitted = self._fitted(values, shape)
        return self.state(shape, lambda key, shape, dtype: jnp.asarray(fitted, dtype))

    def _fitted(self, values: Statistic, shape: Shape) -> npt.NDArray[np.float32]:
        try:
            return np.broadcast_to(values, shape).astype(np.float32)
        except ValueError as error:
            raise ShapeError(
                f"has statistics of shape {show_shape(values.shape)}, the input needs "
                f"{show_shape(shape)} along axis {self.axis}."
            ) from error

    def forward(self, x: Array) -> Array:
        mean, deviation = self.mean.value, self.deviation.value
        return x * deviation + mean if self.invert else (x - mean) / deviation


def _deviation(variance: Statistic) -> Statistic:
    return np.maximum(np.sqrt(variance), SMALLEST)


def _places(axis: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    """The axes that have statistics of their own, counted from the front."""
    if axis is None:
        return ()
    axes = (axis,) if isinstance(axis, int) else tuple(axis)
    places = tuple(sorted(at + ndim if at < 0 else at for at in axes))
    if not all(0 < at < ndim for at in places) or len(set(places)) < len(places):
        raise ArgumentError(
            f"axis={axis} can not be had of {ndim} axes: name axes other than the first, the "
            "examples, each once."
        )
    return places


def _shape(shape: Shape, kept: tuple[int, ...]) -> Shape:
    """The shape of the statistics: 1 for axes without their own, none for those in front."""
    first = min(kept, default=len(shape))
    return tuple(shape[axis] if axis in kept else 1 for axis in range(first, len(shape)))


class Rescaling(Layer):
    """``x * scale + offset``; ``Rescaling(1 / 255)`` maps bytes to 0 .. 1.

    Shape: unchanged.
    """

    def __init__(self, scale: float, offset: float = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.scale = scale
        self.offset = offset

    def forward(self, x: Array) -> Array:
        return x * self.scale + self.offset
