"""Load images and train a small network on them, with and without regularization.

The image examples share this file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...applications.image_networks import three_convolutions
from ...core.errors import FileError
from ...core.module import Module
from ...data import Images
from ...data.images.folder import list_folder
from ...data.images.load import load_indexed_images
from ...data.labels import FileIndex
from ...datasets import DatasetError
from ...download.web_archive import WebArchive, fetch_archive
from ...evaluation.types import Splits
from ...layers import Input
from ...optimizers import Adam
from ...optimizers.schedules import CosineDecay
from ...train.callbacks import EarlyStopping
from ...train.history import History
from ...train.progress_bar import Verbose
from ...train.sequential import Sequential

VALIDATION, TEST = 0.2, 0.2
"""Fractions of the images."""
UNREGULARIZED, REGULARIZED = "unregularized", "augmentation and dropout"


class TrainedNetwork(NamedTuple):
    """A trained network with its accuracy on each split, measured without augmentation.

    ``probabilities`` are its predictions for the test images, ``(n, classes)``.
    """

    name: str
    model: Sequential
    history: History
    best_epoch: int
    train_accuracy: float
    validation_accuracy: float
    test_accuracy: float
    probabilities: np.ndarray

    @property
    def gap(self) -> float:
        """Generalization gap: training accuracy minus test accuracy."""
        return self.train_accuracy - self.test_accuracy


def split_images(images: Images, seed: int) -> Splits:
    """Split into 60 % training, 20 % validation and 20 % test images, stratified by class."""
    return Splits(*images.split(VALIDATION, TEST, seed))


def network(
    shape: tuple[int, ...], classes: int, augmentation: Sequence[Module] = (), dropout: float = 0.0
) -> Sequential:
    """Three convolutions, each followed by pooling, and two dense layers.

    Args:
        shape: shape of an image; the images are bytes.
        classes: number of classes.
        augmentation: layers that come first and work on the bytes.
        dropout: rate of the dropout before each dense layer.
    """
    return Sequential([Input(shape), *augmentation, *three_convolutions(classes, dropout)])


def train_model(
    name: str,
    model: Sequential,
    splits: Splits,
    epochs: int,
    batch_size: int,
    patience: int | None,
    verbose: Verbose,
) -> TrainedNetwork:
    """Train a network and evaluate it on all three splits.

    With ``patience`` training stops after that many epochs without a lower validation loss, and the
    weights of the best epoch are restored; without, all epochs are trained.
    """
    train, validation, test = splits
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
    train_accuracy, validation_accuracy, test_accuracy = (
        model.evaluate(p.x, p.y, batch_size)["accuracy"] for p in splits
    )
    best = stopping.best_epoch if patience else len(history.epoch) - 1
    probabilities = model.predict(test.x)
    return TrainedNetwork(
        name,
        model,
        history,
        best,
        train_accuracy,
        validation_accuracy,
        test_accuracy,
        probabilities,
    )


RESERVED_NAMES = ("auto", "synthetic")
"""Values of ``data`` that are not the path of a folder."""
SyntheticImages = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]


@dataclass(frozen=True)
class ImageSource:
    """A published image data set and a synthetic substitute.

    Args:
        archive: the published data set.
        generate: ``generate(n, size, seed)`` returns synthetic images and their labels.
        classes: names of the classes of synthetic images.
        limit: default for the maximum number of images per class; 0 for all.
        per_class: number of synthetic images per class.
    """

    archive: WebArchive
    generate: Callable[[int, int, int], SyntheticImages]
    classes: tuple[str, ...]
    limit: int
    per_class: int


class LoadedImages(NamedTuple):
    """Images, and a sentence on where they come from."""

    images: Images
    description: str
    synthetic: bool


def load_images(
    source: ImageSource, data: str, size: int, limit: int | None, seed: int, verbose: Verbose
) -> LoadedImages:
    """Load the images of an example and print where they come from.

    Args:
        source: the published data set and its synthetic substitute.
        data: ``"auto"`` for the published data set, or synthetic images when it cannot be
            downloaded; ``"synthetic"``; or a folder with a sub-folder for each class.
        size: height and width in pixels.
        limit: maximum number of images per class; 0 for all, None for the default of the source.
        seed: seed of the selection, or of the synthetic images.
        verbose: 0 prints nothing.

    Raises:
        FileError: when the folder does not exist.
        DataError: when the folder contains no classes of images.
    """
    if data == "synthetic":
        loaded = _generate(source, size, limit, seed, "as requested")
    elif data != "auto":
        loaded = _read_folder(
            _class_root(Path(data).expanduser(), source), data, size, limit or 0, seed
        )
    else:
        loaded = _download(source, size, limit, seed)
    if verbose != 0:
        print(f"data: {loaded.description}", flush=True)
        for path, reason in loaded.images.skipped:
            print(f"skipped {path}: {reason}", flush=True)
    return loaded


def _download(source: ImageSource, size: int, limit: int | None, seed: int) -> LoadedImages:
    try:
        folder = fetch_archive(source.archive)
    except DatasetError as error:
        reason = f"because {source.archive.title} could not be downloaded: {error}"
        return _generate(source, size, limit, seed, reason)
    max_per_class = source.limit if limit is None else limit
    return _read_folder(folder, source.archive.source, size, max_per_class, seed)


def _generate(
    source: ImageSource, size: int, limit: int | None, seed: int, reason: str
) -> LoadedImages:
    n = (limit or source.per_class) * len(source.classes)
    x, y = source.generate(n, size, seed)
    files = tuple(Path("synthetic", f"{number:05d}") for number in range(n))
    images = Images(x, y, source.classes, files, np.arange(n))
    return LoadedImages(images, f"synthetic images, not photographs, {reason}", True)


def _read_folder(folder: Path, description: str, size: int, limit: int, seed: int) -> LoadedImages:
    """Load the images of a folder; unreadable files are listed in ``images.skipped``."""
    listing = list_folder(folder)
    selected = _limit_per_class(listing, limit, seed)
    images = load_indexed_images(selected, size=size, on_error="skip")
    if len(selected.names) < len(listing.names):
        description += (
            f" {len(selected.names):,} of {len(listing.names):,} are used: {limit:,} per class."
        )
    return LoadedImages(images, description, False)


def _limit_per_class(listing: FileIndex, limit: int, seed: int) -> FileIndex:
    """Select at most ``limit`` random images of each class, in their original order; all for 0."""
    if not limit:
        return listing
    order = np.random.RandomState(seed).permutation(len(listing.names))
    labels = listing.labels[order]
    by_class = [order[labels == label][:limit] for label in range(len(listing.classes))]
    indices = np.sort(np.concatenate(by_class))
    names = tuple(listing.names[index] for index in indices)
    return replace(listing, names=names, labels=listing.labels[indices])


def _class_root(folder: Path, source: ImageSource) -> Path:
    """The folder with the classes: this one, or the published one inside it."""
    if not folder.is_dir():
        problem = "is a file" if folder.exists() else "does not exist"
        raise FileError(
            f"--data {folder}: this folder {problem}. Give a folder with a sub-folder of images "
            f"for each class ({', '.join(source.classes)}), or auto, or synthetic."
        )
    inner = folder / source.archive.folder
    return inner if inner.is_dir() else folder
