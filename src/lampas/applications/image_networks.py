"""Networks for images: from two dense layers to a small AlexNet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ..core.errors import unknown_name
from ..core.module import Module
from ..layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    MaxPool2D,
    RandomBrightness,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
    Rescaling,
    Resizing,
)
from ..regularizers import L2
from ..train.sequential import Sequential
from .alexnet import AlexNet
from .lenet import LeNet5

Shape = tuple[int, ...]


def image_network(
    name: str, shape: Shape, classes: int, augmentation: Sequence[Module] = ()
) -> Sequential:
    """Build the network of that name.

    Args:
        name: ``"cnn"``, ``"lenet"``, ``"mlp"`` or ``"alexnet-small"``.
        shape: height, width and channels of one image with values 0 to 255.
        classes: number of classes.
        augmentation: layers that are applied to the images first.

    Raises:
        UnknownNameError: there is no network of that name.

    Example:
        >>> from lampas.applications.image_networks import image_network
        >>> image_network("mlp", (8, 8, 1), classes=10).input_shape
        (None, 8, 8, 1)
    """
    if name not in NETWORKS:
        raise unknown_name("network", name, NETWORKS)
    return Sequential([Input(shape), *augmentation, *NETWORKS[name](shape, classes)])


def cnn(shape: Shape, classes: int) -> list[Module]:
    """Two convolutions with pooling and two dense layers, with dropout against overfitting.

    Batch normalization has a momentum of 0.9, so that its running statistics converge within the
    few steps of training on a small data set.
    """
    # Without padding, feature maps of 8x8 images would vanish.
    padding = "valid" if min(shape[:2]) >= 16 else "same"
    return [
        Rescaling(1 / 255),
        Conv2D(32, 3, padding=padding, activation="relu"),
        MaxPool2D(),
        BatchNormalization(momentum=0.9),
        Conv2D(64, 3, padding=padding, activation="relu"),
        MaxPool2D(),
        BatchNormalization(momentum=0.9),
        Flatten(),
        Dropout(0.5),
        Dense(128, activation="relu"),
        Dropout(0.5),
        Dense(classes, activation="softmax"),
    ]


def mlp(shape: Shape, classes: int) -> list[Module]:
    """Dense layers, which ignore which pixels are neighbours."""
    return [
        Rescaling(1 / 255),
        Flatten(),
        Dense(256, activation="relu"),
        Dropout(0.3),
        Dense(128, activation="relu"),
        Dropout(0.3),
        Dense(classes, activation="softmax"),
    ]


def lenet(shape: Shape, classes: int) -> list[Module]:
    """LeNet-5 (LeCun et al., 1998)."""
    return [LeNet5(classes, shape)]


def alexnet_small(shape: Shape, classes: int) -> list[Module]:
    """AlexNet (Krizhevsky et al., 2012) with a quarter of the width, on images of 64x64 pixels."""
    return [Resizing(64, 64), AlexNet(classes, (64, 64, shape[-1]), width=0.25)]


NETWORKS: Final[dict[str, Callable[[Shape, int], list[Module]]]] = {
    "cnn": cnn,
    "lenet": lenet,
    "mlp": mlp,
    "alexnet-small": alexnet_small,
}


def random_variants(mirror: bool) -> list[Module]:
    """Augmentation that keeps the class of most images: a new variant in every epoch."""
    return [
        *([RandomFlip("horizontal")] if mirror else []),
        RandomRotation(0.05),
        RandomTranslation(0.1, 0.1),
        RandomZoom(0.15),
        RandomBrightness(0.15),
    ]


def three_convolutions(num_classes: int, dropout: float = 0.0, l2: float = 0.0) -> list[Module]:
    """Three convolutions, each followed by pooling, and two dense layers, for images as bytes."""
    return [
        Rescaling(1 / 127.5, -1),
        Conv2D(16, 3, padding="same", activation="relu"),
        MaxPool2D(),
        Conv2D(32, 3, padding="same", activation="relu"),
        MaxPool2D(),
        Conv2D(64, 3, padding="same", activation="relu"),
        MaxPool2D(),
        Flatten(),
        Dropout(dropout),
        Dense(128, activation="relu", kernel_regularizer=L2(l2) if l2 else None),
        Dropout(dropout),
        Dense(num_classes, activation="softmax"),
    ]


def dense_layers(num_classes: int, dropout: float, l2: float) -> list[Module]:
    """Dense layers alone, for comparison: they do not know which pixels are neighbours."""
    return [
        Rescaling(1 / 127.5, -1),
        Flatten(),
        Dense(128, activation="relu", kernel_regularizer=L2(l2)),
        Dropout(dropout),
        Dense(64, activation="relu", kernel_regularizer=L2(l2)),
        Dropout(dropout),
        Dense(num_classes, activation="softmax"),
    ]
