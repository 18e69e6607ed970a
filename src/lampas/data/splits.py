"""A fair split that never parts what belongs together.

A fair split for data that comes without a test part.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ..core.errors import ArgumentError, DataError

Indices = npt.NDArray[np.intp]
Integers = npt.NDArray[np.integer]


def grouped_split(
    labels: Integers, groups: Integers, shares: Sequence[float], seed: int = 0
) -> list[Indices]:
    """Indices of the rest, and of one part for each of the ``shares``.

    A part has its share of every class, rounded, and a group lies in one part as a whole. Where
    large groups do not allow both, a part has fewer of the class, by less than the largest group.
    The rest keeps at least one of every class. Each list is in random order; one seed always gives
    the same split.

    Args:
        labels: class of each example, ``(n,)``.
        groups: examples with the same number here stay together, ``(n,)``.
        shares: of the whole, each in 0 to 1; together less than 1.
        seed: decides the order.

    Raises:
        ArgumentError: when the shares can not be had of a whole.
        DataError: when a part, or the rest, would be empty.
    """
    if not shares or not all(0.0 < share < 1.0 for share in shares) or sum(shares) >= 1.0:
        raise ArgumentError(
            "the parts must be shares between 0 and 1 that leave some to train on, got "
            f"{' and '.join(f'{share:g}' for share in shares) or 'none'}."
        )
    # Unlike default_rng, RandomState promises the same numbers in every release of NumPy.
    rng = np.random.RandomState(seed)
    order = rng.permutation(len(labels)).astype(np.intp)
    _, classes = np.unique(labels, return_inverse=True)
    _, numbers = np.unique(groups, return_inverse=True)
    # Groups are drawn as such: one with many members is no likelier to be held out.
    part = _parts(classes, numbers, rng.permutation(len(np.unique(groups))), shares)
    found = [order[part[order] == number] for number in range(len(shares) + 1)]
    for share, indices in zip((1.0 - sum(shares), *shares), found, strict=True):
        if not len(indices):
            raise DataError(
                f"a share of {share:g} of {len(labels)} examples in "
                f"{len(np.unique(labels))} classes is none at all. Give more data or a larger "
                "share."
            )
    return found


def _parts(
    classes: Integers, groups: Integers, drawn: Integers, shares: Sequence[float]
) -> npt.NDArray[np.intp]:
    """The part of each example: 0 the rest, 1 the first share and so on."""
    part = np.zeros(len(classes), np.intp)
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(np.bincount(groups))[:-1])
    spare = np.maximum(np.bincount(classes) - 1, 0)
    taken = np.zeros(len(members), bool)
    for number, share in enumerate(shares, 1):
        wanted = np.minimum(np.rint(share * np.bincount(classes)).astype(int), spare)
        spare -= wanted
        for group in drawn:
            if not wanted.any():
                break
            counts = np.bincount(classes[members[group]], minlength=len(wanted))
            if not taken[group] and (counts <= wanted).all():
                taken[group], wanted = True, wanted - counts
                part[members[group]] = number
    return part


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
