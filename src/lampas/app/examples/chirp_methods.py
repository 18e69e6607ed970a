"""Ways to forecast: networks, and two that need no learning or little.

Where forecasts far ahead begin, and what they are compared with.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...data.series import Windows
from ...datasets.series import TimeSeries
from ...evaluation.metrics import AnyFloats as Floats
from ...forecasting import forecast
from ...layers import GRU, LSTM, Dense, SimpleRNN
from ...layers.preprocessing.normalization import Normalization
from ...optimizers import Adam
from ...optimizers.schedules import CosineDecay
from ...train.callbacks import EarlyStopping
from ...train.history import History
from ...train.progress_bar import Verbose
from ...train.sequential import Sequential

PERSISTENCE, LINEAR = "persistence", "linear autoregression"
NETWORKS = {"SimpleRNN": SimpleRNN, "GRU": GRU, "LSTM": LSTM}


class Forecasts(NamedTuple):
    """What a method says: the next value of each test window, and far ahead from some rows."""

    following: Floats
    """``(windows,)``"""
    ahead: Floats
    """``(origins, steps)``"""


class Learnt(NamedTuple):
    """A trained network and how it came about."""

    model: Sequential
    history: History
    forecasts: Forecasts


def persistence(test: Floats, before: Floats, steps: int) -> Forecasts:
    """All stays as it is: the last value, again and again.

    Shape: ``test`` (windows, length), ``before`` (origins, length).
    """
    return Forecasts(test[:, -1], np.repeat(before[:, -1:], steps, 1))


def linear(train: Windows, test: Floats, before: Floats, steps: int) -> Forecasts:
    """Each next value a weighted sum of those in the window, by least squares.

    As the networks do, it gives ``horizon`` values at once, and goes on from its own.
    """
    weights, *_ = np.linalg.lstsq(_with_one(train.x[..., 0]), train.y, rcond=None)
    window, found = before, np.empty((len(before), 0))
    while found.shape[1] < steps:
        block = _with_one(window) @ weights
        found = np.concatenate([found, block], 1)
        window = np.concatenate([window, block], 1)[:, -before.shape[1] :]
    return Forecasts((_with_one(test) @ weights)[:, 0], found[:, :steps])


def _with_one(windows: Floats) -> Floats:
    return np.concatenate([windows, np.ones((len(windows), 1))], 1, dtype=np.float64)


def network(kind: str, train: Windows, units: int = 32) -> Sequential:
    """Raw values in, raw values out: normalized, read step by step, ``horizon`` values said."""
    mean, variance = train.x.mean(dtype=np.float64), train.x.var(dtype=np.float64)
    return Sequential(
        [
            Normalization(None, mean, variance, input_shape=(train.length, 1)),
            NETWORKS[kind](units),
            Dense(train.horizon),
            Normalization(None, mean, variance, invert=True),
        ]
    )


def learn(
    kind: str,
    train: Windows,
    validation: Windows,
    test: Floats,
    before: Floats,
    steps: int,
    epochs: int,
    batch_size: int,
    verbose: Verbose,
) -> Learnt:
    """Train a network, keep the weights that did best on the validation part, and ask it."""
    model = network(kind, train)
    updates = epochs * -(-len(train) // batch_size)
    model.compile(Adam(CosineDecay(1e-2, updates)), loss="mse")
    best = EarlyStopping(monitor="val_loss", patience=epochs, restore_best_weights=True)
    history = model.fit(
        train.x, train.y, batch_size, epochs, verbose, [best],
        validation_data=(validation.x, validation.y),
    )  # fmt: skip
    following = model.predict(test[..., None])[:, 0]
    return Learnt(
        model, history, Forecasts(following, forecast(model, before[..., None], steps)[..., 0])
    )


AHEAD = 100
ORIGINS = 40
"""Forecasts far ahead begin at this many rows of the test part, or a few more."""


class Far(NamedTuple):
    """Forecasts far ahead: the rows they begin at, what goes before, and what comes true."""

    origins: npt.NDArray[np.intp]
    before: Floats
    truth: Floats

    @property
    def steps(self) -> int:
        return self.truth.shape[1]


def look_far(series: TimeSeries, test: Windows) -> Far:
    """Where forecasts far ahead begin in the test part: on the clean series where that is known."""
    values = series.values if series.clean is None else series.clean
    first = int(test.starts[0]) + test.length
    steps = min(AHEAD, max(1, (len(values) - first) // 2))
    last = len(values) - steps
    origins = np.arange(first, last + 1, max(1, (last - first) // ORIGINS))
    return Far(
        origins,
        values[origins[:, None] + np.arange(-test.length, 0)],
        values[origins[:, None] + np.arange(steps)],
    )
