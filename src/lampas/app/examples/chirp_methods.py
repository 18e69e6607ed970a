"""Forecasting methods: recurrent networks, persistence and linear autoregression."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ... import EarlyStopping, History, Sequential, forecast, layers
from ...data import Windows
from ...datasets.series import TimeSeries
from ...evaluation.forecast_baselines import LINEAR, PERSISTENCE
from ...evaluation.metrics import AnyFloats as Floats
from ...evaluation.metrics import rmse
from ...evaluation.types import Splits
from ...train.progress_bar import Verbose
from .training import cosine_adam

NETWORKS = {"SimpleRNN": layers.SimpleRNN, "GRU": layers.GRU, "LSTM": layers.LSTM}
MAX_STEPS = 100
MAX_ORIGINS = 40
"""Approximate maximum number of long forecasts."""


class Forecasts(NamedTuple):
    """Forecasts of a method: the next value of each test window, and long forecasts.

    Args:
        next_value: ``(windows,)``.
        long: ``(origins, steps)``.
    """

    next_value: Floats
    long: Floats


Methods = dict[str, Forecasts]
"""Forecasts by the name of the method."""


class TrainedNetwork(NamedTuple):
    """A trained network, its history and its forecasts."""

    model: Sequential
    history: History
    forecasts: Forecasts


def next_value_errors(methods: Methods, test: Windows) -> dict[str, float]:
    """RMSE of the next value, of each method."""
    return {name: float(rmse(method.next_value, test.y[:, 0])) for name, method in methods.items()}


def baselines(splits: Splits, long: LongHorizon) -> Methods:
    """Forecasts of the methods without a network."""
    train, _, test = splits
    x, inputs, steps = test.x[..., 0], long.inputs, long.steps
    return {PERSISTENCE: persistence(x, inputs, steps), LINEAR: linear(train, x, inputs, steps)}


def persistence(test: Floats, inputs: Floats, steps: int) -> Forecasts:
    """Repeat the last value.

    Shape: ``test`` (windows, length), ``inputs`` (origins, length).
    """
    return Forecasts(test[:, -1], np.repeat(inputs[:, -1:], steps, 1))


def linear(train: Windows, test: Floats, inputs: Floats, steps: int) -> Forecasts:
    """Forecast each value as a weighted sum of the window, fitted by least squares.

    Like the networks, it forecasts ``horizon`` values at once and continues recursively.
    """
    weights, *_ = np.linalg.lstsq(_with_bias(train.x[..., 0]), train.y, rcond=None)
    window, forecasts = inputs, np.empty((len(inputs), 0))
    while forecasts.shape[1] < steps:
        block = _with_bias(window) @ weights
        forecasts = np.concatenate([forecasts, block], 1)
        window = np.concatenate([window, block], 1)[:, -inputs.shape[1] :]
    return Forecasts((_with_bias(test) @ weights)[:, 0], forecasts[:, :steps])


def _with_bias(windows: Floats) -> Floats:
    return np.concatenate([windows, np.ones((len(windows), 1))], 1, dtype=np.float64)


def network(kind: str, train: Windows, units: int = 32) -> Sequential:
    """A recurrent network that normalizes raw values and forecasts ``horizon`` raw values."""
    mean, variance = train.x.mean(dtype=np.float64), train.x.var(dtype=np.float64)
    return Sequential(
        [
            layers.Normalization(None, mean, variance, input_shape=(train.length, 1)),
            NETWORKS[kind](units),
            layers.Dense(train.horizon),
            layers.Normalization(None, mean, variance, invert=True),
        ]
    )


class LongHorizon(NamedTuple):
    """Long forecasts in the test split.

    Args:
        origins: row of the first forecast value of each, ``(origins,)``.
        inputs: values before it, ``(origins, length)``.
        targets: true values, ``(origins, steps)``.
    """

    origins: npt.NDArray[np.intp]
    inputs: Floats
    targets: Floats

    @property
    def steps(self) -> int:
        return self.targets.shape[1]


def long_horizon_windows(series: TimeSeries, test: Windows) -> LongHorizon:
    """Windows for long forecasts in the test split, without noise where the clean series exists."""
    values = series.values if series.clean is None else series.clean
    first = int(test.starts[0]) + test.length
    steps = min(MAX_STEPS, max(1, (len(values) - first) // 2))
    last = len(values) - steps
    origins = np.arange(first, last + 1, max(1, (last - first) // MAX_ORIGINS))
    return LongHorizon(
        origins,
        values[origins[:, None] + np.arange(-test.length, 0)],
        values[origins[:, None] + np.arange(steps)],
    )


def train_model(
    kind: str, splits: Splits, long: LongHorizon, epochs: int, batch_size: int, verbose: Verbose
) -> TrainedNetwork:
    """Train a network, restore the weights with the best validation loss, and forecast."""
    train, validation, test = splits
    model = network(kind, train)
    model.compile(cosine_adam(1e-2, len(train), epochs, batch_size), loss="mse")
    best = EarlyStopping(monitor="val_loss", patience=epochs, restore_best_weights=True)
    held_out = (validation.x, validation.y)
    history = model.fit(
        train.x, train.y, batch_size, epochs, verbose, [best], validation_data=held_out
    )
    next_value = model.predict(test.x)[:, 0]
    long_forecasts = forecast(model, long.inputs[..., None], long.steps)[..., 0]
    return TrainedNetwork(model, history, Forecasts(next_value, long_forecasts))
