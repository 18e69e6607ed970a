"""A forecast that starts from the last value, so that networks have only the change to learn.

The linear forecast, which begins where least squares ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Unpack

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from .. import regularizers
from ..core.build import Initializer
from ..core.errors import ArgumentError, DataError, Shape, ShapeError, show_shape
from ..core.module import Module
from ..core.variable import Array, Regularizer
from .base import Layer, LayerOptions


class NaiveResidual(Layer):
    """The last value of a window for all steps to come, and what the inner layers add to it.

    They see the window less its last step, so that the level does not matter and a trend goes on
    beyond all that was learnt from; with a linear layer this is NLinear (Zeng et al., 2023).

    Args:
        layers: each from the window to the corrections; their sum is added.
        column: the feature that is forecast.

    Shape: ``(batch, steps, features)`` to ``(batch, horizon)``.
    Raises ShapeError for another input, or one without the column.
    """

    def __init__(
        self, layers: Sequence[Module], column: int = 0, **options: Unpack[LayerOptions]
    ) -> None:
        super().__init__(**options)
        several = isinstance(layers, list | tuple) and len(layers) > 0
        if not several or not all(isinstance(layer, Module) for layer in layers):
            raise ArgumentError(f"NaiveResidual takes one layer or more in a list, got {layers!r}.")
        if column < 0:
            raise ArgumentError(f"column must be 0 or more, got {column}.")
        self.layers = list(layers)
        self.column = column

    def forward(self, x: Array) -> Array:
        if x.ndim != 3 or x.shape[2] <= self.column:
            raise ShapeError(
                f"expects (batch, steps, features) with a feature {self.column}, got "
                f"{show_shape(x.shape)}."
            )
        last = x[:, -1:]
        found = last[:, :, self.column]
        for layer in self.layers:
            found = found + layer(x - last)
        return found


PENALTIES = tuple(10.0**power for power in range(-8, 2))
"""Of the squared weights, in variances of the inputs."""
HELD_BACK = 0.25
"""Share of the examples, the last ones, by which the penalty is chosen."""
Floats = npt.NDArray[np.float64]


class Autoregression(Layer):
    """Each step to come as a weighted sum of all values of a window, and a bias.

    ``adapt`` finds the weights by least squares; training goes on from there. Gradient descent
    alone takes very long to it, for the steps of a window are nearly alike. Beside a recurrent
    layer it takes on what is linear, as in LSTNet (Lai et al., 2018).

    Args:
        horizon: steps that are forecast.
        kernel_regularizer: of the weights, not of the bias.

    Shape: ``(batch, steps, features)`` to ``(batch, horizon)``.
    Raises ShapeError for windows of another shape than it was built or adapted for.
    """

    axes = ("batch", "steps", "features")

    def __init__(
        self,
        horizon: int,
        *,
        kernel_regularizer: Regularizer | str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if not isinstance(horizon, int) or horizon < 1:
            raise ArgumentError(f"Autoregression needs a horizon of 1 or more, got {horizon!r}.")
        self.horizon = horizon
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.solution: tuple[Floats, Floats] | None = None

    def adapt(self, x: npt.ArrayLike, y: npt.ArrayLike) -> None:
        """Take the weights that forecast ``y`` best, ``(examples, horizon)``, from windows ``x``.

        Large weights are penalized (ridge regression); how much, the last quarter of the examples
        decides, forecast from the others.

        Args:
            x: ``(examples, steps, features)``, the earliest first.
            y: ``(examples, horizon)``.

        Raises:
            DataError: when they do not go together, are fewer than two, or not finite.
        """
        windows, wanted = np.asarray(x, np.float64), np.asarray(y, np.float64)
        fits = windows.ndim == 3 and wanted.shape == (len(windows), self.horizon)
        if not fits or len(windows) < 2:
            raise DataError(
                "adapt needs two examples or more, x (examples, steps, features) and y (examples, "
                f"{self.horizon}); got {show_shape(windows.shape)} and {show_shape(wanted.shape)}."
            )
        flat = windows.reshape(len(windows), -1)
        if not (np.isfinite(flat).all() and np.isfinite(wanted).all()):
            raise DataError("adapt needs finite numbers; some of x or y are not.")
        ((kernel, bias),) = _ridges(flat, wanted, [_penalty(flat, wanted)])
        kernel = kernel.reshape(*windows.shape[1:], self.horizon)
        if self.built_for is not None:
            _match(kernel, self.kernel.shape)
            self.kernel.value = jnp.asarray(kernel, self.kernel.value.dtype)
            self.bias.value = jnp.asarray(bias, self.bias.value.dtype)
        self.solution = kernel, bias

    def build(self, shape: Shape) -> None:
        shape = (*shape[1:], self.horizon)
        kernel, bias = self.solution or (np.zeros(shape), np.zeros(self.horizon))
        _match(kernel, shape)
        self.kernel = self.parameter(
            shape, _values(kernel), penalized=True, regularizer=self.kernel_regularizer
        )
        self.bias = self.parameter((self.horizon,), _values(bias))

    def forward(self, x: Array) -> Array:
        return jnp.tensordot(x, self.kernel.value, 2) + self.bias.value

    def multiplications(self, inputs: Shape, outputs: Shape) -> int:
        return inputs[0] * self.kernel.size


def _match(kernel: Floats, shape: Shape) -> None:
    if kernel.shape != shape:
        raise ShapeError(
            f"was adapted for windows of {show_shape(kernel.shape[:2])}, got "
            f"{show_shape(shape[:2])}: (steps, features)."
        )


def _values(values: Floats) -> Initializer:
    return lambda key, shape, dtype: jnp.asarray(values, dtype)


def _penalty(x: Floats, y: Floats) -> float:
    """Of PENALTIES the one with which the later examples are forecast best by the earlier ones."""
    first = len(x) - max(1, int(HELD_BACK * len(x)))
    errors = [
        np.square(x[first:] @ kernel + bias - y[first:]).mean()
        for kernel, bias in _ridges(x[:first], y[:first], PENALTIES)
    ]
    return PENALTIES[int(np.argmin(errors))]


def _ridges(x: Floats, y: Floats, penalties: Sequence[float]) -> Iterator[tuple[Floats, Floats]]:
    """Weights ``(columns, horizon)`` and bias ``(horizon,)``, which no penalty holds down."""
    x_mean, y_mean = x.mean(0), y.mean(0)
    apart = x - x_mean
    sizes, axes = np.linalg.eigh(apart.T @ apart)
    along = axes.T @ (apart.T @ (y - y_mean))
    # What never changes has no weight.
    unit = sizes.mean() or 1.0
    for penalty in penalties:
        kernel = axes @ (along / (np.maximum(sizes, 0) + penalty * unit)[:, None])
        yield kernel, y_mean - x_mean @ kernel
