"""Sections of a report on text classification: mistakes and word attributions."""

from __future__ import annotations

from textwrap import shorten

import numpy as np

from ...data.text.dataset import Texts
from ...evaluation.mistakes import (
    MAX_MISTAKES,
    interleave_classes,
    most_confident_mistakes,
    prediction_captions,
)
from ...evaluation.types import Predictions
from ...inspection.token_attribution import token_attributions
from ...layers.preprocessing.text_vectorization import TextVectorization
from ...train.model import Model
from .report import Report
from .shaded_text import ShadedText, add_shaded_texts

MAX_TEXTS = 5
"""Texts with shaded words, both for correct predictions and for mistakes."""
MAX_CHARACTERS = 280
"""Longer texts are shortened in the table of mistakes."""


def text_vectorizer(model: Model) -> TextVectorization:
    """The layer that converts texts to word indices."""
    return next(layer for _, layer in model.modules() if isinstance(layer, TextVectorization))


def add_text_mistakes(report: Report, test: Texts, probabilities: Predictions) -> None:
    """Add a table of the test texts that were classified wrongly with the most confidence.

    Args:
        report: the report.
        test: the test texts.
        probabilities: predictions for them, ``(n, classes)``.
    """
    mistakes = _distinct(test, most_confident_mistakes(test.y, probabilities, len(test)))
    worst = mistakes[:MAX_MISTAKES]
    if not len(worst):
        report.text("All test texts are classified correctly.")
        return
    captions = prediction_captions(worst, test.y, probabilities, test.classes)
    rows = [
        [caption, shorten(test.texts[i], MAX_CHARACTERS, placeholder=" …")]
        for i, caption in zip(worst, captions, strict=True)
    ]
    report.table(["prediction", "text"], rows, "The most confident mistakes.")


def add_word_attributions(
    report: Report, model: Model, test: Texts, probabilities: Predictions
) -> None:
    """Add test texts whose words are shaded by their influence on the prediction.

    Args:
        report: the report.
        model: the network.
        test: the test texts.
        probabilities: predictions of the network for them, ``(n, classes)``.
    """
    report.text(
        "Gradient times input at the embedding: orange words support the predicted class, blue "
        "words against it. The shades of each text have their own scale."
    )
    predicted = probabilities.argmax(1)
    order = np.argsort(-probabilities.max(1), kind="stable")
    correct = interleave_classes(_distinct(test, order[(predicted == test.y)[order]]), predicted)
    mistakes = _distinct(test, order[(predicted != test.y)[order]])
    indices = np.concatenate([correct[:MAX_TEXTS], mistakes[:MAX_TEXTS]])
    vectorizer, texts = text_vectorizer(model), [test.texts[i] for i in indices]
    attributions = token_attributions(model, vectorizer.convert(texts), predicted[indices])
    captions = prediction_captions(indices, test.y, probabilities, test.classes)
    shaded = []
    for text, values, caption in zip(texts, attributions, captions, strict=True):
        spans = vectorizer.spans(text)
        shaded.append(ShadedText(text, spans, values[: len(spans)], caption))
    add_shaded_texts(report, shaded)


def _distinct(test: Texts, indices: np.ndarray) -> np.ndarray:
    """Keep only the first of identical texts."""
    _, first = np.unique(test.groups[indices], return_index=True)
    return indices[np.sort(first)]
