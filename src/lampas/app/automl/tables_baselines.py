"""What a network for tables is measured against: the commonest answer, and boosted trees."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from ...core.errors import DataError
from ...data.tables import Table
from ...evaluation.baselines import majority
from .task import Parts, Yardstick

if TYPE_CHECKING:
    from pandas import DataFrame

BOOSTING = "gradient boosting"
MOST_CATEGORIES = 255
"""Values that the trees can tell apart in a column."""
MANY = 1_000_000
"""Cells from which on several threads are quicker than one."""


def floor(parts: Parts, classes: int) -> Yardstick:
    """The commonest class; or the mean of the training rows."""
    train, _, test = parts
    if classes:
        return majority(train.y, len(test), classes)
    started = time.perf_counter()
    said = np.full(len(test), train.y.mean())
    return Yardstick("always the mean", said, False, time.perf_counter() - started)


def boosting(parts: Parts, classes: int, seed: int) -> Yardstick:
    """Gradient boosting of trees on histograms, as scikit-learn has it, with its usual settings.

    It learns from the training rows, and takes gaps and categories as they are.

    Raises DataError when scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise DataError(
            "the yardstick is scikit-learn's, which is not installed: pip install 'lampas[app]'"
        ) from error
    started = time.perf_counter()
    train, _, test = parts
    if classes and len(np.unique(train.y)) == 1:
        # A split by group or time may leave one class to learn from, which the trees refuse.
        return floor(parts, classes)._replace(name=BOOSTING, strong=True)
    named = [name for name, kind in train.columns.items() if kind in ("category", "boolean")]
    numbered = {name: _commonest(train, name) for name in named}
    x, asked = (_numbers(part.x, numbered) for part in (train, test))
    categorical = [list(x.columns).index(name) for name in named]
    kind = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    model = kind(categorical_features=categorical or None, random_state=seed)
    # On few numbers threads wait for each other longer than they work.
    with threadpool_limits(1 if x.size < MANY else None):
        model.fit(x.to_numpy(), train.y)
    if classes:
        said = np.zeros((len(test), classes))
        said[:, model.classes_] = model.predict_proba(asked.to_numpy())
    else:
        said = model.predict(asked.to_numpy())
    return Yardstick(BOOSTING, said, True, time.perf_counter() - started)


def _commonest(train: Table, name: str) -> dict[str, int]:
    common = train.x[name].value_counts().index[: MOST_CATEGORIES - 1]
    return {value: number for number, value in enumerate(common)}


def _numbers(x: DataFrame, numbered: dict[str, dict[str, int]]) -> DataFrame:
    """Categories by their number, dates as days; NaN for a gap, and for what training had not."""
    found = x.copy()
    for name in found.columns:
        if name in numbered:
            found[name] = found[name].map(numbered[name])
        elif found[name].dtype.kind == "M":
            days = found[name].to_numpy("datetime64[us]")
            found[name] = np.where(np.isnat(days), np.nan, days.astype(np.int64) / 86_400e6)
    return found.astype(np.float64)
