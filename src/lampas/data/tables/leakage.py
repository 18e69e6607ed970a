"""Columns that give the answer away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .column_types import ColumnKind

if TYPE_CHECKING:
    import pandas as pd

    from .target import Target

MOST_ROWS, FOLDS, MANY = 2_000, 3, 200
LEAVES, LEAST_ROWS = 64, 2
SURE = 0.98
"""Score of a column alone, of 1, from which on it may give the answer away."""
USUAL = 0.9
"""If the columns in the middle score that much, the question is easy and nothing leaks."""


def leaks(
    x: pd.DataFrame, columns: Mapping[str, ColumnKind], target: Target, seed: int = 0
) -> dict[str, float]:
    """Columns that predict the target almost alone, with their scores, 1 for all right.

    A small tree learns from each column and is asked about held-out rows, of 2,000 at most; where
    there are very many columns, about a third of those. The
    score is how far it is from guessing (0) to always right (1): of classes the mean share of each
    that it gets right, of numbers the share of the variance of their ranks.
    """
    if len(columns) < 2:
        return {}
    rows = np.random.RandomState(seed).permutation(len(target.y))[:MOST_ROWS]
    y = target.y[rows] if target.classes else _ranks(target.y[rows])
    fold = _folds(y, bool(target.classes))
    times = FOLDS if len(columns) <= MANY else 1
    scores = {
        name: _score(_numbers(x[name].iloc[rows], kind), y, fold, times, bool(target.classes))
        for name, kind in columns.items()
    }
    if np.median(list(scores.values())) >= USUAL:
        return {}
    return {name: score for name, score in scores.items() if score >= SURE}


def _folds(y: npt.NDArray[Any], classes: bool) -> npt.NDArray[np.intp]:
    """The fold of each row; every class is in every fold."""
    fold = np.arange(len(y)) % FOLDS
    if classes:
        fold[np.argsort(y, kind="stable")] = np.arange(len(y)) % FOLDS
    return fold


def _numbers(column: pd.Series, kind: ColumnKind) -> npt.NDArray[np.float64]:
    """One number a row, ``(n, 1)``; words become the place of each in their order."""
    import pandas

    if kind == "number":
        return column.to_numpy(np.float64)[:, None]
    codes, _ = pandas.factorize(column, sort=True)
    return np.where(codes < 0, np.nan, codes.astype(np.float64))[:, None]


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    _, place = np.unique(values, return_inverse=True)
    return place / max(1, place.max())


def _score(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[Any],
    fold: npt.NDArray[np.intp],
    times: int,
    classes: bool,
) -> float:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    made = DecisionTreeClassifier if classes else DecisionTreeRegressor
    said = np.empty(len(y))
    for number in range(times):
        held = fold == number
        tree = made(max_leaf_nodes=LEAVES, min_samples_leaf=LEAST_ROWS, random_state=0)
        said[held] = tree.fit(x[~held], y[~held]).predict(x[held])
    asked = fold < times
    return _of_classes(said[asked], y[asked]) if classes else _of_values(said[asked], y[asked])


def _of_classes(said: npt.NDArray[Any], y: npt.NDArray[Any]) -> float:
    there = np.unique(y)
    right = np.mean([(said[y == one] == one).mean() for one in there])
    return float((right - 1 / len(there)) / (1 - 1 / len(there))) if len(there) > 1 else 0.0


def _of_values(said: npt.NDArray[Any], y: npt.NDArray[Any]) -> float:
    return float(1 - np.mean((said - y) ** 2) / np.var(y)) if np.var(y) else 0.0
