"""Find columns that predict the target alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .column_types import ColumnKind

if TYPE_CHECKING:
    import pandas as pd

    from .target import Target

Array = npt.NDArray[Any]
MAX_ROWS, NUM_FOLDS = 2_000, 3
MANY_COLUMNS = 200
"""Minimum number of columns for which only one fold is evaluated."""
MAX_LEAVES, MIN_LEAF_ROWS = 64, 2
LEAK_SCORE = 0.98
"""Minimum score, of 1, at which a column may leak the target."""
EASY_SCORE = 0.9
"""If the median column scores this much, the task is easy and nothing leaks."""


def find_leaks(
    x: pd.DataFrame, columns: Mapping[str, ColumnKind], target: Target, seed: int = 0
) -> dict[str, float]:
    """Columns that predict the target almost alone, with their scores; 1 is always right.

    A small decision tree is trained on each column and evaluated on held-out rows, of 2,000 at
    most; where there are very many columns, on about a third of those. The score lies between
    guessing (0) and always right (1): for classes it is the balanced accuracy, for numbers the
    share of the variance of their ranks that is explained.
    Free texts are not examined, since a tree cannot divide them into words.
    """
    columns = {name: kind for name, kind in columns.items() if kind != "text"}
    if len(columns) < 2:
        return {}
    rows = np.random.RandomState(seed).permutation(len(target.y))[:MAX_ROWS]
    y, classes = target.y[rows], bool(target.classes)
    fold = np.arange(len(y)) % NUM_FOLDS
    if classes:  # Every class is in every fold.
        fold[np.argsort(y, kind="stable")] = fold.copy()
    else:
        ranks = np.unique(y, return_inverse=True)[1]
        y = ranks / max(1, ranks.max())
    num_folds = NUM_FOLDS if len(columns) <= MANY_COLUMNS else 1
    scores = {
        name: _score(_encode(x[name].iloc[rows], kind), y, fold, num_folds, classes)
        for name, kind in columns.items()
    }
    if np.median(list(scores.values())) >= EASY_SCORE:
        return {}
    return {name: score for name, score in scores.items() if score >= LEAK_SCORE}


def _encode(column: pd.Series, kind: ColumnKind) -> Array:
    """One number per row, ``(n, 1)``; words become their rank."""
    import pandas

    if kind == "number":
        return column.to_numpy(np.float64)[:, None]
    codes, _ = pandas.factorize(column, sort=True)
    return np.where(codes < 0, np.nan, codes.astype(np.float64))[:, None]


def _score(x: Array, y: Array, fold: Array, num_folds: int, classes: bool) -> float:
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    tree_class = DecisionTreeClassifier if classes else DecisionTreeRegressor
    y_pred = np.empty(len(y))
    for number in range(num_folds):
        test = fold == number
        tree = tree_class(max_leaf_nodes=MAX_LEAVES, min_samples_leaf=MIN_LEAF_ROWS, random_state=0)
        y_pred[test] = tree.fit(x[~test], y[~test]).predict(x[test])
    evaluated = fold < num_folds
    score = _class_score if classes else _value_score
    return score(y_pred[evaluated], y[evaluated])


def _class_score(y_pred: Array, y: Array) -> float:
    labels = np.unique(y)
    recall = np.mean([(y_pred[y == label] == label).mean() for label in labels])
    chance = 1 / len(labels)
    return float((recall - chance) / (1 - chance)) if len(labels) > 1 else 0.0


def _value_score(y_pred: Array, y: Array) -> float:
    return float(1 - np.mean((y_pred - y) ** 2) / np.var(y)) if np.var(y) else 0.0
