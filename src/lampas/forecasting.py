"""Forecast a series step by step; each forecast becomes an input of the next one."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .core.arguments import PositiveInt, check_arguments
from .core.errors import DataError, Shape, ShapeError, format_shape
from .core.functional import Arrays, configuration, functional, is_same
from .core.jit import jit
from .core.module import Module
from .core.variable import Array
from .train.inputs.adapter import as_arrays, check_arrays
from .train.trainer import build_for_inputs


@check_arguments
def forecast(model: Module, history: Any, steps: PositiveInt) -> np.ndarray:
    """Forecast the next ``steps`` of a series in one compiled loop.

    The model forecasts the steps after a window of the history; they are appended to the window,
    which moves forward by as many steps, and the model runs again. A model with a horizon above 1
    advances in blocks of its horizon. Forecast errors accumulate with the distance.

    Args:
        model: returns ``(batch, horizon, features)``; or ``(batch, horizon)`` for a series with one
            feature; or ``(batch, features)`` for one step ahead.
        history: one series ``(rows,)`` or ``(rows, features)``, or several ``(batch, rows,
            features)``, the latest row last. The model receives as many of the last rows as it was
            built for, or all of them if it accepts any number.
        steps: number of steps to forecast.

    Returns:
        ``(steps,)``, ``(steps, features)`` or ``(batch, steps, features)``, like the history.

    Raises:
        ArgumentError: ``steps`` is below 1.
        DataError: the history is too short, or not finite.
        ShapeError: the history is not a series; or the model does not forecast all features, so
            that there is no next window. Within its horizon that is allowed.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> model = lp.Sequential([lp.Flatten(), lp.Dense(1)])
        >>> lp.forecast(model, np.arange(10.0), steps=4).shape
        (4,)
    """
    rows = as_arrays(history, "the history")
    check_arrays(rows, (), name="the history")
    series = np.asarray(rows, np.float32)
    if series.ndim not in (1, 2, 3):
        raise ShapeError(
            "A history must be (rows,), (rows, features) or (batch, rows, features), got "
            f"{format_shape(series.shape)}."
        )
    batch = series[..., None] if series.ndim == 1 else series
    batch = batch[None] if batch.ndim == 2 else batch
    values = _forecast_loop(model)(_initial_window(model, batch), steps)
    if series.ndim == 3:
        return values
    return values[0, :, 0] if series.ndim == 1 and values.shape[2] == 1 else values[0]


def _initial_window(model: Module, series: np.ndarray) -> np.ndarray:
    """The last rows of each series, as many as the model was built for."""
    shape: Shape | None = getattr(model, "example_shape", None)
    rows = series.shape[1] if shape is None else shape[0]
    if series.shape[1] < rows:
        raise DataError(
            f"The model needs {rows} rows, the history has {series.shape[1]}. Pass the last {rows} "
            "rows or more."
        )
    return series[:, -rows:]


class _ForecastLoop:
    """The compiled loop of a model; it is compiled again when the model changes."""

    def __init__(self, model: Module) -> None:
        self.model = model
        self.compiled_for: list[object] = []

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy of the model compiles a loop of its own.
        return type(self), (self.model,)

    def __call__(self, window: np.ndarray, steps: int) -> np.ndarray:
        build_for_inputs(self.model, window)
        (params, state), apply = functional(self.model)
        shape = jax.eval_shape(lambda: apply(params, state, window)[0]).shape
        block = _output_block(shape, window.shape[2], steps)
        compiled_for = configuration(self.model)
        if not is_same(compiled_for, self.compiled_for):

            def run(
                params: Arrays, state: Arrays, window: Array, block: Shape, repeats: int
            ) -> Array:
                def advance(window: Array, _: None) -> tuple[Array, Array]:
                    values = apply(params, state, window)[0].reshape(len(window), *block)
                    if repeats > 1:
                        window = jnp.concatenate([window, values], 1)[:, -window.shape[1] :]
                    return window, values

                _, blocks = lax.scan(advance, window, None, length=repeats)
                return jnp.moveaxis(blocks, 0, 1).reshape(len(window), -1, block[1])

            self.compiled_for, self.run = compiled_for, jit(run, static_argnums=(3, 4))
        values = self.run(params, state, jnp.asarray(window), block, -(-steps // block[0]))
        return np.asarray(values)[:, :steps]


def _forecast_loop(model: Module) -> _ForecastLoop:
    """The loop of a model, stored on it so that later forecasts of the same shape reuse it."""
    if not isinstance(vars(model).get("_forecasts"), _ForecastLoop):
        model._forecasts = _ForecastLoop(model)  # type: ignore[attr-defined]
    return model._forecasts  # type: ignore[attr-defined]


def _output_block(shape: Shape, features: int, steps: int) -> tuple[int, int]:
    """Number of steps in one output of the model, and of values per step."""
    if len(shape) not in (2, 3):
        raise ShapeError(
            "A forecasting model must return (batch, horizon) or (batch, horizon, features), got "
            f"{format_shape(('batch', *shape[1:]))}."  # type: ignore[arg-type]
        )
    if len(shape) == 3:
        horizon, targets = shape[1:]
    else:
        horizon, targets = (1, features) if shape[1] == features > 1 else (shape[1], 1)
    if targets != features and steps > horizon:
        raise ShapeError(
            f"The model forecasts {targets} of {features} features, {horizon} steps ahead; {steps} "
            "steps need all features as the next inputs. Let the model forecast all features, or "
            "train it with a larger horizon."
        )
    return horizon, targets
