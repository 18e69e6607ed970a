"""Permutation importance: the drop in score when a column is shuffled (Breiman, 2001)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from .intervals import Interval, Z
from .types import Predictions

REPEATS, FEWER_REPEATS = 10, 3
WIDE = 200
"""Minimum number of inputs for which there are fewer repeats, to limit the time."""
ROWS = (100, 2_000)
"""Minimum and maximum number of rows that are used."""
MAX_CELLS = 600_000
"""Approximate size of one batch of shuffled rows: wide tables use fewer rows."""


def permutation_importance(
    predict: Callable[[np.ndarray], Predictions],
    score: Callable[[Predictions, np.ndarray], float],
    x: npt.NDArray[np.floating],
    sources: Sequence[str],
    y: np.ndarray,
    seed: int,
) -> dict[str, Interval]:
    """The drop in score when a column is shuffled, the most important column first.

    The interval is that of the mean over ten permutations, or three for wide tables; it does not
    cover the choice of rows. A column that repeats another one may look unimportant, since the
    model can use the other. All inputs of a column are shuffled together, which scikit-learn's
    function of the same name does not do.

    Args:
        predict: the model's predictions for rows.
        score: score of predictions, given the targets; more is better.
        x: encoded rows that the model was not trained on, ``(n, inputs)``.
        sources: the column that each input is derived from, of length ``inputs``.
        y: targets, ``(n,)``.
        seed: seed of the permutations.
    """
    rng = np.random.RandomState(seed)
    repeats = REPEATS if x.shape[1] < WIDE else FEWER_REPEATS
    num_rows = int(np.clip(MAX_CELLS // (repeats * x.shape[1]), *ROWS))
    rows = rng.permutation(len(y))[:num_rows]
    x, y = x[rows], y[rows]
    full_score = score(predict(x), y)
    importances = {}
    for name in dict.fromkeys(sources):
        inputs = np.flatnonzero([source == name for source in sources])
        orders = np.concatenate([rng.permutation(len(y)) for _ in range(repeats)])
        shuffled = np.tile(x, (repeats, 1))
        shuffled[:, inputs] = x[np.ix_(orders, inputs)]
        y_pred = np.split(predict(shuffled), repeats)
        importances[name] = _mean_interval([full_score - score(y_, y) for y_ in y_pred])
    return dict(sorted(importances.items(), key=lambda item: -item[1].value))


def _mean_interval(drops: Sequence[float]) -> Interval:
    mean, half = float(np.mean(drops)), Z * float(np.std(drops, ddof=1) / np.sqrt(len(drops)))
    return Interval(mean, mean - half, mean + half)
