"""Load labelled texts from a CSV file, a folder or lists."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ...core.errors import ArgumentError, DataError, FileError
from ..dataset import OnError, broken_examples_error, check_on_error, warn_of_conflicts
from ..labels import encode_labels, pluralize
from .dataset import Texts
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
    on_error: OnError = "raise",
) -> Texts:
    """Load labelled texts.

    ``source`` is a CSV file whose first line names the columns, a folder with a sub-folder of
    ``.txt`` files for each class, or a list of texts with a list of ``labels``. Use `Texts.split`
    to hold some out; it keeps copies of a text in one split. A text that occurs with more than one
    label causes a warning.

    Args:
        source: a file, a folder, or texts.
        labels: class of each text, if ``source`` is a list of texts.
        text_column: name of the column with the texts; None for a column with a common name.
        label_column: name of the column with the classes; None for a column with a common name.
        classes: class names in label order; None for those of the texts, sorted.
        encoding: encoding of the files; None for UTF-8, or cp1252 (with a warning) if that fails.
        on_error: ``"raise"`` if rows are broken, or ``"skip"`` them.

    Raises:
        FileError: if the file or folder does not exist or cannot be read.
        DataError: if there are no texts, no such columns, broken rows, or fewer than two classes.
        ArgumentError: if arguments contradict each other.

    Example:
        >>> import lampas as lp
        >>> texts = lp.data.text(["good", "bad", "fine"], ["+", "-", "+"])
        >>> texts.classes, texts.y
        (('+', '-'), array([0, 1, 0], dtype=int32))
    """
    check_on_error(on_error)
    if not isinstance(source, str | os.PathLike):
        rows, broken, place = _from_lists(source, labels), Broken(), "the list"
    elif labels is not None:
        raise ArgumentError(f"labels is for a list of texts; {source} has its own labels.")
    else:
        place = str(source)
        rows, broken = _from_disk(Path(source).expanduser(), text_column, label_column, encoding)
    if broken and (on_error == "raise" or not rows):
        raise broken_examples_error(broken, len(rows) + len(broken), Texts.noun, place)
    y, names = encode_labels([row.label for row in rows], classes, place, Texts.noun)
    texts = Texts([row.text for row in rows], y, names, tuple(broken))
    warn_of_conflicts(texts, "texts", stacklevel=2)
    return texts


def _from_disk(
    path: Path, text_column: str | None, label_column: str | None, encoding: str | None
) -> tuple[list[Row], Broken]:
    if path.is_dir():
        if text_column or label_column:
            raise ArgumentError(f"{path} is a folder: it has no columns. Omit the column names.")
        return read_folder(path, encoding)
    if not path.exists():
        raise FileError(f"there is no folder or CSV file {path.absolute()}.")
    return read_table(path, text_column, label_column, encoding)


def _from_lists(texts: Iterable[str], labels: Iterable[object] | None) -> list[Row]:
    if labels is None:
        raise ArgumentError("texts in a list need one label each: text(texts, labels).")
    texts, labels = list(texts), list(labels)
    if len(texts) != len(labels):
        raise DataError(
            f"there are {pluralize(len(texts), 'text')} and {pluralize(len(labels), 'label')}; "
            "each text needs one label."
        )
    for number, item in enumerate(texts):
        if not isinstance(item, str):
            raise DataError(f"text {number} is {item!r}, not a string. Remove or replace it.")
    pairs = enumerate(zip(texts, labels, strict=True))
    return [Row(f"text {number}", item, str(label)) for number, (item, label) in pairs]
