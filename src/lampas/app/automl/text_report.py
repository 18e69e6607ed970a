"""Class sizes, text lengths and example texts in the report."""

from __future__ import annotations

from textwrap import shorten

import numpy as np

from ...data.text.dataset import Texts
from ...evaluation.types import Splits
from ..report import Report
from ..report.class_sizes import add_class_sizes
from .settings import TextSettings

MAX_CLASSES, TEXTS_PER_CLASS, MAX_LETTERS = 6, 2, 200
"""Classes, texts of each class and letters of a text that are shown."""


def add_texts(report: Report, settings: TextSettings, splits: Splits) -> None:
    """Add class sizes, text lengths and some texts."""
    add_class_sizes(report, splits)
    train: Texts = splits.train
    lengths = np.array([len(text.split()) for text in train.texts])
    low, median, high = np.quantile(lengths, (0.05, 0.5, 0.95)).astype(int)
    report.text(
        f"Half of the texts have up to {median:,} words, and 90% have {low:,} to {high:,}; the "
        f"network reads the first {settings.length} tokens (words and punctuation marks) of each."
    )
    rows = [
        [name, shorten(train.texts[i], MAX_LETTERS, placeholder=" …")]
        for label, name in enumerate(train.classes[:MAX_CLASSES])
        for i in np.flatnonzero(train.y == label)[:TEXTS_PER_CLASS]
    ]
    report.table(["class", "text"], rows, "Some of the training texts.")
