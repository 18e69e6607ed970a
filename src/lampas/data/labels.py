"""Class labels of examples, the index of labelled files, and small helpers for messages."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ..core.errors import DataError, unknown_name

Broken = Sequence[tuple[object, str]]
"""Name and reason of each example that cannot be read."""
T = TypeVar("T")
_MAX_REASONS = 5


class UnreadableFileError(Exception):
    """Reason why a file cannot be read; never leaves this package."""


@dataclass(frozen=True, eq=False)
class FileIndex:
    """Labelled files that have been found but not read.

    Args:
        root: the folder that ``names`` are relative to.
        names: the files' paths, with forward slashes.
        labels: class of each file, int32 ``(n,)``.
        classes: class names, by label.
        left_out: number of ignored files, by kind: ``hidden``, ``.txt``.
        missing: files that are listed but do not exist, with the reason.
    """

    root: Path
    names: tuple[str, ...]
    labels: npt.NDArray[np.int32]
    classes: tuple[str, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[tuple[Path, str], ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """The files' full paths."""
        return tuple(self.root / name for name in self.names)


def encode_labels(
    names: Sequence[str], classes: Sequence[str] | None, source: object, noun: str = "image"
) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    """Convert class names to integer labels; also returns the class names in label order.

    Warns of classes whose names differ only in case, blanks or punctuation.

    Args:
        names: class name of each example.
        classes: class names in label order; None for the natural order of ``names``.
        source: where the examples come from, for messages.
        noun: what an example is, for messages.

    Raises:
        DataError: if there are fewer than two classes, ``classes`` repeats a name, or an example's
            class is not among ``classes``.
    """
    if classes is None:
        classes = natural_sort(set(names))
        if warning := spelling_warning(classes):
            warnings.warn(f"{source} has {warning}", stacklevel=4)
    classes = tuple(map(str, classes))
    if repeated := [name for name, times in Counter(classes).items() if times > 1]:
        raise DataError(f"classes names {repeated[0]!r} more than once; name each class once.")
    if len(classes) < 2:
        if not names:
            raise DataError(f"{source} has no {noun}s; a classifier needs at least two classes.")
        raise DataError(
            f"{source} has {noun}s of one class only, {classes[0]!r} ({len(names):,}); a "
            "classifier needs at least two."
            if classes
            else "classes is empty; omit it to use the classes of the examples."
        )
    label = {name: number for number, name in enumerate(classes)}
    if unknown := natural_sort(set(names) - set(label)):
        raise DataError(
            f"{source} has the class {unknown[0]!r}, which is not among classes "
            f"({format_list(classes)}). Name all classes, or remove its {noun}s."
        )
    return np.array([label[name] for name in names], np.int32), classes


def spelling_warning(classes: Iterable[str]) -> str:
    """A warning of classes whose names differ only in case, blanks or punctuation, or ""."""
    spellings: dict[str, list[str]] = {}
    for name in classes:
        key = "".join(sign for sign in name.casefold() if sign.isalnum()) or name
        spellings.setdefault(key, []).append(name)
    similar = [names for names in spellings.values() if len(names) > 1 and _are_words(names)]
    if not similar:
        return ""
    groups = "; ".join(format_list(map(repr, names)) for names in similar[:5])
    return (
        f"classes whose names differ only in case, blanks or punctuation: {groups}. If they mean "
        "the same, write them in one way."
    )


def _are_words(names: Iterable[str]) -> bool:
    """Whether names are other than numbers: -1 and 1 or 1.5 and 15 are not one class."""
    return not all(name.strip("+-").replace(".", "").isdigit() for name in names)


def find_synonym(columns: Sequence[str], synonyms: Sequence[str]) -> int | None:
    """Position of the column that has the first of these names; None if none has one of them."""
    names = list(map(normalize_name, columns))
    return next((names.index(name) for name in synonyms if name in names), None)


def normalize_name(column: str) -> str:
    """The name of a column in lower case, with underscores for blanks and hyphens."""
    return column.lower().replace(" ", "_").replace("-", "_")


