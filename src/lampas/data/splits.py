"""Stratified splits, which can keep groups of examples together, and splits by time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..core.errors import ArgumentError, DataError
from .labels import format_list, pluralize

Indices = npt.NDArray[np.intp]
Integers = npt.NDArray[np.integer]

_SPLIT_NAMES = {"train", "training", "val", "valid", "validation", "dev", "test", "testing"}


def stratified_group_split(
    labels: Integers, groups: Integers, shares: Sequence[float], seed: int = 0
) -> list[Indices]:
    """Return the indices of the training split and of one split per share.

    Each split has its share of every class, rounded, and no group is divided. If large groups make
    this impossible, a split has fewer examples of the class, by less than the size of the largest
    group. At least one example of every class is left for training. Each split is in random order,
    which depends on ``seed`` alone.

    Args:
        labels: class of each example, ``(n,)``.
        groups: equal numbers for examples that stay together, ``(n,)``.
        shares: share of each further split, 0 to 1; their sum is less than 1.
        seed: seed of the random order.

    Raises:
        ArgumentError: if the shares are not between 0 and 1 or leave nothing for training.
        DataError: if a split would be empty.
    """
    check_shares(shares, "examples")
    # Unlike default_rng, RandomState promises the same numbers in every release of NumPy.
    rng = np.random.RandomState(seed)
    order = rng.permutation(len(labels)).astype(np.intp)
    _, class_index = np.unique(labels, return_inverse=True)
    _, group_index = np.unique(groups, return_inverse=True)
    # Groups are drawn as such: a large group is no likelier to be held out than a small one.
    group_order = rng.permutation(len(np.unique(groups)))
    split = _assign_groups(class_index, group_index, group_order, shares)
    splits = [order[split[order] == number] for number in range(len(shares) + 1)]
    for share, indices in zip((1.0 - sum(shares), *shares), splits, strict=True):
        if not len(indices) and len(members := np.unique(groups)) < len(labels) / 2:
            raise DataError(
                f"{len(labels):,} examples are only {len(members):,} groups or copies, which are "
                f"not divided: a split with a share of {share:g} would be empty. Provide more "
                "different examples."
            )
        if not len(indices):
            raise DataError(
                f"a share of {share:g} of {len(labels)} examples in {len(np.unique(labels))} "
                "classes is less than one example. Provide more data or a larger share."
            )
    return splits


def check_shares(shares: Sequence[float], noun: str) -> None:
    """Raise ArgumentError if the shares are not between 0 and 1 or leave nothing to train on."""
    if not shares or not all(0.0 < share < 1.0 for share in shares) or sum(shares) >= 1.0:
        raise ArgumentError(
            f"the shares of the splits must be between 0 and 1 and leave some {noun} to train on, "
            f"got {' and '.join(f'{share:g}' for share in shares) or 'none'}."
        )


def _assign_groups(
    classes: Integers, groups: Integers, group_order: Integers, shares: Sequence[float]
) -> npt.NDArray[np.intp]:
    """The split of each example: 0 for training, 1 for the first share and so on."""
    split = np.zeros(len(classes), np.intp)
    members = np.split(np.argsort(groups, kind="stable"), np.cumsum(np.bincount(groups))[:-1])
    available = np.maximum(np.bincount(classes) - 1, 0)
    assigned = np.zeros(len(members), bool)
    for number, share in enumerate(shares, 1):
        needed = np.minimum(np.rint(share * np.bincount(classes)).astype(int), available)
        available -= needed
        for group in group_order:
            if not needed.any():
                break
            counts = np.bincount(classes[members[group]], minlength=len(needed))
            if not assigned[group] and (counts <= needed).all():
                assigned[group], needed = True, needed - counts
                split[members[group]] = number
    return split


def stratified_split(
    labels: npt.NDArray[np.integer], test_share: float = 0.2, seed: int = 0
) -> tuple[Indices, Indices]:
    """Return the indices ``(train, test)`` with ``test_share`` of every class in the test split.

    Both are in random order, which depends on ``seed`` alone.

    Args:
        labels: class of each example, ``(n,)``.
        test_share: share of each class in the test split.
        seed: seed of the random order.
    """
    # Unlike default_rng, RandomState promises the same numbers in every release of NumPy.
    rng = np.random.RandomState(seed)
    order = rng.permutation(len(labels))
    is_test = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        is_test[members[: round(test_share * len(members))]] = True
    return order[~is_test[order]], order[is_test[order]]


def time_split(times: npt.NDArray[Any], shares: Sequence[float]) -> list[Indices]:
    """Return the indices of the first rows by time, and of one later split per share.

    Rows of one time stay together.

    Args:
        times: time of each row, ``(n,)``.
        shares: share of each further split, 0 to 1; their sum is less than 1.

    Raises:
        ArgumentError: if the shares are not between 0 and 1 or leave nothing for training.
        DataError: if a split would be empty.
    """
    check_shares(shares, "rows")
    order = np.argsort(times, kind="stable")
    rest = 1.0 - np.cumsum(shares[::-1])[::-1]
    ends = np.minimum(np.rint(rest * len(order)).astype(int), len(order) - 1)
    splits = np.split(order, np.searchsorted(times[order], times[order][ends]))
    if not all(map(len, splits)):
        raise DataError(
            f"{pluralize(len(times), 'row')} at {pluralize(len(np.unique(times)), 'time')} cannot "
            "be split by time. Provide more data, or split at random."
        )
    return splits


def are_split_names(folders: Iterable[str]) -> bool:
    """Whether folders are the splits of a dataset (train, test), not its classes."""
    names = {name.lower() for name in folders}
    return bool(names) and names <= _SPLIT_NAMES


def refuse_splits(
    root: Path, folders: Sequence[str], loader: str, options: str = "classes=train.classes"
) -> None:
    """Raise DataError if the sub-folders are the splits of a dataset, not its classes.

    Args:
        root: the folder.
        folders: names of its sub-folders.
        loader: name of the function that loads a split, for the advice.
        options: its further arguments for a second split.
    """
    if not are_split_names(folders):
        return
    first = next((name for name in folders if name.lower().startswith("train")), folders[0])
    second = next((name for name in folders if name != first), "test")
    raise DataError(
        f"{root} contains the splits of a dataset ({format_list(folders)}), not classes. Load each "
        f"split separately: train = {loader}({str(root / first)!r}) and then {second} = "
        f"{loader}({str(root / second)!r}, {options})."
    )
