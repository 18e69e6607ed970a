"""What a network for sounds must beat to be worth its name."""

from __future__ import annotations

import numpy as np

from ...core.errors import DataError

STRENGTHS = (1.0, 0.01, 0.1, 10.0)
"""Inverse strengths of the penalty, of which cross-validation chooses; the first wins a tie."""


def commonest(learnt: np.ndarray, kept: np.ndarray) -> float:
    """Share of ``kept`` labels that is right by always saying the commonest of ``learnt``."""
    return float((kept == np.bincount(learnt).argmax()).mean())


def regression(learnt: np.ndarray, y: np.ndarray, asked: np.ndarray, seed: int) -> np.ndarray:
    """Classes said by logistic regression on the mean and spread of each band over time.

    Args:
        learnt: spectrograms to learn from, ``(n, steps, bands)``.
        y: their labels, ``(n,)``.
        asked: those to be told apart, ``(m, steps, bands)``.
        seed: decides what is random.

    Raises DataError when scikit-learn is not installed.
    """
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GridSearchCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise DataError(
            "the yardstick is scikit-learn's, which is not installed: pip install 'lampas[app]'"
        ) from error
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, random_state=seed))
    parts = min(3, np.unique(y, return_counts=True)[1].min())
    if parts > 1:
        model = GridSearchCV(model, {"logisticregression__C": STRENGTHS}, cv=int(parts))
    return np.asarray(model.fit(_features(learnt), y).predict(_features(asked)))


def _features(spectra: np.ndarray) -> np.ndarray:
    return np.concatenate([spectra.mean(1), spectra.std(1)], 1)
