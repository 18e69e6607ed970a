"""What a model goes by: how much worse it is when a column says nothing (Breiman, 2001)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from .intervals import Interval, Z

Said = np.ndarray
REPEATS, FEWER = 10, 3
WIDE = 200
"""Numbers of a row from which on there are fewer repeats, lest it take minutes."""
ROWS = (100, 2_000)
"""Rows that are asked about, at least and at most if there are as many."""
CELLS = 600_000
"""Cells that a question holds about; of wider tables fewer rows are asked about."""


def importances(
    ask: Callable[[np.ndarray], Said],
    score: Callable[[Said, np.ndarray], float],
    x: npt.NDArray[np.floating],
    sources: Sequence[str],
    y: np.ndarray,
    seed: int,
) -> dict[str, Interval]:
    """By how much the score falls when a column's cells are shuffled, the most important first.

    The interval is of the mean over ten orders, or three of wide tables, not of other rows. A
    column that says the same as another one may look unimportant: the model can go by the other.

    Args:
        ask: gives the model's answers to rows.
        score: of answers, given the truth; more is better.
        x: rows that the model has not met, as numbers ``(n, numbers)``.
        sources: the column that each number comes from; those of one column stay together.
        y: the truth, ``(n,)``.
        seed: decides the orders.
    """
    rng = np.random.RandomState(seed)
    repeats = REPEATS if x.shape[1] < WIDE else FEWER
    chosen = rng.permutation(len(y))[: int(np.clip(CELLS // (repeats * x.shape[1]), *ROWS))]
    x, y = x[chosen], y[chosen]
    whole = score(ask(x), y)
    found = {}
    for name in dict.fromkeys(sources):
        own = np.flatnonzero([source == name for source in sources])
        orders = np.concatenate([rng.permutation(len(y)) for _ in range(repeats)])
        shuffled = np.tile(x, (repeats, 1))
        shuffled[:, own] = x[np.ix_(orders, own)]
        said = np.split(ask(shuffled), repeats)
        found[name] = _mean([whole - score(answers, y) for answers in said])
    return dict(sorted(found.items(), key=lambda item: -item[1].value))


def _mean(drops: Sequence[float]) -> Interval:
    mean, half = float(np.mean(drops)), Z * float(np.std(drops, ddof=1) / np.sqrt(len(drops)))
    return Interval(mean, mean - half, mean + half)
