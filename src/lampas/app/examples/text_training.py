"""Load texts, vectorize them, and train a network on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from ...applications.text_networks import TITLES, learning_rate, text_network
from ...core.errors import FileError
from ...core.random import set_seed
from ...data.text.dataset import Texts
from ...data.text.load import text
from ...datasets import text as published
from ...evaluation.types import Splits
from ...layers.preprocessing.text_vectorization import TextVectorization
from ...optimizers import Adam
from ...train.callbacks import EarlyStopping
from ...train.history import History
from ...train.progress_bar import Verbose
from ...train.sequential import Sequential

VALIDATION, TEST = 0.1, 0.2
"""Fractions of the texts."""
MAX_TOKENS = 512
"""Longer texts are cut: articles name their topic early on."""
PATIENCE = 5
PUBLISHED: Final[dict[str, Callable[[], Texts]]] = {
    "reviews": published.reviews,
    "news": published.news,
    "tweets": published.tweets,
}


class TrainedNetwork(NamedTuple):
    """A trained network, evaluated; ``probabilities`` are for the test texts, ``(n, classes)``."""

    name: str
    model: Sequential
    history: History
    best_epoch: int
    validation_loss: float
    validation_accuracy: float
    probabilities: np.ndarray

    @property
    def title(self) -> str:
        """Description of the network in the report."""
        return TITLES[self.name]


def load_texts(data: str | Path) -> Texts:
    """Load a published data set by its name, or the texts of a CSV file or folder.

    Raises:
        FileError: when there is no such data set, file or folder.
        DataError: when the texts cannot be used.
        DatasetError: when the data set cannot be downloaded.
    """
    if str(data) in PUBLISHED:
        return PUBLISHED[str(data)]()
    if not Path(data).exists():
        raise FileError(
            f"there is no data set, file or folder {str(data)!r}. Data sets: "
            f"{', '.join(PUBLISHED)}."
        )
    return text(data)


def build_vectorizer(train: Texts) -> TextVectorization:
    """Build the vocabulary from the training texts; words that occur only once are unknown."""
    vectorizer = TextVectorization(min_frequency=2)
    vectorizer.adapt(train.texts)
    if (vectorizer.output_sequence_length or 0) > MAX_TOKENS:
        vectorizer = TextVectorization(
            output_sequence_length=MAX_TOKENS, min_frequency=2, vocabulary=vectorizer.vocabulary
        )
    return vectorizer


def train_model(
    name: str,
    vectorizer: TextVectorization,
    splits: Splits,
    epochs: int,
    batch_size: int,
    seed: int,
    verbose: Verbose,
) -> TrainedNetwork:
    """Train with early stopping; the weights of the epoch with the best validation loss remain."""
    train, validation, test = splits
    set_seed(seed)
    model = text_network(name, vectorizer, len(train.classes))
    rate = learning_rate(name, -(-len(train) // batch_size))
    model.compile(Adam(rate), "sparse_categorical_crossentropy", ["accuracy"])
    stopping = EarlyStopping(patience=PATIENCE, restore_best_weights=True)
    if verbose != 0:
        print(f"training: {TITLES[name]}", flush=True)
    history = model.fit(
        train.texts,
        train.y,
        batch_size,
        epochs,
        verbose,
        callbacks=[stopping],
        validation_data=(validation.texts, validation.y),
    )
    scores = model.evaluate(validation.texts, validation.y)
    probabilities = model.predict(test.texts)
    best = stopping.best_epoch
    return TrainedNetwork(
        name, model, history, best, scores["loss"], scores["accuracy"], probabilities
    )
