"""What a network for texts has to beat: weighted word counts and logistic regression."""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from ..core.errors import DataError
from ..data.text.dataset import Texts

STRENGTHS = (1.0, 3.0, 10.0, 30.0)
"""Inverse strengths of the penalty to choose from."""


class Baseline(NamedTuple):
    """What it says, and how it was chosen.

    Args:
        validation: accuracy on the validation part.
        probabilities: of the test texts, ``(n, classes)``.
        parameters: how many numbers it has learnt.
        seconds: spent, the choice included.
        strength: the inverse strength chosen.
    """

    validation: float
    probabilities: np.ndarray
    parameters: int
    seconds: float
    strength: float


def tfidf(train: Texts, validation: Texts, test: Texts) -> Baseline:
    """TF-IDF of words and word pairs that occur twice or more, and logistic regression.

    Learns from the same texts as the networks, and its one setting is chosen as theirs are, by the
    validation part.

    Raises:
        DataError: when scikit-learn is not installed, or the texts have no words.
    """
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise DataError(
            "the comparison is made with scikit-learn, which is not installed: "
            "pip install 'lampas[app]'"
        ) from error
    start = time.perf_counter()
    weigh = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, dtype=np.float32)
    try:
        x = weigh.fit_transform(train.texts)
    except ValueError as error:
        raise DataError(f"the training texts have no words: {error}.") from error
    held, asked = weigh.transform(validation.texts), weigh.transform(test.texts)
    found = [LogisticRegression(C=c, max_iter=1000).fit(x, train.y) for c in STRENGTHS]
    scores = [model.score(held, validation.y) for model in found]
    best = int(np.argmax(scores))
    probabilities = np.zeros((len(test), len(test.classes)))
    probabilities[:, found[best].classes_] = found[best].predict_proba(asked)
    parameters = found[best].coef_.size + found[best].intercept_.size
    seconds = time.perf_counter() - start
    return Baseline(scores[best], probabilities, parameters, seconds, STRENGTHS[best])
