"""Normalization and Rescaling: scale raw values by fixed statistics or constants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Unpack

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from ...core.arrays import as_numbers
from ...core.errors import ArgumentError, DataError, Shape, ShapeError, format_shape
from ...core.variable import Array, State
from ..base import Layer, LayerOptions

FLOAT32_PRECISION = 2 * float(np.finfo(np.float32).eps)
FLOAT64_PRECISION = 8 * float(np.finfo(np.float64).eps)
"""Relative spread of numbers that differ by a few roundings only."""

Statistic = npt.NDArray[np.float64]


class Normalization(Layer):
    """Compute ``(x - mean) / deviation``, or with ``invert`` the inverse ``x * deviation + mean``.

    The statistics are passed as arguments or computed from data by ``adapt``; training does not
    change them, and the model's file contains them. Compute them from the training data only.
    Features that are constant, up to rounding in float32, are not scaled: their deviation is 1.

    Args:
        axis: the axes along which the statistics differ; ``-1`` for one mean and variance per
            feature, None for a single mean and variance of all values.
        mean: one number, or one per position along ``axis``, in the order of the input's axes;
            None to call ``adapt``.
        variance: as ``mean``.
        invert: whether to convert normalized values back to raw ones, as at the end of a model
            that forecasts.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: unchanged.

    Raises:
        ArgumentError: when the layer has no statistics yet.
        ShapeError: when they do not match the input.

    Example:
        >>> import lampas as lp
        >>> layer = lp.Normalization()
        >>> layer.adapt([[1.0, 10.0], [3.0, 50.0]])
        >>> layer([[1.0, 50.0]]).tolist()
        [[-1.0, 1.0]]
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
            raise ArgumentError("pass both mean and variance, or neither and call adapt(data).")
        self.axis = axis
        self.invert = invert
        self._options = options
        self.statistics: tuple[Statistic, Statistic] | None = None
        if mean is not None and variance is not None:
            self._set_statistics(np.asarray(mean, np.float64), np.asarray(variance, np.float64))

    def adapt(self, data: Any) -> None:
        """Compute mean and variance of the data over all axes but ``axis``.

        Args:
            data: array of shape ``(examples, ...)``.

        Raises:
            DataError: when the data is empty or not finite.
        """
        values = np.asarray(as_numbers(data))
        if not values.size or not np.isfinite(values).all():
            reason = "not finite" if values.size else "empty"
            raise DataError(
                f"adapt needs finite numbers; the data of shape {format_shape(values.shape)} is "
                f"{reason}."
            )
        axes = _statistic_axes(self.axis, values.ndim)
        reduced = tuple(axis for axis in range(values.ndim) if axis not in axes)
        shape = _statistic_shape(values.shape, axes)
        mean = np.reshape(np.mean(values, reduced, dtype=np.float64), shape)
        variance = np.reshape(np.var(values, reduced, dtype=np.float64), shape)
        self._set_statistics(mean, variance)

    def _set_statistics(self, mean: Statistic, variance: Statistic) -> None:
        if not (np.isfinite(mean).all() and np.isfinite(variance).all() and (variance >= 0).all()):
            raise ArgumentError(
                f"mean and variance must be finite, and no variance below 0, got {mean.tolist()} "
                f"and {variance.tolist()}."
            )
        if self.built_shape is not None:
            self.mean.value, self.deviation.value = (
                jnp.asarray(values(), jnp.float32)
                for values in self._fit(mean, variance, self.built_shape)[1:]
            )
        self.statistics = mean, variance
        # The file of a model holds its arguments.
        statistics = {"mean": mean.tolist(), "variance": variance.tolist()}
        options = {"invert": self.invert, **self._options}
        self.init_arguments = ((), {"axis": self.axis, **statistics, **options})

    def build(self, shape: Shape) -> None:
        if self.statistics is None:
            raise ArgumentError(
                "has no mean and variance yet. Call adapt(train_x) before the model is used, or "
                "pass mean= and variance=."
            )
        axes = _statistic_axes(self.axis, len(shape))
        if len(shape) - 1 in axes:
            self.input_features = shape[-1]
        statistic_shape, mean, deviation = self._fit(*self.statistics, shape)
        self.mean = self._constant(mean, statistic_shape)
        self.deviation = self._constant(deviation, statistic_shape)

    def _constant(self, values: Callable[[], Statistic], shape: Shape) -> State:
        return self.state(shape, lambda key, shape, dtype: jnp.asarray(values(), dtype))

    def _fit(
        self, mean: Statistic, variance: Statistic, shape: Shape
    ) -> tuple[Shape, Callable[[], Statistic], Callable[[], Statistic]]:
        """Shape, mean and deviation for an input of ``shape``; the arrays are made when called."""
        axes = _statistic_axes(self.axis, len(shape))
        mean, variance = (self._broadcast(values, shape, axes) for values in (mean, variance))
        return mean.shape, lambda: mean, lambda: scale_or_one(np.sqrt(variance), mean)

    def _broadcast(self, values: Statistic, shape: Shape, axes: tuple[int, ...]) -> Statistic:
        sizes, statistic_shape = [shape[axis] for axis in axes], _statistic_shape(shape, axes)
        try:
            # As documented; adapt keeps axes of size 1 between them.
            if values.ndim <= len(sizes):
                return np.reshape(np.broadcast_to(values, sizes), statistic_shape)
            return np.broadcast_to(values, statistic_shape)
        except ValueError as error:
            raise ShapeError(
                f"has statistics of shape {format_shape(values.shape)}, the input needs "
                f"{format_shape(sizes)} along axis {self.axis}."
            ) from error

    def forward(self, x: Array) -> Array:
        mean, deviation = self.mean.value, self.deviation.value
        return x * deviation + mean if self.invert else (x - mean) / deviation


