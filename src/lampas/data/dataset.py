"""Base classes of the datasets (tables, images, recordings, texts): indexing, splits, summary."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, cast, get_args, overload

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError
from ..core.terminal import plain
from . import labels
from .labels import class_counts, format_list, pluralize, resolve_index
from .splits import stratified_group_split

OnError = Literal["raise", "skip"]
"""What a loader does with broken examples."""

_BAR_WIDTH = 24
_MAX_CLASSES = 20
_MAX_CONFLICTS = 5


class SupervisedDataset:
    """Examples with a target each. Subclasses are frozen dataclasses.

    A subclass has the attributes below, names in ``per_example`` those with a value for
    each example, and implements ``summary``.
    """

    per_example: ClassVar[tuple[str, ...]]

    if TYPE_CHECKING:
        # Declared as properties because the dataclasses are frozen.
        @property
        def y(self) -> npt.NDArray[Any]: ...
        @property
        def classes(self) -> tuple[str, ...]: ...

    @property
    def counts(self) -> dict[str, int]:
        """Number of examples of each class; empty for regression."""
        return class_counts(self.y, self.classes) if self.classes else {}

    def summary(self) -> str:
        """Describe the data in a few lines."""
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.y)

    def __str__(self) -> str:
        return plain(self.summary())

    def _select(self, indices: npt.NDArray[np.intp]) -> Self:
        """The examples at ``indices``, as a dataset."""
        values = {name: _values_at(getattr(self, name), indices) for name in self.per_example}
        return replace(cast(Any, self), **values)


class LabelledDataset(SupervisedDataset):
    """Examples with a class label each.

    A subclass has the attributes below as well, sets ``noun`` (what an example is) and implements
    `_headline` and `_describe_group`.
    """

    noun: ClassVar[str]

    if TYPE_CHECKING:

        @property
        def groups(self) -> npt.NDArray[np.integer]: ...
        @property
        def skipped(self) -> tuple[tuple[Any, str], ...]: ...

    def split(self, validation: float = 0.2, test: float = 0.0, seed: int = 0) -> tuple[Self, ...]:
        """Split into ``(train, validation)``, or ``(train, validation, test)``.

        The split is stratified by class, and copies of one example are never divided between
        splits, so that no validation or test example has been seen in training. A split whose share
        is 0 is omitted. Each split is in random order, which depends on ``seed`` alone.

        Args:
            validation: share of the examples for validation, 0 to 1.
            test: share of the examples for testing, 0 to 1.
            seed: seed of the random order.

        Raises:
            ArgumentError: if the shares are not between 0 and 1 or leave nothing for training.
            DataError: if a split would be empty.
        """
        shares = [share for share in (validation, test) if share != 0]
        splits = stratified_group_split(self.y, self.groups, shares, seed)
        return tuple(self[indices]._without_skipped() for indices in splits)

    def summary(self) -> str:
        """Describe the data: size, class balance, duplicates, conflicting labels, skipped files."""
        lines = [f"{self._headline()}, {pluralize(len(self.counts), 'class', 'classes')}"]
        lines += _class_bars(self.counts)
        if copies := len(self) - len(np.unique(self.groups)):
            verb = "is a duplicate" if copies == 1 else "are duplicates"
            lines.append(f"{pluralize(copies, self.noun)} {verb}; a split keeps copies together")
        conflicts = [self._describe_group(group) for group in self._conflicts()[:_MAX_CONFLICTS]]
        lines += [f"conflicting labels: {conflict}" for conflict in conflicts]
        if self.skipped:
            named = format_list((f"{name} ({reason})" for name, reason in self.skipped), 3)
            lines.append(f"{len(self.skipped):,} skipped: {named}")
        return "\n".join(lines)

    @overload
    def __getitem__(self, key: int) -> tuple[Any, int]: ...
    @overload
    def __getitem__(self, key: slice | npt.ArrayLike) -> Self: ...
    def __getitem__(self, key: Any) -> tuple[Any, int] | Self:
        if np.ndim(key) == 0 and not isinstance(key, slice):
            return self._example(key), int(self.y[key])
        return self._select(resolve_index(key, len(self)))

    def _example(self, index: int) -> Any:
        """The input of one example: the first of ``per_example``."""
        return getattr(self, self.per_example[0])[index]

    def _headline(self) -> str:
        """Number and size of the examples, for the first line of the summary."""
        raise NotImplementedError

    def _describe_group(self, group: npt.NDArray[np.intp]) -> str:
        """Name the examples of a group of copies."""
        raise NotImplementedError

    def _without_skipped(self) -> Self:
        return replace(cast(Any, self), skipped=())

    def _duplicates(self) -> list[npt.NDArray[np.intp]]:
        """Indices of each group of copies, in order of first appearance."""
        order = np.argsort(self.groups, kind="stable")
        bounds = np.flatnonzero(np.diff(self.groups[order])) + 1
        groups = [group for group in np.split(order, bounds) if len(group) > 1]
        return sorted(groups, key=lambda group: int(group[0]))

    def _conflicts(self) -> list[npt.NDArray[np.intp]]:
        """Groups of copies that do not all have the same label."""
        return [group for group in self._duplicates() if len(np.unique(self.y[group])) > 1]


class FileDataset(LabelledDataset):
    """Labelled examples that were read from a file each."""

    if TYPE_CHECKING:

        @property
        def files(self) -> tuple[Path, ...]: ...

    @property
    def duplicates(self) -> list[tuple[Path, ...]]:
        """Files of each example that occurs more than once."""
        return [self._files_at(group) for group in self._duplicates()]

    @property
    def conflicts(self) -> list[tuple[Path, ...]]:
        """Files of each example that occurs with more than one label."""
        return [self._files_at(group) for group in self._conflicts()]

    def _files_at(self, indices: npt.NDArray[np.intp]) -> tuple[Path, ...]:
        return tuple(self.files[i] for i in indices)

    def _describe_group(self, group: npt.NDArray[np.intp]) -> str:
        return format_list(self._files_at(group))


def _values_at(values: Any, indices: npt.NDArray[np.intp]) -> Any:
    """Values of some examples: of a list, an array or a frame; None stays None."""
    if isinstance(values, list | tuple):
        return type(values)(values[i] for i in indices)
    return None if values is None else getattr(values, "iloc", values)[indices]


def check_on_error(on_error: str) -> None:
    """Raise UnknownNameError if ``on_error`` is neither ``"raise"`` nor ``"skip"``."""
    labels.check_choice("on_error", on_error, get_args(OnError))


def broken_examples_error(
    broken: labels.Broken, total: int, noun: str, source: object = None
) -> DataError:
    """Return a DataError that lists the broken examples; a loader raises it.

    Args:
        broken: name and reason of each broken example.
        total: number of all examples, the broken ones included.
        noun: what an example is.
        source: the file or folder they come from, if the names do not include it.
    """
    error = labels.unreadable_error(broken, total, noun, source)
    advice = "\nRepair or remove them; in Python, on_error='skip' leaves them out."
    return error if len(broken) == total else DataError(f"{error}{advice}")


def warn_of_conflicts(data: LabelledDataset, name: str, stacklevel: int) -> None:
    """Warn if copies of one example have different labels.

    Args:
        data: the dataset.
        name: usual variable name of such a dataset, as in ``images.conflicts``.
        stacklevel: as for `warnings.warn`, counted from the caller.
    """
    if conflicts := data._conflicts():
        verb = "occurs" if len(conflicts) == 1 else "occur"
        warnings.warn(
            f"{pluralize(len(conflicts), data.noun)} {verb} with more than one label: "
            f"{data._describe_group(conflicts[0])}. No model can classify them all correctly; see "
            f"{name}.conflicts.",
            stacklevel=stacklevel + 1,
        )


def _class_bars(counts: Mapping[str, int]) -> list[str]:
    """A line with a bar for each class; of many classes, only the largest and the smallest."""
    total, largest = sum(counts.values()), max(counts.values(), default=0)
    names = list(counts)
    if len(names) > _MAX_CLASSES:
        by_size = sorted(names, key=lambda name: -counts[name])
        names = by_size[: _MAX_CLASSES // 2] + by_size[-_MAX_CLASSES // 2 :]
    name_width, width = max(map(len, names), default=0), len(f"{largest:,}")
    lines = [
        f"  {name:{name_width}}  {counts[name]:{width},}  {counts[name] / max(total, 1):6.1%}  "
        f"{'█' * round(_BAR_WIDTH * counts[name] / max(largest, 1))}".rstrip()
        for name in names
    ]
    if len(counts) > _MAX_CLASSES:
        lines.insert(_MAX_CLASSES // 2, f"  ... {len(counts) - _MAX_CLASSES:,} between these ...")
    return lines
