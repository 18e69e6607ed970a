"""Where a case's pictures come from: published, a person's own folder, or drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.errors import FileError
from ..data import Images
from ..data.folder import list_folder
from ..data.listing import Listing
from ..data.load import load_listing
from ..datasets import DatasetError
from ..datasets.archived import PictureArchive, fetch_pictures
from ..train.progress import Verbose

ANY = ("auto", "synthetic")
"""What stands for pictures that are no folder of one's own."""
Drawn = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]


@dataclass(frozen=True)
class Origin:
    """Where pictures of a kind can be had.

    Args:
        archive: the published set.
        draw: ``draw(n, size, seed)`` gives drawn pictures and labels.
        classes: the names of the labels of drawn pictures.
        limit: pictures of a class that are taken unless told otherwise; 0 for all.
        each: drawn pictures of a class.
    """

    archive: PictureArchive
    draw: Callable[[int, int, int], Drawn]
    classes: tuple[str, ...]
    limit: int
    each: int


class Found(NamedTuple):
    """Pictures, and a sentence that says honestly what they are."""

    images: Images
    words: str
    synthetic: bool


def find_pictures(
    origin: Origin, data: str, size: int, limit: int | None, seed: int, verbose: Verbose
) -> Found:
    """The pictures that ``data`` stands for, ``size`` pixels a side; tells which on a line.

    Args:
        origin: what kind of pictures.
        data: ``"auto"`` for the published set, or drawn pictures where that can not be had;
            ``"synthetic"`` for drawn ones; or a folder with a sub-folder for each class.
        size: pixels a side.
        limit: pictures of a class at most, chosen by the seed; 0 for all, None for the usual.
        seed: decides what is chosen or drawn.
        verbose: 0 says nothing.

    Raises:
        FileError: when there is no such folder.
        DataError: when it has no classes of pictures.
    """
    if data == "synthetic":
        found = _draw(origin, size, limit, seed, "as asked for")
    elif data != "auto":
        found = _read(_inner(Path(data).expanduser(), origin), data, size, limit or 0, seed)
    else:
        found = _published(origin, size, limit, seed)
    if verbose != 0:
        print(f"data: {found.words}", flush=True)
        for path, reason in found.images.skipped:
            print(f"skipped {path}: {reason}", flush=True)
    return found


def _published(origin: Origin, size: int, limit: int | None, seed: int) -> Found:
    try:
        folder = fetch_pictures(origin.archive)
    except DatasetError as error:
        because = f"because {origin.archive.title} could not be fetched: {error}"
        return _draw(origin, size, limit, seed, because)
    usual = origin.limit if limit is None else limit
    return _read(folder, origin.archive.source, size, usual, seed)


def _draw(origin: Origin, size: int, limit: int | None, seed: int, because: str) -> Found:
    n = (limit or origin.each) * len(origin.classes)
    x, y = origin.draw(n, size, seed)
    files = tuple(Path("drawn", f"{number:05d}") for number in range(n))
    images = Images(x, y, origin.classes, files, np.arange(n))
    return Found(images, f"synthetic: drawn pictures, not photographs, {because}", True)


def _read(folder: Path, words: str, size: int, limit: int, seed: int) -> Found:
    """A folder's pictures, the broken ones skipped and named in ``images.skipped``."""
    listing = list_folder(folder)
    chosen = _limited(listing, limit, seed)
    images = load_listing(chosen, size=size, on_error="skip")
    if len(chosen.names) < len(listing.names):
        words += f" {len(chosen.names):,} of {len(listing.names):,} are used: {limit:,} a class."
    return Found(images, words, False)


def _limited(listing: Listing, limit: int, seed: int) -> Listing:
    """At most ``limit`` pictures of each class, in their order; all for 0."""
    if not limit:
        return listing
    order = np.random.RandomState(seed).permutation(len(listing.names))
    labels = listing.labels[order]
    kept = [order[labels == label][:limit] for label in range(len(listing.classes))]
    chosen = np.sort(np.concatenate(kept))
    names = tuple(listing.names[number] for number in chosen)
    return replace(listing, names=names, labels=listing.labels[chosen])


def _inner(folder: Path, origin: Origin) -> Path:
    """The folder with the classes: the one given, or the published one inside it."""
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "is not there"
        raise FileError(
            f"--data {folder}: this folder {what}. Give a folder with a sub-folder of pictures "
            f"for each class ({', '.join(origin.classes)}), or auto, or synthetic."
        )
    inner = folder / origin.archive.folder
    return inner if inner.is_dir() else folder
