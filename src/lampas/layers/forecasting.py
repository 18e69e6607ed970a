"""Layers for forecasts: linear autoregression, and residuals from the last value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Unpack

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from .. import initializers, regularizers
from ..core.arguments import NonNegativeInt, PositiveInt
from ..core.arrays import as_numbers
from ..core.build import Initializer
from ..core.errors import ArgumentError, DataError, Shape, ShapeError, format_shape
from ..core.module import Module
from ..core.variable import Array, Regularizer
from .base import Layer, LayerOptions


class LastValueResidual(Layer):
    """Forecast the last value of a window plus the sum of what the inner layers predict.

    The inner layers receive the window minus its last step. Therefore the level of the series does
    not matter, and a trend can continue beyond the values of the training data. With one linear
    layer this is NLinear (Zeng et al., 2023).

    Args:
        layers: layers that map a window ``(batch, steps, features)`` to ``(batch, horizon)``.
        column: index of the feature that is forecast.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, features) -> (batch, horizon)``.

    Raises:
        ArgumentError: when ``layers`` is not a list of layers, or ``column`` is negative.
        ShapeError: for inputs of another shape, or without the column.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> layer = lp.LastValueResidual([lp.Autoregression(3)])
        >>> layer(np.arange(5.0).reshape(1, 5, 1)).tolist()
        [[4.0, 4.0, 4.0]]
    """

    def __init__(
        self, layers: Sequence[Module], column: NonNegativeInt = 0, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        is_list = isinstance(layers, list | tuple) and len(layers) > 0
        if not is_list or not all(isinstance(layer, Module) for layer in layers):
            raise ArgumentError(f"layers must be a list of one or more layers, got {layers!r}.")
        self.layers = list(layers)
        self.column = column

    def forward(self, x: Array) -> Array:
        if x.ndim != 3 or x.shape[2] <= self.column:
            raise ShapeError(
                f"expects (batch, steps, features) with a feature {self.column}, got "
                f"{format_shape(x.shape)}."
            )
        last = x[:, -1:]
        forecast = last[:, :, self.column]
        for layer in self.layers:
            forecast = forecast + layer(x - last)
        return forecast


PENALTIES = tuple(10.0**power for power in range(-8, 2))
"""Candidate penalties for the squared weights, in units of the inputs' mean variance."""
HELD_OUT = 0.25
"""Fraction of the examples, the last ones, on which the penalties are compared."""
Floats = npt.NDArray[np.float64]


class Autoregression(Layer):
    """Linear autoregression: each forecast is a weighted sum of all values of a window and a bias.

    ``adapt`` computes the weights by ridge regression, and training starts from them. Gradient
    descent alone converges slowly, because the steps of a window are strongly correlated. Next to
    a recurrent layer it models the linear part, as in LSTNet (Lai et al., 2018).

    Args:
        horizon: number of steps that are forecast.
        kernel_regularizer: penalty for the weights, not for the bias.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, features) -> (batch, horizon)``.

    Raises:
        ArgumentError: when ``horizon`` is not an integer of 1 or more.
        ShapeError: for windows of a different shape than the first input or those of ``adapt``.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> series = np.arange(20.0)
        >>> windows = np.stack([series[i : i + 4, None] for i in range(15)])
        >>> layer = lp.Autoregression(1)
        >>> layer.adapt(windows, series[4:19, None])
        >>> layer(windows[-1:]).round(2).tolist()
        [[18.0]]
    """

    axes = ("batch", "steps", "features")

    def __init__(
        self,
        horizon: PositiveInt,
        *,
        kernel_regularizer: Regularizer | str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.horizon = horizon
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.solution: tuple[Floats, Floats] | None = None

    def adapt(self, x: npt.ArrayLike, y: npt.ArrayLike) -> None:
        """Set the weights by ridge regression of ``y`` on the windows ``x``.

        The penalty is the one with which a fit to the first three quarters of the examples best
        forecasts the last quarter; the weights are then computed from all examples.

        Args:
            x: windows, ``(examples, steps, features)``, the earliest first.
            y: the values that follow, ``(examples, horizon)``.

        Raises:
            DataError: when the shapes do not match, or there are fewer than two examples or values
                that are not finite.
        """
        windows, targets = (
            np.asarray(as_numbers(values, name), np.float64)
            for values, name in ((x, "x"), (y, "y"))
        )
        matches = windows.ndim == 3 and targets.shape == (len(windows), self.horizon)
        if not matches or len(windows) < 2:
            raise DataError(
                "adapt needs two examples or more, x (examples, steps, features) and y (examples, "
                f"{self.horizon}); got {format_shape(windows.shape)} and "
                f"{format_shape(targets.shape)}."
            )
        flat = windows.reshape(len(windows), -1)
        if not (np.isfinite(flat).all() and np.isfinite(targets).all()):
            raise DataError("adapt needs finite numbers; some of x or y are not.")
        ((kernel, bias),) = _ridge_solutions(flat, targets, [_choose_penalty(flat, targets)])
        kernel = kernel.reshape(*windows.shape[1:], self.horizon)
        if self.built_shape is not None:
            _check_window_shape(kernel, self.kernel.shape)
            self.kernel.value = jnp.asarray(kernel, self.kernel.value.dtype)
            self.bias.value = jnp.asarray(bias, self.bias.value.dtype)
        self.solution = kernel, bias

    def build(self, shape: Shape) -> None:
        shape = (*shape[1:], self.horizon)
        kernel, bias = initializers.get("zeros"), initializers.get("zeros")
        if self.solution is not None:
            _check_window_shape(self.solution[0], shape)
            kernel, bias = map(_constant, self.solution)
        self.kernel = self.parameter(
            shape, kernel, regularized=True, regularizer=self.kernel_regularizer
        )
        self.bias = self.parameter((self.horizon,), bias)

    def forward(self, x: Array) -> Array:
        return jnp.tensordot(x, self.kernel.value, 2) + self.bias.value

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return inputs[0] * self.kernel.size


def _check_window_shape(kernel: Floats, shape: Shape) -> None:
    if kernel.shape != shape:
        raise ShapeError(
            f"was adapted for windows of {format_shape(kernel.shape[:2])}, got "
            f"{format_shape(shape[:2])}: (steps, features)."
        )


def _constant(values: Floats) -> Initializer:
    return lambda key, shape, dtype: jnp.asarray(values, dtype)


def _choose_penalty(x: Floats, y: Floats) -> float:
    """The penalty with which a fit to the earlier examples best forecasts the later ones."""
    first = len(x) - max(1, int(HELD_OUT * len(x)))
    errors = [
        np.square(x[first:] @ kernel + bias - y[first:]).mean()
        for kernel, bias in _ridge_solutions(x[:first], y[:first], PENALTIES)
    ]
    return PENALTIES[int(np.argmin(errors))]


def _ridge_solutions(
    x: Floats, y: Floats, penalties: Sequence[float]
) -> Iterator[tuple[Floats, Floats]]:
    """Weights ``(columns, horizon)`` and unpenalized bias ``(horizon,)`` for each penalty."""
    x_mean, y_mean = x.mean(0), y.mean(0)
    centered = x - x_mean
    eigenvalues, eigenvectors = np.linalg.eigh(centered.T @ centered)
    projected = eigenvectors.T @ (centered.T @ (y - y_mean))
    # Constant inputs get no weight.
    unit = eigenvalues.mean() or 1.0
    for penalty in penalties:
        damped = np.maximum(eigenvalues, 0) + penalty * unit
        kernel = eigenvectors @ (projected / damped[:, None])
        yield kernel, y_mean - x_mean @ kernel
