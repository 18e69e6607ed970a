"""The networks that can read digits: by name, from two dense layers to a small AlexNet."""

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
    Rescaling,
    Resizing,
)
from ..train.sequential import Sequential
from . import AlexNet, LeNet5

Shape = tuple[int, ...]


def network(
    name: str, shape: Shape, classes: int, augmentation: Sequence[Module] = ()
) -> Sequential:
    """The network of that name for pictures of this shape, as bytes, behind the augmentation.

    Raises:
        UnknownNameError: for another name.
    """
    if name not in NETWORKS:
        raise unknown_name("network", name, NETWORKS)
    return Sequential([Input(shape), *augmentation, *NETWORKS[name](shape, classes)])


def cnn(shape: Shape, classes: int) -> list[Module]:
    """Two convolutions with pooling, then two dense layers, with dropout against overfitting.

    Batch normalization keeps the signals at one size; its running statistics move quickly
    (momentum .9), since a small data set gives few steps to gather them in.
    """
    # Pictures of 8 x 8 would shrink to nothing without padding.
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
    """Dense layers alone: every unit sees every pixel, and none knows which are neighbours."""
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
    """LeNet-5 (LeCun et al., 1998), which was made for this."""
    return [LeNet5(classes, shape)]


def alexnet_small(shape: Shape, classes: int) -> list[Module]:
    """AlexNet (Krizhevsky et al., 2012) of a quarter the width, on pictures enlarged to 64x64."""
    return [Resizing(64, 64), AlexNet(classes, (64, 64, shape[-1]), width=0.25)]


NETWORKS: Final[dict[str, Callable[[Shape, int], list[Module]]]] = {
    "cnn": cnn,
    "lenet": lenet,
    "mlp": mlp,
    "alexnet-small": alexnet_small,
}
