"""The scale on which values are predicted: as they are, or by their logarithms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...data.tables import Table
from ...evaluation.baselines import gradient_boosting
from ...evaluation.formatting import format_in_units
from ...evaluation.types import Baseline, Splits
from .settings import TEST, VALIDATION, Scale

WIDE_RANGE = 100.0
"""Minimum ratio of the 99 % quantile to the 1 % quantile of values that may need logarithms."""


def choose_scale(rows: Table, seed: int) -> tuple[Scale, str]:
    """The scale with the lower mean absolute error on the validation rows, and the reason.

    Boosted trees are trained on both scales of values that have no negative ones, span orders of
    magnitude, and are less skewed as logarithms. The reason is empty for all other values.

    Args:
        rows: the whole table, to be split as in training.
        seed: seed of the split and of the trees.
    """
    if not spans_magnitudes(rows.y):
        return "linear", ""
    train, validation, _ = rows.split(VALIDATION, TEST, seed)
    splits = Splits(train, validation, validation)
    error, log_error = (
        float(np.abs(trees.predictions - validation.y).mean())
        for trees in (gradient_boosting(splits, 0, seed), log_gradient_boosting(splits, seed))
    )
    reason = (
        f"{rows.target!r} spans orders of magnitude; on the validation rows the mean absolute "
        f"error of boosted trees is {format_in_units(log_error)} on a logarithmic scale and "
        f"{format_in_units(error)} on a linear one"
    )
    return ("log" if log_error < error else "linear"), reason


def log_gradient_boosting(splits: Splits, seed: int) -> Baseline:
    """Boosted trees that predict the logarithms of values without negative ones.

    Args:
        splits: tables; if there are zeros in training, the smallest other value is added.
        seed: seed of the trees.
    """
    train, validation, test = splits
    offset = 0.0 if train.y.min() > 0 else float(train.y[train.y > 0].min())
    logarithms = replace(train, y=np.log(train.y + offset))
    trees = gradient_boosting(Splits(logarithms, validation, test), 0, seed)
    values = np.maximum(np.exp(trees.predictions) - offset, 0)
    return trees._replace(name=f"{trees.name} of logarithms", predictions=values)


def spans_magnitudes(y: np.ndarray) -> bool:
    """Whether values without negative ones are so unequal that logarithms are less skewed."""
    positive = y[y > 0]
    if y.min() < 0 or len(positive) < len(y) / 2:
        return False
    low, high = np.quantile(positive, (0.01, 0.99))
    return bool(high >= WIDE_RANGE * low and abs(_skewness(np.log(positive))) < _skewness(y))


def _skewness(values: np.ndarray) -> float:
    deviations = values - values.mean()
    return float((deviations**3).mean() / (deviations**2).mean() ** 1.5)
