"""Forecast a series step by step, each forecast the input of the next."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .core.errors import ArgumentError, DataError, Shape, ShapeError, show_shape
from .core.functional import Arrays, functional
from .core.jit import jit
from .core.module import Module
from .core.variable import Array
from .train.inputs.arrays import as_arrays, check
from .train.predictor import build_for


def forecast(model: Module, history: Any, steps: int) -> np.ndarray:
    """Forecast the ``steps`` that follow a series, in one compiled loop.

    The model looks at the last steps of the history and gives the next ones; these are put behind
    what it looked at, and it looks again at the last steps. A model of a horizon above 1 goes on
    in blocks of its horizon. Errors grow with the distance, because the model sees its own.

    Args:
        model: gives ``(batch, horizon, features)``; or ``(batch, horizon)`` for a series of one
            feature, ``(batch, features)`` for the next step alone.
        history: one series ``(rows,)`` or ``(rows, features)``, or several at once ``(batch, rows,
            features)``, the latest row last. As many rows are looked at as the model was built
            for, all of them if it takes any number.
        steps: how far to forecast.

    Returns:
        ``(steps,)``, ``(steps, features)`` or ``(batch, steps, features)``, as the history is.

    Raises:
        ArgumentError: when ``steps`` is below 1.
        DataError: when the history is too short, or not finite.
        ShapeError: when the history is no series; or the model gives less than all features, so
            that there is no next window. Within its horizon it may.
    """
    if not hasattr(steps, "__index__") or steps < 1:
        raise ArgumentError(f"steps must be a whole number of 1 or more, got {steps!r}.")
    given = as_arrays(history)
    check(given, (), what="the history")
    series = np.asarray(given, np.float32)
    if series.ndim not in (1, 2, 3):
        raise ShapeError(
            "a history is (rows,), (rows, features) or (batch, rows, features), got "
            f"{show_shape(series.shape)}."
        )
    batch = series[..., None] if series.ndim == 1 else series
    batch = batch[None] if batch.ndim == 2 else batch
    found = _loop(model)(_latest(model, batch), steps)
    if series.ndim == 3:
        return found
    return found[0, :, 0] if series.ndim == 1 and found.shape[2] == 1 else found[0]


def _latest(model: Module, series: np.ndarray) -> np.ndarray:
    """What the model looks at first: the last rows, as many as it was built for."""
    shape: Shape | None = getattr(model, "input_shape", None)
    rows = series.shape[1] if shape is None else shape[0]
    if series.shape[1] < rows:
        raise DataError(
            f"the model looks at {rows} rows, the history has {series.shape[1]}. Give it the last "
            f"{rows} rows or more."
        )
    return series[:, -rows:]


class _Loop:
    """The compiled loop of a model, made anew when its variables are new or others are frozen."""

    def __init__(self, model: Module) -> None:
        self.model = model
        self.made_for: Any = None

    def __call__(self, window: np.ndarray, steps: int) -> np.ndarray:
        build_for(self.model, window)
        (params, state), apply = functional(self.model)
        shape = jax.eval_shape(lambda: apply(params, state, window)[0]).shape
        block = _block(shape, window.shape[2], steps)
        made_for = self.model.variables(), Module.freezes
        if made_for != self.made_for:

            def run(
                params: Arrays, state: Arrays, window: Array, block: Shape, turns: int
            ) -> Array:
                def turn(window: Array, _: None) -> tuple[Array, Array]:
                    ahead = apply(params, state, window)[0].reshape(len(window), *block)
                    if turns > 1:
                        window = jnp.concatenate([window, ahead], 1)[:, -window.shape[1] :]
                    return window, ahead

                _, blocks = lax.scan(turn, window, None, length=turns)
                return jnp.moveaxis(blocks, 0, 1).reshape(len(window), -1, block[1])

            self.made_for, self.run = made_for, jit(run, static_argnums=(3, 4))
        return np.asarray(
            self.run(params, state, jnp.asarray(window), block, -(-steps // block[0]))
        )[:, :steps]


def _loop(model: Module) -> _Loop:
    """Kept with the model, so that a second forecast of the same shape compiles nothing."""
    if not isinstance(vars(model).get("_forecasts"), _Loop):
        model._forecasts = _Loop(model)  # type: ignore[attr-defined]
    return model._forecasts  # type: ignore[attr-defined]


def _block(shape: Shape, features: int, steps: int) -> tuple[int, int]:
    """Steps and values a step of one output of the model."""
    if len(shape) not in (2, 3):
        raise ShapeError(
            "a model that forecasts gives (batch, horizon) or (batch, horizon, features), this one "
            f"{show_shape(('batch', *shape[1:]))}."  # type: ignore[arg-type]
        )
    if len(shape) == 3:
        horizon, targets = shape[1:]
    else:
        horizon, targets = (1, features) if shape[1] == features > 1 else (shape[1], 1)
    if targets != features and steps > horizon:
        raise ShapeError(
            f"the model forecasts {targets} of {features} features, {horizon} steps ahead: beyond "
            f"these there is no next window to look at, and {steps} were wanted. Let it forecast "
            "all features, or train it on a larger horizon."
        )
    return horizon, targets
