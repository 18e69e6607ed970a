"""A CSV file, a folder or lists of texts become a collection to train on."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from ...core.errors import ArgumentError, DataError, FileError, unknown_name
from ..labels import count, few, in_order
from .dataset import Texts, shortened
from .files import Row, read_folder, read_table

Broken = list[tuple[str, str]]


def text(
    source: str | os.PathLike[str] | Iterable[str],
    labels: Iterable[object] | None = None,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    classes: Sequence[str] | None = None,
    encoding: str | None = None,
    on_error: Literal["raise", "skip"] = "raise",
) -> Texts:
    """A person's own texts, with a label each.

    ``source`` is a CSV file whose first line names the columns, a folder with a sub-folder of
    ``.txt`` files for each class, or a list of texts beside a list of ``labels``. Use `Texts.split`
    to hold some out: it keeps copies of a text in one part. A text that is there under two labels
    is a warning.

    Args:
        source: a file, a folder, or texts.
        labels: the class of each text, where ``source`` are texts.
        text_column: name of the column with the texts, where it is not a usual one.
        label_column: name of the column with the classes, likewise.
        classes: their names in the order of the labels; None for those found, in order.
        encoding: of the files; None for UTF-8, or Latin-1 (with a warning) where that fails.
        on_error: ``"raise"`` when rows are broken, or ``"skip"`` them.

    Raises:
        FileError: when there is no such file or folder, or it can not be read.
        DataError: when there are no texts, no such columns, broken rows, or fewer than two classes.
        ArgumentError: when the arguments do not go together.
    """
    if on_error not in ("raise", "skip"):
        raise unknown_name("on_error", on_error, ("raise", "skip"))
    if not isinstance(source, str | os.PathLike):
        rows, broken, place = _from_lists(source, labels), Broken(), "the list"
    elif labels is not None:
        raise ArgumentError(f"labels goes with a list of texts; {source} names its own.")
    else:
        place = str(source)
        rows, broken = _from_disk(Path(source).expanduser(), text_column, label_column, encoding)
    if broken and (on_error == "raise" or not rows):
        raise _broken(place, broken, len(rows))
    y, known = _numbered([row.label for row in rows], classes, place)
    found = Texts([row.text for row in rows], y, known, tuple(broken))
    _warn_of_conflicts(found)
    return found


def _from_disk(
    path: Path, text_column: str | None, label_column: str | None, encoding: str | None
) -> tuple[list[Row], Broken]:
    if path.is_dir():
        if text_column or label_column:
            raise ArgumentError(f"{path} is a folder: it has no columns. Leave them out.")
        return read_folder(path, encoding)
    if not path.exists():
        raise FileError(f"there is no folder or CSV file {path.absolute()}.")
    return read_table(path, text_column, label_column, encoding)


def _from_lists(texts: Iterable[str], labels: Iterable[object] | None) -> list[Row]:
    if labels is None:
        raise ArgumentError("texts in a list need labels, one each: text(texts, labels).")
    given, classes = list(texts), list(labels)
    if len(given) != len(classes):
        raise DataError(
            f"there are {count(len(given), 'text')} and {count(len(classes), 'label')}; each text "
            "needs one label."
        )
    for number, item in enumerate(given):
        if not isinstance(item, str):
            raise DataError(f"text {number} is {item!r}, which is no text. Drop or fill in such.")
    pairs = enumerate(zip(given, classes, strict=True))
    return [Row(f"text {number}", item, str(label)) for number, (item, label) in pairs]


def _numbered(
    found: Sequence[str], classes: Sequence[str] | None, place: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The label of each class name in ``found``, and the names in the order of the labels."""
    known = in_order(set(found)) if classes is None else tuple(map(str, classes))
    label = {name: number for number, name in enumerate(known)}
    if strange := in_order(set(found) - set(label)):
        raise DataError(
            f"{place} has the class {strange[0]!r}, which is not among classes ({few(known)}). "
            "Name all classes, or leave its texts out."
        )
    if len(label) < 2:
        what = (
            f"one class only, {known[0]!r} ({count(len(found), 'text')})" if known else "no texts"
        )
        raise DataError(f"{place} has {what}; a classifier needs at least two classes.")
    return np.array([label[name] for name in found], np.int32), known


def _broken(place: str, broken: Broken, good: int) -> DataError:
    lines = "".join(f"\n  {where}: {reason}" for where, reason in broken[:5])
    more = f"\n  and {len(broken) - 5:,} more" if len(broken) > 5 else ""
    advice = "\nMend or remove them; in Python, on_error='skip' leaves them out." if good else ""
    total = count(good + len(broken), "text")
    return DataError(f"{len(broken):,} of {total} in {place} can not be used:{lines}{more}{advice}")


def _warn_of_conflicts(found: Texts) -> None:
    if conflicts := found.conflicts:
        what = f"{count(len(conflicts), 'text')} {'is' if len(conflicts) == 1 else 'are'}"
        warnings.warn(
            f"{what} there under more than one label: {shortened(conflicts[0])!r}. No network can "
            "get them all right; texts.conflicts has them.",
            stacklevel=3,
        )
