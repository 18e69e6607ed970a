"""What a model goes by: how much worse it is when a column says nothing (Breiman, 2001)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ..cases.intervals import Interval, Z

if TYPE_CHECKING:
    from pandas import DataFrame

Said = np.ndarray
REPEATS = 10
MOST_ROWS = 2_000
"""Rows that are asked about; more change the result little."""


def importances(
    ask: Callable[[DataFrame], Said],
    score: Callable[[Said, np.ndarray], float],
    x: DataFrame,
    y: np.ndarray,
    seed: int,
) -> dict[str, Interval]:
    """By how much the score falls when a column's cells are shuffled, the most important first.

    The interval is of the mean over ``REPEATS`` orders, not of other rows. A column that says the
    same as another one may look unimportant: the model can still go by the other.

    Args:
        ask: gives the model's answers to rows.
        score: of answers, given the truth; more is better.
        x: rows that the model has not met.
        y: the truth, ``(n,)``.
        seed: decides the orders.
    """
    rng = np.random.RandomState(seed)
    chosen = rng.permutation(len(y))[:MOST_ROWS]
    x, y = x.iloc[chosen], y[chosen]
    whole = score(ask(x), y)
    found = {}
    for name in x.columns:
        drops = []
        for _ in range(REPEATS):
            shuffled = x[name].to_numpy()[rng.permutation(len(y))]
            drops.append(whole - score(ask(x.assign(**{name: shuffled})), y))
        half = Z * float(np.std(drops, ddof=1)) / np.sqrt(REPEATS)
        mean = float(np.mean(drops))
        found[str(name)] = Interval(mean, mean - half, mean + half)
    return dict(sorted(found.items(), key=lambda item: -item[1].value))
