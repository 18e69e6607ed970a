"""What the report shows of texts."""

from __future__ import annotations

from textwrap import shorten

import numpy as np

from ... import plots
from ...data.text.dataset import Texts
from ...evaluation.mistakes import captions, in_turn, surest_mistakes
from ...inspection.token_attribution import influence
from ...layers.preprocessing.text_vectorization import TextVectorization
from ...train.model import Model
from ..report import Report
from ..report.shaded_text import Marked, add_marked
from .task import Parts, Said, Settings

EXAMPLES, LETTERS = 2, 200
"""Texts of each class that are shown, and letters of one."""
CLASSES = 6
"""Classes of which texts are shown, at most."""
MARKED = 4
"""Texts with shaded words, of right answers and of wrong ones each."""


def add_texts(report: Report, settings: Settings, parts: Parts) -> None:
    """How many there are of each class, how long they are, and what some say."""
    parted = dict(zip(("training", "validation", "test"), parts, strict=True))
    report.figure(
        plots.class_balance({name: part.counts for name, part in parted.items()}),
        "How many texts there are of each class.",
    )
    train: Texts = parts.train
    lengths = np.array([len(text.split()) for text in train.texts])
    low, middle, high = np.quantile(lengths, (0.05, 0.5, 0.95)).astype(int)
    report.text(
        f"Half of the texts have up to {middle:,} words, and 90 of 100 between {low:,} and "
        f"{high:,}; the network reads the first {settings['length']} words and marks of each."
    )
    rows = [
        [name, shorten(train.texts[i], LETTERS, placeholder=" …")]
        for label, name in enumerate(train.classes[:CLASSES])
        for i in np.flatnonzero(train.y == label)[:EXAMPLES]
    ]
    report.table(["class", "text"], rows, "Some of the training texts.")


def add_mistakes(report: Report, test: Texts, said: Said) -> None:
    """The mistakes that the network was surest of."""
    worst = surest_mistakes(test.y, said)
    if not len(worst):
        report.text("It makes no mistake on the test texts.")
        return
    told = captions(worst, test.y, said, test.classes)
    rows = [
        [caption, shorten(test.texts[i], LETTERS, placeholder=" …")]
        for i, caption in zip(worst, told, strict=True)
    ]
    report.table(["answer", "text"], rows, "The mistakes it was surest of.")


def add_moving_words(report: Report, model: Model, test: Texts) -> None:
    """The words of some texts, shaded by how much they moved the answer."""
    words = next(part for _, part in model.modules() if isinstance(part, TextVectorization))
    said = np.asarray(model.predict(test.texts))
    right = in_turn(_surest(said, said.argmax(1) == test.y), said.argmax(1))[:MARKED]
    wrong = surest_mistakes(test.y, said, MARKED)
    report.text(
        "Gradient times input at the embedding: orange words spoke for the answer, blue ones "
        "against it, the stronger the more. Each text has its own scale."
    )
    chosen = np.concatenate([right, wrong]).astype(int)
    texts = [test.texts[i] for i in chosen]
    moved = influence(model, words.read(texts), said[chosen].argmax(1))
    marked = []
    told = captions(chosen, test.y, said, test.classes)
    for text, row, caption in zip(texts, moved, told, strict=True):
        spans = words.spans(text)
        marked.append(Marked(text, spans, row[: len(spans)], caption))
    add_marked(report, marked)


def _surest(said: Said, wanted: np.ndarray) -> np.ndarray:
    """Numbers of the wanted answers, the surest first."""
    order = np.argsort(-said.max(1), kind="stable")
    return order[wanted[order]]
