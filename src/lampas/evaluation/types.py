"""Types shared by metrics, baselines and comparisons."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Task = Literal["classify", "regress", "forecast"]
"""The task of a model: classify, predict a number, or forecast the next steps of a series."""
Predictions = npt.NDArray[np.floating[Any]]
"""Probabilities ``(n, classes)``, values ``(n,)`` or forecasts ``(n, horizon)``."""


class Splits(NamedTuple):
    """Training, validation and test examples; their type depends on the kind of data."""

    train: Any
    validation: Any
    test: Any


class Baseline(NamedTuple):
    """A simple method, evaluated on the same test examples as the network.

    Args:
        name: name of the method, such as ``"gradient boosting"``.
        predictions: predictions for the test examples.
        is_strong: whether the method is a serious competitor, not only a lower bound such as the
            majority class.
        seconds: duration of fitting and predicting.
    """

    name: str
    predictions: Predictions
    is_strong: bool
    seconds: float
