"""What a network for pictures or sounds must beat to be worth its name."""

from __future__ import annotations

import time
import warnings
from typing import NamedTuple

import numpy as np

from ..app.automl.task import Yardstick
from ..core.errors import DataError

STRENGTHS = (1e-4, 1e-3, 1e-2, 0.1, 1.0)
"""Inverse strengths of the penalty, of which the validation part chooses."""


class Features(NamedTuple):
    """Numbers that stand for the examples of a part, ``(n, features)``, and their labels."""

    x: np.ndarray
    y: np.ndarray


def majority(y: np.ndarray, asked: int, classes: int) -> Yardstick:
    """Always the commonest class, with the probabilities that the classes have in ``y``."""
    started = time.perf_counter()
    shares = np.bincount(y, minlength=classes) / len(y)
    said = np.tile(shares, (asked, 1))
    return Yardstick("always the commonest class", said, False, time.perf_counter() - started)


def regression(
    name: str, train: Features, validation: Features, asked: np.ndarray, classes: int, seed: int
) -> Yardstick:
    """Logistic regression on scaled features; the validation part chooses its penalty.

    Raises DataError when scikit-learn is not installed.
    """
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise DataError(
            "the yardstick is scikit-learn's, which is not installed: pip install 'lampas[app]'"
        ) from error
    started = time.perf_counter()
    scaler = StandardScaler().fit(train.x)
    x, held, kept = (scaler.transform(part) for part in (train.x, validation.x, asked))
    # Such small products of matrices take many times as long on threads that wait for each other.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the weakest penalties take longest
        fitted = [
            LogisticRegression(C=strength, max_iter=150, random_state=seed).fit(x, train.y)
            for strength in STRENGTHS
        ]
    # Of equally good ones the most penalized.
    best = max(fitted, key=lambda model: model.score(held, validation.y))
    said = np.zeros((len(asked), classes))
    said[:, best.classes_] = best.predict_proba(kept)
    return Yardstick(name, said, True, time.perf_counter() - started)
