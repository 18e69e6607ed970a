"""The parts of the report on texts."""

from __future__ import annotations

from textwrap import shorten

import numpy as np

from ... import plots
from ...data.text.dataset import Texts
from ...evaluation.intervals import Interval, accuracy, lead
from ...evaluation.mistakes import confusion_matrix, in_turn
from ...evaluation.text_baseline import Baseline
from ...inspection.token_attribution import influence
from ...layers.preprocessing.text_vectorization import TextVectorization
from ..report import Report
from ..report.shaded_text import Marked, add_marked
from .text_training import Parts, Trained

SHOWN = 10
"""Mistakes in the table."""
MARKED = 6
"""Texts with shaded words, of right answers and of wrong ones each."""
TELLING = 12
"""Words of each class in the table."""
SEEN = 5
"""How often a word must occur in the test texts to be in it."""
LETTERS = 280
"""Of a text in the table."""
LEAST_MOVED = 1e-3
"""Log odds that a telling word moves at least."""


def lead_in_words(right: np.ndarray, other: np.ndarray) -> str:
    """Which is ahead, by how much, and whether that may be chance."""
    ahead = lead(right, other)
    points, low, high = (100 * value for value in ahead)
    who = "The network is ahead of TF-IDF" if points > 0 else "TF-IDF is ahead of the network"
    first = f"{who} by {abs(points):.1f} points"
    if points == 0:
        first = "The network and TF-IDF give as many right answers"
    by_chance = low <= 0 <= high
    last = (
        "the two can not be told apart by so few texts" if by_chance else "it is more than chance"
    )
    span = f"from {low:+.1f} to {high:+.1f} points".replace("-", "−")
    return (
        f"{first} on {len(right):,} test texts; the 95 % interval of the network's lead goes "
        f"{span}, so {last}."
    )


def add_comparison(
    report: Report, parts: Parts, trained: list[Trained], kept: Trained, baseline: Baseline
) -> None:
    """All methods on the same texts, in numbers."""
    report.section("Network against word counts")
    y = parts.test.y
    rows = [
        [
            f"{one.title} (kept)" if one is kept and len(trained) > 1 else one.title,
            f"{one.validation:.1%}",
            _shown(accuracy(one.probabilities.argmax(1) == y)),
            sum(v.value.size for v in one.model.parameters().values()),
            f"{one.history.seconds:.0f} s",
        ]
        for one in trained
    ]
    measured = _shown(accuracy(baseline.probabilities.argmax(1) == y))
    rows.append(
        [
            "TF-IDF + logistic regression",
            f"{baseline.validation:.1%}",
            measured,
            baseline.parameters,
            f"{baseline.seconds:.0f} s",
        ]
    )
    train, validation, test = map(len, parts)
    report.table(
        ["method", "validation", "test (95 % interval)", "parameters", "time"],
        rows,
        f"Accuracy. Every method learns from the same {train:,} texts; what there is to choose is "
        f"chosen by {validation:,} others, and {test:,} more are asked about once. Copies of a "
        "text are never in two parts; texts about one thing may be.",
    )
    report.figure(
        plots.class_balance(
            {
                "training": parts.train.counts,
                "validation": parts.validation.counts,
                "test": parts.test.counts,
            }
        ),
        "How many texts there are of each class.",
    )


def _shown(found: Interval) -> str:
    return f"{found.value:.1%} ({100 * found.low:.1f} to {100 * found.high:.1f})"


def settings_in_words(trained: list[Trained], kept: Trained, baseline: Baseline) -> str:
    """What each method is made of and how its settings were chosen."""
    words = reader(kept)
    several = (
        " Of the networks the one with the lowest validation loss is kept; what follows is about "
        "it."
        if len(trained) > 1
        else ""
    )
    return (
        f"The networks know {words.vocabulary_size:,} tokens and read the first "
        f"{words.output_sequence_length} of a text; their weights are those of the epoch with the "
        f"lowest validation loss.{several} TF-IDF counts words and pairs of neighbouring words, "
        "weighs the rare ones more, and its logistic regression has the penalty (1/C, C = "
        f"{baseline.strength:g}) with the best validation accuracy."
    )


def reader(one: Trained) -> TextVectorization:
    """What turns the network's texts into numbers."""
    found = one.model.layers[0]
    assert isinstance(found, TextVectorization)
    return found


