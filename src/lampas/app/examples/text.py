"""Text classification: networks against TF-IDF with logistic regression.

The file follows the order data, vectorization, networks, fit, baseline, report.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ...applications.text_networks import TITLES
from ...core.errors import unknown_name
from ...data.text.dataset import Texts
from ...evaluation.baselines import TfidfResult, tfidf
from ...evaluation.types import Splits
from ...train.progress_bar import Verbose
from ..report import Report
from ..runs.fingerprint import name_or_path
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.options import Positive
from ..runs.record import record_run, start_run
from .text_report import (
    add_attributions,
    add_comparison,
    add_curves,
    add_mistakes,
    describe_difference,
    describe_settings,
)
from .text_training import (
    PUBLISHED,
    TEST,
    VALIDATION,
    TrainedNetwork,
    build_vectorizer,
    load_texts,
    train_model,
)

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
    splits = Splits(*texts.split(VALIDATION, TEST, seed))
    start_run(folder, name_or_path(data, PUBLISHED), texts.texts, texts.y)
    vectorizer = build_vectorizer(splits.train)
    networks = [
        train_model(name, vectorizer, splits, epochs, batch_size, seed, verbose)
        for name in (AUTO_NETWORKS if model == "auto" else (model,))
    ]
    best = min(networks, key=lambda network: network.validation_loss)
    baseline = tfidf(*splits)

    report = build_report(str(data), splits, networks, best, baseline)
    written = write_run(folder, report, best.model, best.history)
    y = splits.test.y
    return Result(
        best.name, accuracy(y, best.probabilities), accuracy(y, baseline.probabilities), written
    )


def accuracy(y: np.ndarray, probabilities: np.ndarray) -> float:
    """Fraction of correct predictions."""
    return float((probabilities.argmax(1) == y).mean())


def build_report(
    data: str,
    splits: Splits,
    networks: list[TrainedNetwork],
    best: TrainedNetwork,
    baseline: TfidfResult,
) -> Report:
    """Report the comparison with TF-IDF, the mistakes, and the words that influence predictions."""
    test: Texts = splits.test
    report = Report(
        f"Texts: {Path(data).stem}",
        f"A network ({best.title}) distinguishes {len(test.classes)} classes of texts: "
        f"{', '.join(test.classes)}.",
    )
    report.facts(
        {
            "test accuracy": f"{accuracy(test.y, best.probabilities):.1%}",
            "TF-IDF + logistic regression": f"{accuracy(test.y, baseline.probabilities):.1%}",
            "most frequent class": f"{max(test.counts.values()) / len(test):.1%}",
            "test texts": len(test),
        }
    )
    report.text(describe_difference(best, baseline, test))
    add_comparison(report, splits, networks, best, baseline)
    report.text(describe_settings(networks, best, baseline))
    add_curves(report, networks, best)
    add_mistakes(report, best, test)
    add_attributions(report, best, test)
    add_summary(report, best.model)
    return report
