"""Texts: what is a snippet's, an article's, a tweet's class? A network against word counts.

Data -> words to numbers -> networks -> fit -> the same question to TF-IDF -> report.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ...applications.text_networks import TITLES
from ...core.errors import unknown_name
from ...evaluation.intervals import accuracy
from ...evaluation.text_baseline import Baseline, tfidf
from ...train.progress_bar import Verbose
from ..report import Report
from ..runs.fingerprint import named
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.record import begin, recorded
from .text_report import (
    add_comparison,
    add_curves,
    add_errors,
    add_influence,
    lead_in_words,
    settings_in_words,
)
from .text_training import (
    PUBLISHED,
    TEST,
    VALIDATION,
    Parts,
    Trained,
    find_texts,
    learn,
    vectorization,
)

AUTO = ("bag", "lstm")
"""What ``"auto"`` tries."""


class Result(NamedTuple):
    """Accuracy on the test texts of the network kept and of TF-IDF, and where the report is."""

    model: str
    accuracy: float
    baseline: float
    report: Path


@recorded("text")
def run(
    data: str | Path = "reviews",
    epochs: int = 60,
    batch_size: int = 64,
    model: str = "auto",
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Train on texts, compare with TF-IDF and logistic regression, and write the run's folder.

    Args:
        data: ``"reviews"``, ``"news"``, ``"tweets"``, or a CSV file or folder of your own.
        epochs: at most; each network stops when it gets no better.
        batch_size: texts a step.
        model: ``"bag"``, ``"conv"``, ``"gru"`` or ``"lstm"``; ``"auto"`` trains a bag and an LSTM
            and keeps the one with the lower validation loss.
        seed: decides the split and everything random.
        out: folder of the run.
        verbose: as of ``Model.fit``.

    Raises:
        UnknownNameError: for another model.
        DatasetError: when the texts can not be fetched.
        FileError, DataError: when the file or folder is not there or can not be used, or the run's
            folder can not be written to.
    """
    if model not in ("auto", *TITLES):
        raise unknown_name("model", model, ("auto", *TITLES))
    folder = run_folder(out, "text")
    texts = find_texts(data)
    parts = Parts(*texts.split(VALIDATION, TEST, seed))
    begin(folder, named(data, PUBLISHED), texts.texts, texts.y)
    words = vectorization(parts.train)
    names = AUTO if model == "auto" else (model,)
    trained = [learn(name, words, parts, epochs, batch_size, seed, verbose) for name in names]
    kept = min(trained, key=lambda one: one.loss)
    baseline = tfidf(*parts)

    report = tell(str(data), parts, trained, kept, baseline)
    right, other = (p.argmax(1) == parts.test.y for p in (kept.probabilities, baseline[1]))
    written = write_run(folder, report, kept.model, kept.history)
    return Result(kept.name, accuracy(right).value, accuracy(other).value, written)


def tell(
    data: str, parts: Parts, trained: list[Trained], kept: Trained, baseline: Baseline
) -> Report:
    """The report: who is ahead and by how much, where it errs, and which words move it."""
    test = parts.test
    right, other = (p.argmax(1) == test.y for p in (kept.probabilities, baseline.probabilities))
    report = Report(
        f"Texts: {Path(data).stem}",
        f"A {kept.title} tells {len(test.classes)} classes of texts apart: "
        f"{', '.join(test.classes)}.",
    )
    report.facts(
        {
            "test accuracy": f"{right.mean():.1%}",
            "TF-IDF + logistic regression": f"{other.mean():.1%}",
            "the commonest class": f"{max(test.counts.values()) / len(test):.1%}",
            "test texts": len(test),
        }
    )
    report.text(lead_in_words(right, other))
    add_comparison(report, parts, trained, kept, baseline)
    report.text(settings_in_words(trained, kept, baseline))
    add_curves(report, trained, kept)
    add_errors(report, kept, test)
    add_influence(report, kept, test)
    add_summary(report, kept.model)
    return report
