"""Images in class folders, or listed in a CSV file, classified by a convolutional network."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np

from ...applications.image_networks import dense_layers, random_variants, three_convolutions
from ...core.errors import ArgumentError
from ...core.module import Module
from ...data.images import decode
from ...data.images.dataset import Images
from ...data.images.folder import LABEL_COLUMNS, list_folder, list_table
from ...data.images.load import SIDE_STEP, images, typical_size
from ...data.images.reader import ImageReader
from ...data.labels import normalize_name, value_or_reason
from ...evaluation.baselines import Features
from ...evaluation.mistakes import most_confident_mistakes
from ...evaluation.types import Predictions, Splits
from ...parsing.csv import read_csv_sample
from ...train.model import Model
from ..report import Report
from ..report.images import add_example_images, add_heatmaps
from ..report.mistakes import add_image_mistakes, add_mistake_files
from .files import LabelledFiles, LabelledFilesKind, read_files, warn_of_skipped
from .script import quoted, sequential
from .settings import TEST, VALIDATION, ImageSettings
from .task import DataProfile, Decision, InputFile, PredictionBatch, Script, TrainOptions

SMALL_CLASS = 50
"""Number of training images of a class below which more are recommended."""
MAX_SIDES = ((5_000, 64), (15_000, 48))
"""Longer side in pixels for up to that many images."""
MIN_SIDE = 32
"""Longer side for even more images."""
SIZE_LIMITS = 8, 512
"""Sizes that can be requested: smaller images vanish in pooling, larger ones take days."""
MAX_PIXELS = 160e6
"""Number of pixels in all epochs, about two minutes of training on two processors."""
EPOCHS = 8, 50
"""Minimum and maximum."""
GRID = 16
"""Cells per side of the coarse images that the baseline sees."""
SAMPLE_BYTES = 1 << 18
_CHUNK = 256
_NETWORK_REASONS = {
    "cnn": "convolutions are the usual network for images",
    "lenet": "LeNet-5, as requested; it was designed for handwriting",
    "mlp": "as requested; it does not know which pixels are neighbours",
}
_COLOR_VARIANTS = "mirrored, rotated, shifted, zoomed and lit differently, it keeps its class"
_GREY_VARIANTS = (
    "rotated, shifted, zoomed and lit differently, it keeps its class; not mirrored, since grey "
    "images may show writing"
)
Profile = DataProfile[ImageSettings]


class ImagesKind(LabelledFilesKind[ImageSettings]):
    """Labelled images."""

    noun: ClassVar[str] = "image"
    size_option: ClassVar[str] = "size"
    features_name: ClassVar[str] = "coarse pixels"
    name: ClassVar[str] = "images"
    networks: ClassVar[tuple[str, ...]] = ("cnn", "lenet", "mlp")
    uploads: ClassVar[tuple[str, ...]] = tuple(sorted(decode.SUFFIXES))
    settings_type = ImageSettings

    def profile_data(self, options: TrainOptions) -> Profile:
        if options.target is not None and options.path.is_file():
            check_target(options.path, options.target)
            options = replace(options, target=None)
        return super().profile_data(options)

    def scan(self, path: Path) -> LabelledFiles:
        decode.require_pillow()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            index = list_folder(path) if path.is_dir() else list_table(path)
        messages = [str(warning.message) for warning in caught]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unusual metadata does not affect the pixels
            read_header = partial(value_or_reason, decode.read_header)
            return self.scan_files(path, index, read_header, messages)

    def decide(
        self, labelled: LabelledFiles, options: TrainOptions, model: str
    ) -> tuple[ImageSettings, list[Decision]]:
        number, classes = len(labelled.files), labelled.classes
        size, size_decision = choose_size(labelled.headers, options.size)
        epochs = choose_epochs(number, size)
        is_grey = all(header.grey for header in labelled.headers)
        median_side = np.median([max(header.height, header.width) for header in labelled.headers])
        settings = ImageSettings(
            **options.common_settings(model, number),
            epochs=epochs,
            patience=max(4, epochs // 4),
            size=size,
            color="grey" if is_grey else "rgb",
            mirror=not is_grey,
            downscaled=bool(median_side > max(size)),
        )
        color = ("grey", "all files are grey") if is_grey else ("colour", "not all files are grey")
        return settings, [
            Decision(f"{len(classes)} classes", labelled.describe()),
            Decision(*color),
            Decision(f"network {model}", _NETWORK_REASONS[model]),
            Decision(
                "augmentation: a new variant of each image in each epoch",
                _GREY_VARIANTS if is_grey else _COLOR_VARIANTS,
            ),
            self.describe_regularization(settings, number),
            size_decision,
            self.describe_epochs(epochs, EPOCHS[1]),
        ]

    def script(self, profile: Profile) -> Script:
        settings = profile.settings
        image_format = f"{settings.size}, {quoted(settings.color)}"
        layers = [f"ImageReader({image_format})", f"*random_variants(mirror={settings.mirror})"]
        functions: list[Callable[..., list[Module]]] = [random_variants]
        if settings.model == "lenet":
            layers.append("lp.LeNet5(len(train.classes), train.x.shape[1:])")
        else:
            body = three_convolutions if settings.model == "cnn" else dense_layers
            functions.append(body)
            regularization = f"dropout={settings.dropout}, l2={settings.l2}"
            layers.append(f"*{body.__name__}(len(train.classes), {regularization})")
        return Script(
            load_data=(
                "return lp.data.images(\n"
                f"    {quoted(settings.path)},\n"
                f"    {settings.size},\n"
                f"    {quoted(settings.color)},\n"
                '    on_error="skip",\n'
                ")"
            ),
            build_model=sequential(layers),
            functions=tuple(functions),
            names=(ImageReader,),
        )

    def features(self, split: Images) -> Features:
        return pooled_pixels(split)

    def read_batches(
        self, files: Iterable[InputFile], settings: ImageSettings
    ) -> Iterator[PredictionBatch]:
        return read_files(files, decode.SUFFIXES, ImageReader(settings.size, settings.color))

    def load_labelled(self, path: Path, settings: ImageSettings, classes: Sequence[str]) -> Images:
        dataset = images(path, settings.size, settings.color, classes=classes, on_error="skip")
        warn_of_skipped(dataset)
        return dataset

    def add_data(self, report: Report, profile: Profile, splits: Splits) -> None:
        add_example_images(report, splits)

    def add_mistakes(
        self, report: Report, profile: Profile, test: Images, y_pred: Predictions
    ) -> None:
        add_image_mistakes(report, test.x, test.y, y_pred, test.classes)
        worst = most_confident_mistakes(test.y, y_pred)
        if len(worst):
            add_mistake_files(
                report, worst, test.y, y_pred, test.classes, test.files, profile.settings.path
            )

    def add_explanations(
        self, report: Report, profile: Profile, model: Model, splits: Splits
    ) -> None:
        add_heatmaps(report, model, splits.test, model.predict(splits.test.x))

    def recommendations(self, profile: Profile, splits: Splits) -> list[str]:
        height, width = profile.settings.size
        sentences = []
        if profile.settings.downscaled:
            sentences.append(
                f"If the classes differ in small details, {height}x{width} pixels may hide them: "
                f"--size {2 * max(height, width)} shows more and takes about four times as long."
            )
        advice = "images in other light, from other angles and with other backgrounds"
        return sentences + self.small_class_advice(splits.train, SMALL_CLASS, advice)


def choose_size(
    headers: Sequence[decode.Header], requested: int | None
) -> tuple[tuple[int, int], Decision]:
    """Height and width in pixels, and the reason for them.

    Args:
        headers: headers of the files.
        requested: requested size, if any.

    Raises:
        ArgumentError: for a size out of range.
    """
    low, high = SIZE_LIMITS
    if requested is not None:
        if not low <= requested <= high:
            raise ArgumentError(f"size must be {low} to {high} pixels, got {requested}.")
        return (requested, requested), Decision(f"{requested}x{requested} pixels", "as requested")
    height, width = size = typical_size(headers)
    max_side = next((side for number, side in MAX_SIDES if len(headers) <= number), MIN_SIDE)
    scale = min(1.0, max_side / max(size))
    if scale == 1.0 and min(size) >= low:
        return size, Decision(f"{height}x{width} pixels", "the typical size of the files")
    height, width = (max(SIDE_STEP, SIDE_STEP * round(side * scale / SIDE_STEP)) for side in size)
    reason = (
        f"the files are larger; at this size {len(headers):,} images take minutes (--size for "
        "another)"
    )
    return (height, width), Decision(f"{height}x{width} pixels", reason)


def choose_epochs(num_images: int, size: tuple[int, int]) -> int:
    """Maximum number of epochs such that training takes about two minutes or less."""
    num_training = num_images * (1 - VALIDATION - TEST)
    epochs = MAX_PIXELS / (num_training * size[0] * size[1])
    return int(min(max(epochs, EPOCHS[0]), EPOCHS[1]))


def check_target(path: Path, target: str) -> None:
    """Raise ArgumentError when the target is not the column that labels are read from."""
    names = list(map(normalize_name, read_csv_sample(path, SAMPLE_BYTES).names))
    label = next((name for name in LABEL_COLUMNS if name in names), "")
    if normalize_name(target) != label:
        column = f"{label!r}" if label else f"named one of {', '.join(LABEL_COLUMNS)}"
        raise ArgumentError(
            f"target={target!r}: the classes of images are read from the column {column}. Rename "
            f"the columns of {path}, or leave target out."
        )


def pooled_pixels(dataset: Images) -> Features:
    """Means of the pixels in each cell of a coarse grid, for each image."""
    chunks = [
        _pool(np.asarray(dataset.x[start : start + _CHUNK], np.float32))
        for start in range(0, len(dataset), _CHUNK)
    ]
    return Features(np.concatenate(chunks), dataset.y)


def _pool(x: np.ndarray) -> np.ndarray:
    for axis in (1, 2):
        edges = np.linspace(0, x.shape[axis], min(GRID, x.shape[axis]) + 1).astype(int)
        shape = np.ones(x.ndim, int)
        shape[axis] = -1
        x = np.add.reduceat(x, edges[:-1], axis) / np.diff(edges).reshape(shape)
    return x.reshape(len(x), -1)
