"""What the text case makes of its data: parts, trained networks, and answers of all methods."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from ...applications.text_networks import TITLES, learning_rate, network
from ...core.errors import FileError
from ...core.random import set_seed
from ...data.text.dataset import Texts
from ...data.text.load import text
from ...datasets import texts as published
from ...layers.preprocessing.text_vectorization import TextVectorization
from ...optimizers import Adam
from ...train.callbacks import EarlyStopping
from ...train.history import History
from ...train.progress_bar import Verbose
from ...train.sequential import Sequential

VALIDATION, TEST = 0.1, 0.2
"""Shares of the texts that are not learnt from: to choose by, and to be judged by."""
LONGEST = 512
"""Tokens of a text that are read at most: articles say early on what they are about."""
PATIENCE = 5
PUBLISHED: Final[dict[str, Callable[[], Texts]]] = {
    "reviews": published.reviews,
    "news": published.news,
    "tweets": published.tweets,
}


class Parts(NamedTuple):
    """The texts, parted; copies of one text are in one part."""

    train: Texts
    validation: Texts
    test: Texts


class Trained(NamedTuple):
    """A trained network, measured; probabilities are of the test texts, ``(n, classes)``."""

    name: str
    model: Sequential
    history: History
    best_epoch: int
    loss: float
    validation: float
    probabilities: np.ndarray

    @property
    def title(self) -> str:
        """What the report calls it."""
        return TITLES[self.name]


def find_texts(data: str | Path) -> Texts:
    """A published set by its name, or the texts of a CSV file or folder.

    Raises:
        FileError: when it is neither.
        DataError, DatasetError: when it can not be used or had.
    """
    if str(data) in PUBLISHED:
        return PUBLISHED[str(data)]()
    if not Path(data).exists():
        raise FileError(
            f"there is no set of texts and no file or folder {str(data)!r}. Sets: "
            f"{', '.join(PUBLISHED)}."
        )
    return text(data)


def vectorization(train: Texts) -> TextVectorization:
    """The words of the training texts, numbered; those that occur once are taken as unknown."""
    words = TextVectorization(min_frequency=2)
    words.adapt(train.texts)
    if (words.output_sequence_length or 0) > LONGEST:
        words = TextVectorization(
            output_sequence_length=LONGEST, min_frequency=2, vocabulary=words.vocabulary
        )
    return words


def learn(
    name: str,
    words: TextVectorization,
    parts: Parts,
    epochs: int,
    batch_size: int,
    seed: int,
    verbose: Verbose,
) -> Trained:
    """Train until the validation loss gets no better; the weights of the best epoch stay."""
    train, validation, test = parts
    set_seed(seed)
    model = network(name, words, len(train.classes))
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
    held = model.evaluate(validation.texts, validation.y)
    said = model.predict(test.texts)
    best = stopping.best_epoch
    return Trained(name, model, history, best, held["loss"], held["accuracy"], said)
