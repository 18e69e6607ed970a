"""Report on text classification: comparison with TF-IDF, mistakes and word attributions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ... import plots
from ...applications.text_networks import TITLES
from ...data.text.dataset import Texts
from ...evaluation.baselines import TfidfResult
from ...evaluation.comparison import compare_models
from ...evaluation.formatting import format_cell
from ...evaluation.intervals import wilson_interval
from ...evaluation.mistakes import confusion_matrix
from ...evaluation.types import Splits
from ...inspection.token_attribution import token_attributions
from ..report import Report
from ..report.class_sizes import add_class_sizes
from ..report.texts import add_text_mistakes, add_word_attributions, text_vectorizer
from ..runs.folder import add_summary
from .training import TrainedNetwork, accuracy

MAX_WORDS = 12
"""Words per class in the table."""
MIN_COUNT = 5
"""Minimum number of occurrences in the test texts of a word in the table."""
MIN_ATTRIBUTION = 1e-3
"""Minimum mean attribution (in log odds) of a word in the table."""


@dataclass(frozen=True)
class TextNetwork(TrainedNetwork):
    """A trained network with its loss and accuracy on the validation texts."""

    validation: dict[str, float]

    @property
    def title(self) -> str:
        """Description of the network in the report."""
        return TITLES[self.name]


def build_report(
    data: str, splits: Splits, networks: list[TextNetwork], best: TextNetwork, baseline: TfidfResult
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
            "test accuracy": f"{best.accuracy:.1%}",
            "TF-IDF + logistic regression": f"{accuracy(test.y, baseline.probabilities):.1%}",
            "most frequent class": f"{max(test.counts.values()) / len(test):.1%}",
            "test texts": len(test),
        }
    )
    report.text(describe_difference(best, baseline, test))
    add_comparison(report, splits, networks, best, baseline)
    report.text(describe_settings(networks, best, baseline))
    report.section("Training")
    report.figure(
        plots.training_curves(best.history.history, best.best_epoch),
        f"The {best.title}. After the best epoch it overfits.",
    )
    if len(networks) > 1:
        histories = {network.title: network.history.history for network in networks}
        report.figure(plots.compare_runs(histories, "loss"), "The loss of all networks.")
    report.section("Mistakes")
    report.figure(
        plots.confusion(confusion_matrix(test.y, best.probabilities), test.classes),
        f"Confusion matrix of the {len(test):,} test texts: rows are true classes, columns are "
        "predictions.",
    )
    add_text_mistakes(report, test, best.probabilities)
    add_attributions(report, best, test)
    add_summary(report, best.model)
    return report


def describe_difference(best: TextNetwork, baseline: TfidfResult, test: Texts) -> str:
    """Describe the difference in accuracy, and whether it is significant."""
    difference = compare_models("classify", test.y, best.probabilities, baseline.probabilities)
    points, low, high = (100 * value for value in difference.interval)
    better, worse = ("the network", "TF-IDF") if points > 0 else ("TF-IDF", "the network")
    first = f"{better} is better than {worse} by {abs(points):.1f} percentage points"
    if points == 0:
        first = "the network and TF-IDF have the same accuracy"
    significant = "significant" if difference.significant else "not significant"
    bounds = f"from {low:+.1f} to {high:+.1f} points".replace("-", "−")
    return (
        f"{first[0].upper()}{first[1:]} on {len(test):,} test texts. The 95 % interval of the "
        f"difference goes {bounds}: it is {significant}."
    )


def add_comparison(
    report: Report,
    splits: Splits,
    networks: list[TextNetwork],
    best: TextNetwork,
    baseline: TfidfResult,
) -> None:
    """Add the accuracy of all methods on the same texts, and the number of texts per class."""
    report.section("Comparison with TF-IDF")
    methods = [
        (
            f"{network.title} (selected)" if network is best and networks[1:] else network.title,
            network.validation["accuracy"],
            network.probabilities,
            sum(v.value.size for v in network.model.parameters().values()),
            network.history.seconds,
        )
        for network in networks
    ]
    name = "TF-IDF + logistic regression"
    methods.append((name, *baseline[:4]))
    rows = [
        [
            title,
            f"{validation_accuracy:.1%}",
            format_cell("accuracy", wilson_interval(probabilities.argmax(1) == best.y)),
            num_parameters,
            f"{seconds:.0f} s",
        ]
        for title, validation_accuracy, probabilities, num_parameters, seconds in methods
    ]
    train, validation, test = map(len, splits)
    report.table(
        ["method", "validation", "test (95 % interval)", "parameters", "time"],
        rows,
        f"Accuracy. Every method is trained on the same {train:,} texts; hyperparameters are "
        f"chosen by {validation:,} validation texts, and {test:,} test texts are evaluated once. "
        "Identical texts are in the same split; texts about the same topic may not be.",
    )
    add_class_sizes(report, splits)


def describe_settings(networks: list[TextNetwork], best: TextNetwork, baseline: TfidfResult) -> str:
    """Describe the methods and how their hyperparameters were chosen."""
    vectorizer = text_vectorizer(best.model)
    selection = (
        " The network with the lowest validation loss is selected; the following sections are "
        "about it."
        if len(networks) > 1
        else ""
    )
    return (
        f"The networks have a vocabulary of {vectorizer.vocabulary_size:,} tokens and read the "
        f"first {vectorizer.output_sequence_length} tokens of a text; their weights are those of "
        f"the epoch with the lowest validation loss.{selection} TF-IDF uses words and pairs of "
        "neighbouring words; the penalty of its logistic regression (1/C, C = "
        f"{baseline.strength:g}) is the one with the best validation accuracy."
    )


def add_attributions(report: Report, best: TextNetwork, test: Texts) -> None:
    """Add the words that influence predictions: in single texts, and over all test texts."""
    report.section("Word attributions")
    add_word_attributions(report, best.model, test, best.probabilities)
    vectorizer = text_vectorizer(best.model)
    ids, size = vectorizer.convert(test.texts), vectorizer.vocabulary_size
    counts = np.bincount(ids.ravel(), minlength=size)
    vocabulary, rows = vectorizer.get_vocabulary(), []
    for label, name in enumerate(test.classes):
        attributions = token_attributions(best.model, ids, np.full(len(ids), label))
        total = np.bincount(ids.ravel(), attributions.ravel(), size)
        mean = np.where(counts >= MIN_COUNT, total / np.maximum(counts, 1), 0)
        mean[:2] = 0  # Neither padding nor unknown words.
        strongest = np.argsort(-mean, kind="stable")[:MAX_WORDS]
        rows.append(
            [name, ", ".join(vocabulary[i] for i in strongest if mean[i] > MIN_ATTRIBUTION)]
        )
    report.table(
        ["class", "words"],
        rows,
        "The words with the highest mean attribution for each class, among those that occur "
        f"{MIN_COUNT} times or more in the test texts.",
    )
