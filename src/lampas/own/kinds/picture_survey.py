"""What pictures there are: files and classes, and what the files say of themselves."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from ...core.errors import ArgumentError, DataError
from ...data.decode import Header, header, require_pillow
from ...data.folder import list_folder
from ...data.form import BrokenPictureError
from ...data.listing import Listing
from ...data.machine import processors
from ...data.picture_table import LABEL_COLUMNS, list_table
from .media_checks import Labelled, refuse_parts


class Survey(NamedTuple):
    """Pictures that can be read, as far as their headers tell, and what is beside them.

    Args:
        found: the pictures.
        headers: of each.
        broken: files that can not be read, and why.
        warnings: of the listing.
    """

    found: Labelled
    headers: Sequence[Header]
    broken: Sequence[tuple[Path, str]]
    warnings: Sequence[str]


def survey(path: Path) -> Survey:
    """Look at a folder with a sub-folder for each class, or at a CSV file with file and label.

    Raises DataError or FileError when it has no pictures with classes.
    """
    require_pillow()
    refuse_parts(path)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        listing = list_folder(path) if path.is_dir() else list_table(path)
    heads = _headers(listing.files)
    broken = [
        (f, head) for f, head in zip(listing.files, heads, strict=True) if isinstance(head, str)
    ]
    good = [number for number, head in enumerate(heads) if isinstance(head, Header)]
    if not good:
        file, reason = (*listing.missing, *broken)[0]
        raise DataError(
            f"none of the {len(heads):,} pictures in {path} can be read: {file}: {reason}."
        )
    return Survey(
        _labelled(path, listing, good),
        [head for head in heads if isinstance(head, Header)],
        (*listing.missing, *broken),
        [str(warning.message) for warning in told],
    )


def check_target(path: Path, target: str) -> None:
    """Raise ArgumentError when the target is not the column that the labels are read from."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        first = lines.readline().strip()
    fields = first.split(max(",;\t", key=first.count))
    names = [_plain(field.strip().strip('"')) for field in fields]
    labels = next((name for name in LABEL_COLUMNS if name in names), "")
    if _plain(target) != labels:
        where = f"{labels!r}, which is there" if labels else f"one of {', '.join(LABEL_COLUMNS)}"
        raise ArgumentError(
            f"target={target!r}: the classes of pictures are read from the column {where}. Rename "
            f"the columns of {path}, or leave target out."
        )


def _plain(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_")


def _labelled(path: Path, listing: Listing, good: list[int]) -> Labelled:
    files = listing.files
    return Labelled(
        "picture", path, [files[i] for i in good], listing.labels[good], listing.classes
    )


def _headers(files: Sequence[Path]) -> list[Header | str]:
    """What each file says of itself, or why it can not be read."""
    with warnings.catch_warnings(), ThreadPoolExecutor(processors(), "lampas-survey") as pool:
        warnings.simplefilter("ignore")  # what is odd in metadata spoils no pixel
        return list(pool.map(_header, files))


def _header(path: Path) -> Header | str:
    try:
        return header(path)
    except BrokenPictureError as error:
        return str(error)