def scale_or_one(
    deviation: npt.NDArray[Any], mean: npt.NDArray[Any], precision: float = FLOAT32_PRECISION
) -> npt.NDArray[Any]:
    """The deviations to divide by: 1 for features that are constant up to rounding.

    Args:
        deviation: a standard deviation, or another measure of spread.
        mean: the mean, or another measure of location.
        precision: the relative precision of the values.
    """
    smallest = np.maximum(precision * np.abs(mean), np.finfo(np.float32).tiny)
    return np.where(deviation <= smallest, 1.0, deviation)


def _statistic_axes(axis: int | Sequence[int] | None, ndim: int) -> tuple[int, ...]:
    """The axes along which the statistics differ, as sorted positive numbers."""
    if axis is None:
        return ()
    numbers = (axis,) if isinstance(axis, int) else tuple(axis)
    axes = tuple(sorted(number + ndim if number < 0 else number for number in numbers))
    if not all(0 < number < ndim for number in axes) or len(set(axes)) < len(axes):
        raise ArgumentError(
            f"axis={axis} is not valid for an input with {ndim} axes: list different axes, without "
            "the first, which is the batch axis."
        )
    return axes


def _statistic_shape(shape: Shape, axes: tuple[int, ...]) -> Shape:
    """The shape of the statistics: from the first of ``axes`` on, 1 for the axes not listed."""
    first = min(axes, default=len(shape))
    return tuple(shape[axis] if axis in axes else 1 for axis in range(first, len(shape)))


class Rescaling(Layer):
    """Compute ``x * scale + offset``; ``Rescaling(1 / 255)`` maps bytes to 0 .. 1.

    Args:
        scale: factor.
        offset: added after the multiplication.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: unchanged.

    Example:
        >>> import lampas as lp
        >>> lp.Rescaling(1 / 255)([[0, 255]]).tolist()
        [[0.0, 1.0]]
    """

    prepares_images = True

    def __init__(self, scale: float, offset: float = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.scale = scale
        self.offset = offset

    def forward(self, x: Array) -> Array:
        return x * self.scale + self.offset
