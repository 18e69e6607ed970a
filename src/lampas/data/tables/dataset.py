"""A table with its target, and its split into training, validation and test rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import numpy.typing as npt

from ...core.errors import DataError
from ..dataset import SupervisedDataset
from ..labels import format_list, format_share, pluralize, resolve_index
from ..splits import Indices, Integers, stratified_group_split, time_split
from .column_types import ColumnKind
from .target import TableTask

if TYPE_CHECKING:
    import pandas as pd

MAX_BINS, ROWS_PER_BIN = 10, 20
"""Maximum number of quantiles by which values are stratified, and minimum rows of each."""


@dataclass(frozen=True, eq=False, repr=False)
class Table(SupervisedDataset):
    """The features and the target of a table, ready for ``model.fit(table.x, table.y)``.

    ``len(table)`` is the number of rows; ``table[10:20]`` and ``table[indices]`` are Tables again.

    Args:
        x: the features, converted as `convert_rows` does.
        y: labels, int32, or values, float64, ``(n,)``.
        classes: name of each label; empty for regression.
        columns: kinds of the features, by name.
        target: name of the target's column.
        lines: lines of the file on which the rows begin, ``(n,)``.
        groups: equal numbers for rows that stay in one split, ``(n,)``; None to keep only
            duplicates together.
        times: times to split by, ``(n,)``; None to split at random.
        formats: number and date formats by column, where they are not plain.
    """

    per_example: ClassVar[tuple[str, ...]] = ("x", "y", "lines", "groups", "times")

    x: pd.DataFrame
    y: npt.NDArray[Any]
    classes: tuple[str, ...]
    columns: Mapping[str, ColumnKind]
    target: str
    lines: npt.NDArray[np.intp]
    groups: npt.NDArray[np.intp] | None = None
    times: npt.NDArray[Any] | None = None
    formats: Mapping[str, str] = field(default_factory=dict)

    @property
    def task(self) -> TableTask:
        """``"classify"`` or ``"regress"``."""
        return "classify" if self.classes else "regress"

    @property
    def copies(self) -> npt.NDArray[np.intp]:
        """A number for each row, ``(n,)``, the same for rows with equal features."""
        import pandas

        if not len(self):
            return np.zeros(0, np.intp)
        hashes = pandas.util.hash_pandas_object(self.x, index=False).to_numpy()
        return np.unique(hashes, return_inverse=True)[1].astype(np.intp)

    def split(
        self, validation: float = 0.15, test: float = 0.15, seed: int = 0
    ) -> tuple[Table, ...]:
        """Split the rows: ``(train, validation, test)``; a split with a share of 0 is left out.

        With ``times`` the last rows are the test split, and those before it the validation split.
        Otherwise each split has its share of every class, or of low and high values, in random
        order; rows of one group, and rows with equal features, stay in one split.

        Args:
            validation: share of the rows in the validation split.
            test: share of the rows in the test split.
            seed: seed of the random order.

        Raises:
            ArgumentError: when the shares are not between 0 and 1 or leave nothing to train on.
            DataError: when a split would be empty.
        """
        shares = [share for share in (validation, test) if share != 0]
        if self.times is not None:
            return tuple(self[rows] for rows in time_split(self.times, shares))
        split = stratified_group_split if self.groups is None else _split_by_group
        groups = self.copies if self.groups is None else self.groups
        return tuple(self[rows] for rows in split(self._strata(), groups, shares, seed))

    def summary(self) -> str:
        """The rows, columns and target, in a few lines."""
        kinds = [f"{name} ({kind})" for name, kind in self.columns.items()]
        size = f"{pluralize(len(self), 'row')}, {pluralize(len(kinds), 'column')}"
        lines = [f"{size}: {format_list(kinds, 8)}"]
        if self.classes:
            lines += [f"{self.target}: {format_list(_shares(self.counts), 12)}"]
        elif len(self):
            low, median, high = np.quantile(self.y, (0, 0.5, 1))
            lines += [f"{self.target}: {low:z,.6g} to {high:z,.6g}, median {median:z,.6g}"]
        if copies := len(self) - len(set(self.copies.tolist())):
            lines += [f"{pluralize(copies, 'row')} more with the same features as another"]
        return "\n".join(lines)

    def _strata(self) -> npt.NDArray[np.integer]:
        """What each split has its share of: classes, or quantiles of the values."""
        if self.classes:
            return self.y
        if self.groups is not None:
            return np.zeros(len(self), np.intp)
        bins = max(1, min(MAX_BINS, len(self) // ROWS_PER_BIN))
        edges = np.quantile(self.y, np.linspace(0, 1, bins + 1)[1:-1])
        return np.searchsorted(edges, self.y, side="right").astype(np.intp)

    def __getitem__(self, key: slice | npt.ArrayLike) -> Table:
        return self._select(np.atleast_1d(resolve_index(key, len(self))))

    def __repr__(self) -> str:
        return f"Table({len(self):,} rows, {len(self.columns)} columns, {self.target!r})"


def _shares(counts: Mapping[str, int]) -> list[str]:
    total = max(sum(counts.values()), 1)
    return [f"{name} {number:,} ({format_share(number, total)})" for name, number in counts.items()]


def _split_by_group(
    labels: Integers, groups: Integers, shares: Sequence[float], seed: int = 0
) -> list[Indices]:
    """A stratified split; each split has at least one group, even if it exceeds the share."""
    try:
        return stratified_group_split(labels, groups, shares, seed)
    except DataError as error:
        shuffled = np.random.RandomState(seed).permutation(np.unique(groups))
        if len(shuffled) <= len(shares):
            raise DataError(
                f"{pluralize(len(shuffled), 'group')} cannot be split into {len(shares) + 1}. "
                "Split at random, or by a column with more groups."
            ) from error
    # The first group of each class is left for training.
    positions = np.argsort(shuffled)[np.unique(groups, return_inverse=True)[1]]
    first = [positions[labels == label].min() for label in np.unique(labels)]
    shuffled = np.concatenate([shuffled[first], np.delete(shuffled, first)])
    sizes = [max(1, round(share * len(shuffled))) for share in shares]
    splits = np.split(shuffled, np.cumsum([len(shuffled) - sum(sizes), *sizes])[:-1])
    return [np.flatnonzero(np.isin(groups, split)) for split in splits]
