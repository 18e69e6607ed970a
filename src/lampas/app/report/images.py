"""Sections of a report on image classification: example images and heat maps."""

from __future__ import annotations

import numpy as np

from ... import plots
from ...data.images.dataset import Images
from ...evaluation.mistakes import interleave_classes, most_confident_mistakes, prediction_captions
from ...evaluation.types import Predictions, Splits
from ...inspection.saliency import grad_cam, saliency
from ...layers import Conv2D
from ...train.model import Model
from .class_sizes import add_class_sizes
from .report import Report

COLUMNS = 6
"""Images per row of a figure."""
MAX_CLASSES = 8


def add_example_images(report: Report, splits: Splits) -> None:
    """Add training images of up to eight classes, and the number of images of each class.

    Args:
        report: the report.
        splits: training, validation and test images.
    """
    images: Images = splits.train
    rows = [np.flatnonzero(images.y == label)[:COLUMNS] for label in range(len(images.classes))]
    complete = [row for row in rows if len(row) == COLUMNS]
    indices = np.concatenate(complete[:MAX_CLASSES] or rows[:1])
    report.figure(
        plots.image_grid(
            list(images.x[indices]), [images.classes[images.y[i]] for i in indices], columns=COLUMNS
        ),
        f"Some of the {len(images):,} training images, as the network receives them.",
    )
    add_class_sizes(report, splits)


def add_heatmaps(
    report: Report,
    model: Model,
    test: Images,
    probabilities: Predictions,
    class_index: int | None = None,
) -> None:
    """Add heat maps of the most confident predictions, first correct ones, then mistakes.

    The heat maps are Grad-CAM's where the network has convolutions, else saliency maps.

    Args:
        report: the report.
        model: the network.
        test: the test images.
        probabilities: predictions of the network for them, ``(n, classes)``.
        class_index: class to explain, and whose correct predictions are shown; by default the
            predicted class, and correct predictions of all classes.
    """
    convolutional = any(isinstance(layer, Conv2D) for _, layer in model.modules())
    target = (
        "the predicted class"
        if class_index is None
        else f"“{test.classes[class_index]}”, regardless of the prediction"
    )
    report.text(
        f"{'Grad-CAM' if convolutional else 'Saliency'} highlights the regions of an image that "
        f"support {target}. Evidence outside the object is a warning sign, even where the "
        "prediction is correct."
    )
    predicted = probabilities.argmax(1)
    order = np.argsort(-probabilities.max(1), kind="stable")
    correct = order[(predicted == test.y)[order]]
    if class_index is None:
        correct = interleave_classes(correct, test.y)
    else:
        correct = correct[test.y[correct] == class_index]
    mistakes = most_confident_mistakes(test.y, probabilities, COLUMNS)
    for indices, title in (
        (correct[:COLUMNS], "The most confident correct predictions."),
        (mistakes, "The most confident mistakes."),
    ):
        if not len(indices):
            report.text(f"{title} There are none.")
            continue
        images = np.asarray(test.x[indices])
        explain = grad_cam if convolutional else saliency
        maps = explain(model, images, predicted[indices] if class_index is None else class_index)
        captions = prediction_captions(indices, test.y, probabilities, test.classes)
        report.figure(plots.heatmaps(list(images), maps, captions), title)
