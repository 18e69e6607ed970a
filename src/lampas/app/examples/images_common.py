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

from ... import FileError, Input, Module, Sequential
from ...applications.image_networks import three_convolutions
from ...data import Images
from ...data.images.folder import list_folder
from ...data.images.load import load_indexed_images
from ...datasets import DatasetError
from ...download.web_archive import WebArchive, fetch_archive
from ...evaluation.types import Splits
from ...train.progress_bar import Verbose
from ..runs.fingerprint import name_or_path
from ..runs.record import start_run
from .training import TrainedNetwork, cosine_adam, fit_classifier

VALIDATION, TEST = 0.2, 0.2
"""Fractions of the images."""
DROPOUT, PATIENCE = 0.4, 8
"""Regularization: rate of the dropout, and epochs without a lower validation loss."""
RESERVED_NAMES = ("auto", "synthetic")
"""Values of ``data`` that are not the path of a folder."""
SyntheticImages = tuple[npt.NDArray[np.uint8], npt.NDArray[np.int32]]


@dataclass(frozen=True)
class ImageNetwork(TrainedNetwork):
    """A trained network with its accuracy on each split, measured without augmentation."""

    accuracies: Splits

    @property
    def gap(self) -> float:
        """Generalization gap: training accuracy minus test accuracy."""
        return float(self.accuracies.train - self.accuracies.test)


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


class RegularizationRun(NamedTuple):
    """The images with their splits, and the network trained without and with regularization."""

    loaded: LoadedImages
    splits: Splits
    unregularized: ImageNetwork
    regularized: ImageNetwork


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


def train_networks(
    folder: Path,
    data: str,
    loaded: LoadedImages,
    augmentation: Sequence[Module],
    epochs: int,
    batch_size: int,
    seed: int,
    verbose: Verbose,
) -> RegularizationRun:
    """Train the network without and with regularization, on 60 % of the images.

    20 % are for validation and 20 % for testing; the split is stratified by class. The regularized
    network has augmentation and dropout, and stops early.
    """
    images = loaded.images
    splits = train, validation, test = Splits(*images.split(VALIDATION, TEST, seed))
    start_run(folder, name_or_path(data, RESERVED_NAMES), images.x, images.y)

    def fit(name: str, model: Sequential, patience: int) -> ImageNetwork:
        adam = cosine_adam(1e-3, len(train), epochs, batch_size)
        examples, title = ((train.x, train.y), (validation.x, validation.y)), f"training: {name}"
        history = fit_classifier(
            model, adam, *examples, epochs, batch_size, verbose, title, patience
        )
        accuracies = (model.evaluate(split.x, split.y, batch_size)["accuracy"] for split in splits)
        probabilities = model.predict(test.x)
        return ImageNetwork(name, model, history, test.y, probabilities, Splits(*accuracies))

    shape, classes = images.x.shape[1:], len(images.classes)
    unregularized = fit("unregularized", network(shape, classes), 0)
    unregularized.history.write_csv(folder / "history-plain.csv")
    model = network(shape, classes, augmentation, DROPOUT)
    regularized = fit("augmentation and dropout", model, PATIENCE)
    return RegularizationRun(loaded, splits, unregularized, regularized)


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
        folder = _class_root(Path(data).expanduser(), source)
        loaded = _read_folder(folder, data, size, limit or 0, seed)
    else:
        loaded = _download(source, size, limit, seed)
    if verbose != 0:
        print(f"data: {loaded.description}", flush=True)
        for path, reason in loaded.images.skipped:
            print(f"skipped {path}: {reason}", flush=True)
    return loaded


def _download(source: ImageSource, size: int, limit: int | None, seed: int) -> LoadedImages:
    archive = source.archive
    try:
        folder = fetch_archive(archive)
    except DatasetError as error:
        reason = f"because {archive.title} could not be downloaded: {error}"
        return _generate(source, size, limit, seed, reason)
    limit = source.limit if limit is None else limit
    return _read_folder(folder, archive.source, size, limit, seed)


def _generate(
    source: ImageSource, size: int, limit: int | None, seed: int, reason: str
) -> LoadedImages:
    n = (limit or source.per_class) * len(source.classes)
    x, y = source.generate(n, size, seed)
    files = tuple(Path("synthetic", f"{number:05d}") for number in range(n))
    images = Images(x, y, source.classes, files, np.arange(n))
    return LoadedImages(images, f"synthetic images, not photographs, {reason}", True)


def _read_folder(folder: Path, description: str, size: int, limit: int, seed: int) -> LoadedImages:
    """Load at most ``limit`` random images of each class, in their original order; all for 0.

    Unreadable files are listed in ``images.skipped``.
    """
    listing = list_folder(folder)
    total = len(listing.names)
    if limit:
        order = np.random.RandomState(seed).permutation(total)
        labels = listing.labels[order]
        by_class = [order[labels == label][:limit] for label in range(len(listing.classes))]
        indices = np.sort(np.concatenate(by_class))
        names = tuple(listing.names[index] for index in indices)
        listing = replace(listing, names=names, labels=listing.labels[indices])
    if len(listing.names) < total:
        description += f" {len(listing.names):,} of {total:,} are used: {limit:,} per class."
    images = load_indexed_images(listing, size=size, on_error="skip")
    return LoadedImages(images, description, False)


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
