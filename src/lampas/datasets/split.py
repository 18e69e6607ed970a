"""A fair split for data that comes without a test part."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.intp]


def stratified_split(
    labels: npt.NDArray[np.integer], test_share: float = 0.2, seed: int = 0
) -> tuple[Indices, Indices]:
    """Indices ``(train, test)`` with ``test_share`` of every class in the second.

    Together they name each of the ``labels``, ``(n,)``, once. Both are in random order, so that any
    stretch of them mixes the classes. One seed always gives the same split.
    """
    # Unlike default_rng, RandomState promises the same numbers in every release of NumPy.
    rng = np.random.RandomState(seed)
    order = rng.permutation(len(labels))
    is_test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        is_test[members[: round(test_share * len(members))]] = True
    return order[~is_test[order]], order[is_test[order]]