def check_choice(argument: str, value: object, choices: Sequence[str]) -> None:
    """Raise UnknownNameError if the value of an argument is not one of the choices."""
    if value not in choices:
        raise unknown_name(argument, value, choices)


def natural_sort(names: Iterable[str]) -> tuple[str, ...]:
    """Sort names; numerically if all of them are whole numbers."""
    names = list(names)
    if all(name.isascii() and name.isdigit() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))


def format_list(items: Iterable[object], max_items: int = 5) -> str:
    """Format items as ``a, b, c and 12 more``."""
    texts = [str(item) for item in items]
    rest = f" and {len(texts) - max_items:,} more" if len(texts) > max_items else ""
    return ", ".join(texts[:max_items]) + rest


def format_share(number: int, total: int) -> str:
    """A share in percent; 0% and 100% mean none and all.

    Example:
        >>> format_share(499, 500), format_share(1, 300), format_share(9_999, 10_000)
        ('99.8%', '0.3%', '>99.9%')
    """
    share = number / total
    if number in (0, total) or 0.005 <= share < 0.995:
        return f"{share:.0%}"
    if share < 0.0005:
        return "<0.1%"
    return f"{share:.1%}" if share < 0.9995 else ">99.9%"


def pluralize(number: int, singular: str, plural: str = "") -> str:
    """Format a count with its noun: ``1 file``, ``1,200 files``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def warn_of_unsupported(
    root: Path, suffixes: Mapping[str, int], unsupported: Collection[str], convert_to: str
) -> None:
    """Warn of files that contain examples in a format that cannot be read.

    Args:
        root: the folder.
        suffixes: number of files by suffix, in lower case.
        unsupported: suffixes of such formats.
        convert_to: suffixes of formats that can be read, for the advice.
    """
    if left_out := {name: n for name, n in suffixes.items() if name in unsupported}:
        files = format_list(pluralize(number, f"{name} file") for name, number in left_out.items())
        warnings.warn(
            f"{root} has {files} in a format that cannot be read; they are left out. Convert them "
            f"to {convert_to}.",
            stacklevel=4,
        )


def value_or_reason(read: Callable[..., T], *arguments: Any) -> T | str:
    """What ``read`` returns for these arguments, or the reason why it cannot read the file."""
    try:
        return read(*arguments)
    except UnreadableFileError as error:
        return str(error)


def unreadable_error(broken: Broken, total: int, noun: str, source: object = None) -> DataError:
    """Return a DataError that lists unreadable examples and the reason for each.

    Args:
        broken: name and reason of each unreadable example.
        total: number of all examples.
        noun: what an example is.
        source: the file or folder they come from, if the names do not include it.
    """
    place = "" if source is None else f" in {source}"
    lines = "".join(f"\n  {name}: {reason}" for name, reason in broken[:_MAX_REASONS])
    rest = len(broken) - _MAX_REASONS
    more = f"\n  and {rest:,} more" if rest > 0 else ""
    share = f"{len(broken):,} of {pluralize(total, noun)}"
    return DataError(f"{share}{place} cannot be read:{lines}{more}")


def not_installed(use: str, package: str = "'lampas[app]'") -> DataError:
    """Return a DataError for a library that is missing; ``use`` says what needs it."""
    return DataError(f"{use}, which is not installed: pip install {package}")


def resolve_index(key: slice | npt.ArrayLike, count: int) -> npt.NDArray[Any]:
    """Convert a slice, list, boolean mask or index array to indices into ``count`` examples."""
    if not isinstance(key, slice):
        indices = np.asarray(key)
        # An empty list has a float dtype, which cannot index.
        key = indices if indices.size else indices.astype(np.intp)
    return np.arange(count)[key]


def class_counts(y: npt.NDArray[Any], classes: Sequence[str]) -> dict[str, int]:
    """Return the number of examples of each class."""
    counts = np.bincount(y, minlength=len(classes))
    return dict(zip(classes, counts.tolist(), strict=True))
