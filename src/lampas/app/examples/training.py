"""Train a classifier. The examples of classification share this file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ... import Adam, EarlyStopping, History, Model, Optimizer
from ...optimizers.schedules import CosineDecay
from ...train.progress_bar import Verbose

Examples = tuple[Any, np.ndarray]
"""Inputs and labels."""


@dataclass(frozen=True)
class TrainedNetwork:
    """A trained network and its predictions for the test examples.

    Args:
        name: name of the network in the report.
        model: the network.
        history: its training history.
        y: labels of the test examples, ``(n,)``.
        probabilities: predictions for them, ``(n, classes)``.
    """

    name: str
    model: Model
    history: History
    y: np.ndarray
    probabilities: np.ndarray

    @property
    def accuracy(self) -> float:
        """Accuracy on the test examples."""
        return accuracy(self.y, self.probabilities)

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation loss."""
        losses = self.history.history["val_loss"]
        return losses.index(min(losses))


def accuracy(y: np.ndarray, probabilities: np.ndarray) -> float:
    """Fraction of correct predictions."""
    return float((probabilities.argmax(1) == y).mean())


def cosine_adam(learning_rate: float, num_examples: int, epochs: int, batch_size: int) -> Adam:
    """Adam with a learning rate that decays to 0 along a cosine, until the last step."""
    return Adam(CosineDecay(learning_rate, epochs * -(-num_examples // batch_size)))


def fit_classifier(
    model: Model,
    optimizer: Optimizer,
    train: Examples,
    validation: Examples,
    epochs: int,
    batch_size: int,
    verbose: Verbose,
    title: str = "",
    patience: int = 0,
) -> History:
    """Train by the cross-entropy.

    With ``patience`` training stops after that many epochs without a lower validation loss, and the
    weights of the best epoch are restored; without, all epochs are trained. The title is printed
    first.
    """
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    if title and verbose != 0:
        print(title, flush=True)
    callbacks = [EarlyStopping(patience=patience, restore_best_weights=True)] if patience else []
    return model.fit(*train, batch_size, epochs, verbose, callbacks, validation_data=validation)
