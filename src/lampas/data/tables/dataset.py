"""Rows of a table with their answers, and a fair split of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...core.errors import ArgumentError, DataError
from ..labels import chosen, class_counts, count, few
from ..splits import grouped_split
from .column_types import ColumnKind
from .target import TableTask

if TYPE_CHECKING:
    import pandas as pd

BINS, ROWS_EACH = 10, 20
"""Numbers are parted by tenths of them, each with so many rows or more."""


@dataclass(frozen=True, eq=False, repr=False)
class Table:
    """Rows and their answers, ready for ``model.fit(table.x, table.y)``.

    ``len(table)`` is their number; ``table[10:20]`` and ``table[indices]`` are Tables again.

    Args:
        x: the columns to learn from, typed as `rows` does.
        y: labels, int32, or values, float64, ``(n,)``.
        classes: name of each label; none where the answers are numbers.
        columns: their kinds by name.
        target: name of the answers' column.
        lines: of the file on which the rows begin, ``(n,)``.
        groups: equal numbers for rows that one part must have all, ``(n,)``; None for copies only.
        times: to split by, ``(n,)``; None to split by chance.
        forms: how numbers and dates are written, where it is not the plain way.
    """

    x: pd.DataFrame
    y: npt.NDArray[Any]
    classes: tuple[str, ...]
    columns: Mapping[str, ColumnKind]
    target: str
    lines: npt.NDArray[np.intp]
    groups: npt.NDArray[np.intp] | None = None
    times: npt.NDArray[Any] | None = None
    forms: Mapping[str, str] = field(default_factory=dict)

    @property
    def task(self) -> TableTask:
        """Whether the answers are classes or numbers."""
        return "classify" if self.classes else "regress"

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows of each class; empty where the answers are numbers."""
        return class_counts(self.y, self.classes) if self.classes else {}

    @property
    def copies(self) -> npt.NDArray[np.intp]:
        """A number for each row, ``(n,)``, the same for rows that say the same."""
        import pandas

        if not len(self):
            return np.zeros(0, np.intp)
        hashes = pandas.util.hash_pandas_object(self.x, index=False).to_numpy()
        return np.unique(hashes, return_inverse=True)[1].astype(np.intp)

    def split(
        self, validation: float = 0.15, test: float = 0.15, seed: int = 0
    ) -> tuple[Table, ...]:
        """Part the rows: ``(train, validation, test)``; a part whose share is 0 is not there.

        With ``times`` the last rows are the test part and those before it the validation part.
        Otherwise each part has its share of every class, or of low and high values, in random
        order; rows of one group, and rows that say the same, lie in one part.

        Raises:
            ArgumentError: when the shares are no shares or leave nothing to train on.
            DataError: when a part would be empty.
        """
        shares = [share for share in (validation, test) if share != 0]
        if self.times is not None:
            return tuple(self[part] for part in _by_time(self.times, shares))
        if self.groups is not None:
            return tuple(self[p] for p in _by_group(self._strata(), self.groups, shares, seed))
        return tuple(self[p] for p in grouped_split(self._strata(), self.copies, shares, seed))

    def summary(self) -> str:
        """What is there, in a few lines."""
        kinds = [f"{name} ({kind})" for name, kind in self.columns.items()]
        lines = [f"{count(len(self), 'row')}, {count(len(kinds), 'column')}: {few(kinds, 8)}"]
        if self.classes:
            lines += [f"{self.target}: {few(_shares(self.counts), 12)}"]
        elif len(self):
            low, middle, high = np.quantile(self.y, (0, 0.5, 1))
            lines += [f"{self.target}: {low:,.6g} to {high:,.6g}, {middle:,.6g} in the middle"]
        if copies := len(self) - len(set(self.copies.tolist())):
            lines += [f"{count(copies, 'row')} more that say the same as another"]
        return "\n".join(lines)

    def _strata(self) -> npt.NDArray[np.integer]:
        """What each part has its share of: classes, or tenths of the values."""
        if self.classes:
            return self.y
        if self.groups is not None:
            return np.zeros(len(self), np.intp)
        bins = max(1, min(BINS, len(self) // ROWS_EACH))
        edges = np.quantile(self.y, np.linspace(0, 1, bins + 1)[1:-1])
        return np.searchsorted(edges, self.y, side="right").astype(np.intp)

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, key: slice | npt.ArrayLike) -> Table:
        at = np.atleast_1d(chosen(key, len(self)))
        return replace(
            self,
            x=self.x.iloc[at],
            y=self.y[at],
            lines=self.lines[at],
            groups=None if self.groups is None else self.groups[at],
            times=None if self.times is None else self.times[at],
        )

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"Table({len(self):,} rows, {len(self.columns)} columns, {self.target!r})"


def _shares(counts: Mapping[str, int]) -> list[str]:
    whole = sum(counts.values())
    return [f"{name} {number:,} ({number / max(whole, 1):.0%})" for name, number in counts.items()]


def _by_group(
    labels: npt.NDArray[np.integer],
    groups: npt.NDArray[np.intp],
    shares: list[float],
    seed: int,
) -> list[npt.NDArray[np.intp]]:
    """A fair split; of groups too large for their shares each part has one or more."""
    try:
        return grouped_split(labels, groups, shares, seed)
    except DataError as error:
        drawn = np.random.RandomState(seed).permutation(np.unique(groups))
        if len(drawn) <= len(shares):
            raise DataError(
                f"{count(len(drawn), 'group')} can not be {len(shares) + 1} parts. Split by "
                "chance, or by a column with more groups."
            ) from error
    sizes = [max(1, round(share * len(drawn))) for share in shares]
    parts = np.split(drawn, np.cumsum([len(drawn) - sum(sizes), *sizes])[:-1])
    return [np.flatnonzero(np.isin(groups, part)) for part in parts]


def _by_time(times: npt.NDArray[Any], shares: list[float]) -> list[npt.NDArray[np.intp]]:
    """The first rows by time, then a part for each share; rows of one time stay together."""
    if not shares or not all(0.0 < share < 1.0 for share in shares) or sum(shares) >= 1.0:
        raise ArgumentError(
            "the parts must be shares between 0 and 1 that leave some to train on, got "
            f"{' and '.join(f'{share:g}' for share in shares) or 'none'}."
        )
    order = np.argsort(times, kind="stable")
    rest = 1.0 - np.cumsum(shares[::-1])[::-1]
    ends = np.minimum(np.rint(rest * len(order)).astype(int), len(order) - 1)
    cuts = np.searchsorted(times[order], times[order][ends])
    parts = np.split(order, cuts)
    if not all(map(len, parts)):
        raise DataError(
            f"{count(len(times), 'row')} at {count(len(np.unique(times)), 'time')} can not be "
            "parted by time. Give more data, or split by chance."
        )
    return parts
