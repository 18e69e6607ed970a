"""Networks that forecast a series from a window of its past."""

from __future__ import annotations

import numpy as np

from ..layers import RNN, Autoregression, Dense, Dropout, LastValueResidual, Normalization
from ..layers.preprocessing.normalization import scale_or_one
from ..regularizers import L2
from ..train.sequential import Sequential


def recurrent_forecaster(
    x: np.ndarray, y: np.ndarray, recurrent: RNN, dropout: float, l2: float
) -> Sequential:
    """Forecast the change from the last value by a recurrent layer and a linear map.

    The linear map starts at the least-squares solution, and the recurrent part at zero.

    Args:
        x: windows of the training data, ``(n, length, columns)``, the target first.
        y: values that follow, ``(n, horizon)``.
        recurrent: the recurrent layer.
        dropout: rate of dropout after it.
        l2: factor of the L2 penalty on the weights of the linear map.
    """
    last, mean, horizon = x[:, -1:], x.mean((0, 1)), y.shape[1]
    changes, future_changes = x - last, y - last[:, :, 0]
    deviation = scale_or_one(changes.std((0, 1)), mean)
    linear = Autoregression(horizon, kernel_regularizer=L2(l2))
    linear.adapt(changes / deviation, future_changes / deviation[0])
    layers = [recurrent, Dropout(dropout), Dense(horizon, kernel_initializer="zeros")]
    return Sequential(
        [
            Normalization(-1, mean, deviation**2, input_shape=x.shape[1:]),
            LastValueResidual([Sequential(layers), linear], column=0),
            Normalization(None, mean[0], deviation[0] ** 2, invert=True),
        ]
    )
