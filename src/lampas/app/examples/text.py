"""Text classification: networks against TF-IDF with logistic regression.

The file follows the order data, vectorization, networks, fit, baseline, report.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from ... import Adam, FileError, TextVectorization, set_seed
from ...applications.text_networks import TITLES, learning_rate, text_network
from ...core.errors import unknown_name
from ...data import Texts, text
from ...datasets import text as published
from ...evaluation.baselines import tfidf
from ...evaluation.types import Splits
from ...train.progress_bar import Verbose
from ..runs.fingerprint import name_or_path
from ..runs.folder import run_folder, write_run
from ..runs.options import Positive
from ..runs.record import record_run, start_run
from .text_report import TextNetwork, build_report
from .training import accuracy, fit_classifier

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
AUTO_NETWORKS = ("bag", "lstm")
"""Networks that ``model="auto"`` trains."""


class Result(NamedTuple):
    """Name of the best network, test accuracy of it and of TF-IDF, and the path of the report."""

    model: str
    accuracy: float
    baseline: float
    report: Path

    def __str__(self) -> str:
        return f"test accuracy: {self.model} {self.accuracy:.4f}, TF-IDF {self.baseline:.4f}"


@record_run("text")
def run(
    data: str | Path = "reviews",
    epochs: Positive = 60,
    batch_size: Positive = 64,
    model: str = "auto",
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Classify texts by a network, compared with TF-IDF and logistic regression.

    Args:
        data: ``"reviews"``, ``"news"``, ``"tweets"``, or a CSV file or folder.
        epochs: maximum number of epochs; training stops early when the validation loss no longer
            improves.
        batch_size: texts per step.
        model: network to train, ``"bag"``, ``"conv"``, ``"gru"`` or ``"lstm"``; ``"auto"`` trains
            bag and lstm and selects the one with the lower validation loss.
        seed: seed of the split and of all random numbers.
        out: folder of the run; by default the next free runs/text.
        verbose: see ``Model.fit``.

    Raises:
        UnknownNameError: when the model is unknown.
        DatasetError: when the texts cannot be downloaded.
        FileError, DataError: when the file or folder does not exist or cannot be used, or the run's
            folder cannot be written to.
    """
    if model not in ("auto", *TITLES):
        raise unknown_name("model", model, ("auto", *TITLES))
    folder = run_folder(out, "text")
    texts = load_texts(data)
    splits = train, validation, test = Splits(*texts.split(VALIDATION, TEST, seed))
    start_run(folder, name_or_path(data, PUBLISHED), texts.texts, texts.y)
    held_out = (validation.texts, validation.y)
    vectorizer, networks = build_vectorizer(train), []
    for name in AUTO_NETWORKS if model == "auto" else (model,):
        set_seed(seed)
        net = text_network(name, vectorizer, len(train.classes))
        adam = Adam(learning_rate(name, -(-len(train) // batch_size)))
        examples, title = ((train.texts, train.y), held_out), f"training: {TITLES[name]}"
        history = fit_classifier(net, adam, *examples, epochs, batch_size, verbose, title, PATIENCE)
        scores, probabilities = net.evaluate(*held_out), net.predict(test.texts)
        networks.append(TextNetwork(name, net, history, test.y, probabilities, scores))
    best = min(networks, key=lambda network: network.validation["loss"])
    baseline = tfidf(*splits)

    report = build_report(str(data), splits, networks, best, baseline)
    written = write_run(folder, report, best.model, best.history)
    return Result(best.name, best.accuracy, accuracy(best.y, baseline.probabilities), written)


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
