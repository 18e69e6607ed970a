"""Baselines of forecasting: persistence, the seasonal naive forecast, linear autoregression."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from ..data.series import Windows
from ..layers.preprocessing.normalization import FLOAT64_PRECISION, scale_or_one
from .types import Baseline, Predictions, Splits

PERSISTENCE, SEASONAL, LINEAR = "persistence", "seasonal naive", "linear autoregression"
PENALTIES = (1e-8, 1e-5, 1e-3, 1e-2, 1e-1)
"""Candidates, in mean squares of the inputs; the validation windows decide."""
Floats = npt.NDArray[np.float64]


def forecast_baselines(splits: Splits, season: int) -> list[Baseline]:
    """Naive forecasts and linear autoregression for the test windows.

    Args:
        splits: training, validation and test windows.
        season: length of the season in steps; 0 where there is none.
    """
    baselines = [
        Baseline(name, y_pred, name != PERSISTENCE, 0.0)
        for name, y_pred in naive_forecasts(splits.test, season).items()
    ]
    start = time.perf_counter()
    y_pred = linear_autoregression(*splits)
    return [*baselines, Baseline(LINEAR, y_pred, True, time.perf_counter() - start)]


def naive_forecasts(windows: Windows, season: int) -> dict[str, Predictions]:
    """The last value repeated, and the last season repeated if there is a season.

    Args:
        windows: windows to forecast.
        season: length of the season in steps; 0 where there is none.
    """
    forecasts: dict[str, Predictions] = {PERSISTENCE: _repeat_last(windows, 1)}
    if season:
        forecasts[SEASONAL] = _repeat_last(windows, season)
    return forecasts


def linear_autoregression(train: Windows, validation: Windows, test: Windows) -> Predictions:
    """Forecast each step by ridge regression on all values of the window.

    The regression predicts the change from the last value, as the network does. The penalty with
    the smallest squared error on the validation windows is used.

    Args:
        train: windows to fit.
        validation: windows to choose the penalty by.
        test: windows to forecast.
    """
    end = int(train.steps[-1, -1]) + 1
    values = np.asarray(train.inputs[:end], np.float64)
    scale = scale_or_one(values.std(0), values.mean(0), FLOAT64_PRECISION)
    x, x_validation, x_test = (_features(windows, scale) for windows in (train, validation, test))
    change = train.y - _repeat_last(train, 1)
    products, mean = x.T @ x, np.square(x).mean() * len(x)
    candidates = [
        np.linalg.solve(products + penalty * mean * np.eye(x.shape[1]), x.T @ change)
        for penalty in PENALTIES
    ]
    target = validation.y - _repeat_last(validation, 1)
    best = min(candidates, key=lambda weights: np.square(x_validation @ weights - target).mean())
    return x_test @ best + _repeat_last(test, 1)


def _repeat_last(windows: Windows, season: int) -> Floats:
    """``(windows, horizon)``: the last season before each forecast, repeated."""
    first = windows.starts[:, None] + windows.length - season
    # The first windows may begin within the first season of the series.
    steps = np.maximum(first + np.arange(windows.horizon) % season, 0)
    return np.asarray(windows.targets[steps], np.float64)


def _features(windows: Windows, scale: Floats) -> Floats:
    """Scaled differences to the last step, flattened, and a constant 1: ``(windows, features)``."""
    x = (windows.x - windows.x[:, -1:]) / scale
    return np.concatenate([x.reshape(len(windows), -1), np.ones((len(windows), 1))], 1)


def rmse_by_step(y_true: Floats, y_pred: Predictions) -> Floats:
    """Root mean squared error of each step ahead, ``(horizon,)``, of forecasts ``(n, horizon)``."""
    return np.sqrt(np.square(np.asarray(y_pred) - y_true).mean(0))


def best_median_worst(errors: Floats) -> Iterator[tuple[str, int]]:
    """Name and index of the windows with the smallest, the median and the largest error."""
    order = np.argsort(errors, kind="stable")
    chosen = order[[0, len(order) // 2, -1]].tolist()
    yield from zip(("best", "median", "worst"), chosen, strict=True)