def add_curves(report: Report, trained: list[Trained], kept: Trained) -> None:
    """How training went."""
    report.section("How it learnt")
    report.figure(
        plots.curves(kept.history.history, kept.best_epoch),
        f"The {kept.title}. Past the best epoch it learns texts by heart.",
    )
    if len(trained) > 1:
        histories = {one.title: one.history.history for one in trained}
        report.figure(plots.compared(histories, "loss"), "The loss of all networks.")


def add_errors(report: Report, kept: Trained, test: Texts) -> None:
    """Which class was taken for which, and the mistakes it was surest of."""
    report.section("Where it errs")
    report.figure(
        plots.confusion(confusion_matrix(test.y, kept.probabilities), test.classes),
        f"The {len(test):,} test texts: each row is a true class, each column an answer.",
    )
    said, sure = kept.probabilities.argmax(1), kept.probabilities.max(1)
    worst = _surest(test, np.flatnonzero(said != test.y), sure)[:SHOWN]
    if not len(worst):
        report.text("It makes no mistake on the test texts.")
        return
    rows = [
        [
            test.classes[test.y[i]],
            test.classes[said[i]],
            f"{sure[i]:.0%}",
            shorten(test.texts[i], LETTERS, placeholder=" …"),
        ]
        for i in worst
    ]
    report.table(["true", "said", "sure", "text"], rows, "The mistakes it was surest of.")


def _surest(test: Texts, numbers: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """The surest first; of copies of a text the first alone."""
    order = numbers[np.argsort(-sure[numbers], kind="stable")]
    _, first = np.unique(test.groups[order], return_index=True)
    return order[np.sort(first)]


def add_influence(report: Report, kept: Trained, test: Texts) -> None:
    """The words that moved answers: in single texts, and over all of them."""
    report.section(
        "Which words moved it",
        "Gradient times input at the embedding: orange words spoke for the answer, blue ones "
        "against it, the stronger the more. Each text has its own scale.",
    )
    said, sure = kept.probabilities.argmax(1), kept.probabilities.max(1)
    right = in_turn(_surest(test, np.flatnonzero(said == test.y), sure), said)[:MARKED]
    wrong = _surest(test, np.flatnonzero(said != test.y), sure)[:MARKED]
    for numbers, title in ((right, "Right and sure"), (wrong, "Wrong and sure")):
        if len(numbers):
            report.text(f"{title}:")
            add_marked(report, _marked(kept, test, numbers, said, sure))
    _add_telling_words(report, kept, test)


def _marked(
    kept: Trained, test: Texts, numbers: np.ndarray, said: np.ndarray, sure: np.ndarray
) -> list[Marked]:
    words = reader(kept)
    texts = [test.texts[i] for i in numbers]
    moved = influence(kept.model, words.read(texts), said[numbers])
    marked = []
    for text, row, i in zip(texts, moved, numbers, strict=True):
        spans = words.spans(text)
        caption = f"true {test.classes[test.y[i]]}, said {test.classes[said[i]]} ({sure[i]:.0%})"
        marked.append(Marked(text, spans, row[: len(spans)], caption))
    return marked


def _add_telling_words(report: Report, kept: Trained, test: Texts) -> None:
    """For each class the words that speak most for it, in the mean of where they occur."""
    words = reader(kept)
    ids = words.read(test.texts)
    occurs = np.bincount(ids.ravel(), minlength=words.vocabulary_size)
    vocabulary, columns = words.get_vocabulary(), []
    for label in range(len(test.classes)):
        moved = influence(kept.model, ids, np.full(len(ids), label))
        total = np.bincount(ids.ravel(), moved.ravel(), words.vocabulary_size)
        mean = np.where(occurs >= SEEN, total / np.maximum(occurs, 1), 0)
        mean[:2] = 0  # Neither padding nor unknown words.
        best = np.argsort(-mean, kind="stable")[:TELLING]
        columns.append([vocabulary[i] for i in best if mean[i] > LEAST_MOVED])
    rows = [[name, ", ".join(told)] for name, told in zip(test.classes, columns, strict=True)]
    report.table(
        ["class", "words"],
        rows,
        f"The words that speak most for each class, in the mean over the test texts that have them "
        f"({SEEN} times or more).",
    )
