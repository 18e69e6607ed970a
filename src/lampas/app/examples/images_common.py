"""What the cases with pictures share: one small network, trained plain and trained with care.

Where a case's pictures come from: published, a person's own folder, or drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...core.errors import FileError
from ...core.module import Module
from ...data import Images
from ...data.images.folder import list_folder
from ...data.images.load import load_listing
from ...data.labels import Listing
from ...datasets import DatasetError
from ...datasets.image_archives import PictureArchive, fetch_pictures
from ...layers import Conv2D, Dense, Dropout, Flatten, Input, MaxPool2D, Rescaling
from ...optimizers import Adam
from ...optimizers.schedules import CosineDecay
from ...train.callbacks import EarlyStopping
from ...train.history import History
from ...train.progress_bar import Verbose
from ...train.sequential import Sequential

VALIDATION, TEST = 0.2, 0.2
"""Shares of the pictures that are not learnt from: to stop by, and to be judged by."""
PLAIN, CAREFUL = "plain", "augmented, with dropout"


class Trained(NamedTuple):
    """A trained network with what it makes of each part, measured without augmentation."""

    name: str
    model: Sequential
    history: History
    best_epoch: int
    training: float
    validation: float
    test: float
    probabilities: np.ndarray

    @property
    def gap(self) -> float:
        """By how much the pictures learnt from are known better than new ones."""
        return self.training - self.test


class Parts(NamedTuple):
    """The pictures, parted; identical ones are in one part."""

    train: Images
    validation: Images
    test: Images


def part(images: Images, seed: int) -> Parts:
    """Split into 60 % to learn from, 20 % to stop by, 20 % to be judged by, class by class."""
    return Parts(*images.split(VALIDATION, TEST, seed))


def network(
    shape: tuple[int, ...], classes: int, augmentation: Sequence[Module] = (), dropout: float = 0.0
) -> Sequential:
    """Three convolutions, each followed by pooling, and two dense layers.

    Both runs of a case use it: plain, and behind augmentation with dropout before each dense layer.
    The pictures come as bytes; the augmentation works on those.
    """
    return Sequential(
        [
            Input(shape),
            *augmentation,
            Rescaling(1 / 127.5, -1),
            Conv2D(16, 3, padding="same", activation="relu"),
            MaxPool2D(),
            Conv2D(32, 3, padding="same", activation="relu"),
            MaxPool2D(),
            Conv2D(64, 3, padding="same", activation="relu"),
            MaxPool2D(),
            Flatten(),
            Dropout(dropout),
            Dense(128, activation="relu"),
            Dropout(dropout),
            Dense(classes, activation="softmax"),
        ]
    )


def learn(
    name: str,
    model: Sequential,
    parts: Parts,
    epochs: int,
    batch_size: int,
    patience: int | None,
    verbose: Verbose,
) -> Trained:
    """Train, and measure on all three parts.

    With ``patience`` the fit stops when that many epochs have not lowered the validation loss, and
    the weights of the best epoch come back; without, it runs to the end.
    """
    train, validation, test = parts
    steps = epochs * -(-len(train) // batch_size)
    model.compile(
        optimizer=Adam(CosineDecay(1e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    stopping = EarlyStopping(patience=patience or epochs, restore_best_weights=True)
    if verbose != 0:
        print(f"training: {name}", flush=True)
    history = model.fit(
        train.x,
        train.y,
        batch_size,
        epochs,
        verbose,
        callbacks=[stopping] if patience else [],
        validation_data=(validation.x, validation.y),
    )
    on_train, on_validation, on_test = (
        model.evaluate(p.x, p.y, batch_size)["accuracy"] for p in parts
    )
    best = stopping.best_epoch if patience else len(history.epoch) - 1
    said = model.predict(test.x)
    return Trained(name, model, history, best, on_train, on_validation, on_test, said)


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
