"""Transfer learning on few photographs: pretrained features against networks trained from scratch.

The file follows the order data, three models, fit, report.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from typer import Option

from ... import VGG16, Module, Sequential, layers, plots, set_seed
from ...applications import ImageNetPreprocessing
from ...core.errors import Shape
from ...data import Images, images
from ...datasets import stamps
from ...train.progress_bar import Verbose
from ..report import Report
from ..report.mistakes import add_confusion_matrix, add_image_mistakes
from ..runs.fingerprint import name_or_path
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.options import Positive
from ..runs.record import record_run, start_run
from .training import TrainedNetwork, cosine_adam, fit_classifier

TEST = 0.3
"""Fraction of the images that is held out for testing."""
HEAD_EPOCHS = 100
"""Epochs of the head, which is cheap to train on precomputed features."""
PRETRAINED, UNTRAINED, SCRATCH = "pretrained", "random kernels", "small network"


class Result(NamedTuple):
    """Accuracy of the three networks on the test images, and the path of the report."""

    pretrained: float
    untrained: float
    scratch: float
    report: Path

    def __str__(self) -> str:
        return (
            f"test accuracy: {PRETRAINED} {self.pretrained:.4f}, {UNTRAINED} {self.untrained:.4f}, "
            f"{SCRATCH} {self.scratch:.4f}"
        )


@record_run("stamps")
def run(
    data: str | Path = "stamps",
    size: Annotated[int, Option(min=32)] = 96,
    epochs: Positive = 60,
    batch_size: Positive = 16,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Classify few photographs with a pretrained VGG-16, and with networks trained from scratch.

    Args:
        data: ``"stamps"``, or a folder with a sub-folder for each class.
        size: height and width in pixels.
        epochs: number of epochs of the small network.
        batch_size: images per step.
        seed: seed of the split and of all random numbers.
        out: folder of the run; by default the next free runs/stamps.
        verbose: see ``Model.fit``.

    Raises:
        DatasetError: when the images or the pretrained kernels cannot be downloaded.
        FileError, DataError: when the folder does not exist, cannot be used or written to.
        ShapeError: when ``size`` is too small.
    """
    folder = run_folder(out, "stamps")
    source = stamps() if data == "stamps" else data
    dataset = images(source, size, resize="stretch", verbose=verbose)
    train, test = dataset.split(TEST, seed=seed)
    start_run(folder, name_or_path(data, ("stamps",)), dataset.x, dataset.y)
    pretrained = train_head(PRETRAINED, train, test, batch_size, seed, verbose)
    untrained = train_head(UNTRAINED, train, test, batch_size, seed, verbose)
    scratch = train_from_scratch(train, test, epochs, batch_size, seed, verbose)
    report = build_report(train, test, [pretrained, untrained, scratch])
    written = write_run(folder, report, pretrained.model, pretrained.history)
    return Result(pretrained.accuracy, untrained.accuracy, scratch.accuracy, written)


def train_head(
    name: str, train: Images, test: Images, batch_size: int, seed: int, verbose: Verbose
) -> TrainedNetwork:
    """Train a new head on the frozen convolutions of VGG-16.

    The output of frozen layers for an image never changes, so it is computed once. The number of
    epochs is fixed, so that nothing is chosen by the test images.
    """
    set_seed(seed)
    weights: Literal["imagenet-features"] | None = None
    if name == PRETRAINED:
        weights = "imagenet-features"
    base = VGG16(include_top=False, weights=weights, input_shape=train.x.shape[1:])
    base.freeze()
    features = Sequential([base, layers.GlobalAveragePool2D()])
    x, x_test = (features.predict(part.x, batch_size) for part in (train, test))
    head = classification_head(len(train.classes))
    adam = cosine_adam(1e-3, len(train), HEAD_EPOCHS, batch_size)
    history = fit_classifier(
        head, adam, (x, train.y), (x_test, test.y), HEAD_EPOCHS, batch_size, verbose
    )
    model = Sequential([*features.layers, head])
    return TrainedNetwork(name, model, history, test.y, head.predict(x_test))


def train_from_scratch(
    train: Images, test: Images, epochs: int, batch_size: int, seed: int, verbose: Verbose
) -> TrainedNetwork:
    """Train a network that is small enough for so few images, for a fixed number of epochs."""
    set_seed(seed)
    model = small_network(train.x.shape[1:], len(train.classes))
    adam = cosine_adam(2e-3, len(train), epochs, batch_size)
    history = fit_classifier(
        model, adam, (train.x, train.y), (test.x, test.y), epochs, batch_size, verbose
    )
    return TrainedNetwork(SCRATCH, model, history, test.y, model.predict(test.x))


def small_network(shape: Shape, classes: int) -> Sequential:
    """Four convolutions with batch normalization, and the same head as the other networks."""
    body: list[Module] = [ImageNetPreprocessing(input_shape=shape)]
    for filters in (16, 32, 64, 128):
        body += [
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.Activation("relu"),
            layers.MaxPool2D(),
        ]
    return Sequential([*body, layers.GlobalAveragePool2D(), classification_head(classes)])


def classification_head(classes: int) -> Sequential:
    """The last layers of all three networks; batch normalization puts features on one scale."""
    normalization = layers.BatchNormalization(momentum=0.9)
    return Sequential([normalization, layers.Dropout(0.5), layers.Dense(classes, "softmax")])


def build_report(train: Images, test: Images, networks: list[TrainedNetwork]) -> Report:
    """Report the accuracy of the three networks and the mistakes of the pretrained one."""
    best = networks[0]
    majority = max(test.counts.values()) / len(test)
    report = Report(
        "Few photographs",
        f"{len(train)} training images of {len(train.classes)} classes, with and without the "
        "kernels of VGG-16 that were trained on a million other images.",
    )
    report.facts(
        {network.name: f"{network.accuracy:.1%}" for network in networks}
        | {"test images": len(test), "most frequent class": f"{majority:.1%}"}
    )
    report.text(
        f"{PRETRAINED}: the frozen convolutions of VGG-16, trained on ImageNet, and a new head of "
        f"one dense layer. {UNTRAINED}: the same network and head with random kernels. {SCRATCH}: "
        "four convolutions and the same head, all trained on these images. All three networks "
        "have the same training and test images."
    )
    report.section("Training")
    histories = {network.name: network.history.history for network in networks}
    report.figure(
        plots.compare_runs(histories, "accuracy"),
        "Accuracy on the training and on the test images. The test accuracy was not used to choose "
        "anything.",
    )
    report.section("Mistakes of the pretrained network")
    add_confusion_matrix(report, test.y, best.probabilities, test.classes)
    add_image_mistakes(report, test.x, test.y, best.probabilities, test.classes)
    add_summary(report, best.model)
    return report
