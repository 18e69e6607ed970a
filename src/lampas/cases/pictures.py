"""What the cases with pictures share: one small network, trained plain and trained with care."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..core.module import Module
from ..data import Images
from ..layers import Conv2D, Dense, Dropout, Flatten, Input, MaxPool2D, Rescaling
from ..optimizers import Adam
from ..schedules import CosineDecay
from ..sequential import Sequential
from ..train.callbacks import EarlyStopping
from ..train.history import History
from ..train.progress import Verbose

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
