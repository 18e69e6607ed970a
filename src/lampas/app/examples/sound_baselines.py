"""Baselines for sound classification."""

from __future__ import annotations

import numpy as np

from ...core.errors import DataError

STRENGTHS = (1.0, 0.01, 0.1, 10.0)
"""Inverse strengths of the penalty; cross-validation chooses one, and the first wins a tie."""


def majority_accuracy(y_train: np.ndarray, y_test: np.ndarray) -> float:
    """Accuracy on ``y_test`` of always predicting the most frequent class of ``y_train``."""
    return float((y_test == np.bincount(y_train).argmax()).mean())


def logistic_regression(
    x_train: np.ndarray, y_train: np.ndarray, x_test: np.ndarray, seed: int
) -> np.ndarray:
    """Predict classes by logistic regression on mean and standard deviation of each mel band.

    Args:
        x_train: training spectrograms, ``(n, steps, bands)``.
        y_train: their labels, ``(n,)``.
        x_test: spectrograms to classify, ``(m, steps, bands)``.
        seed: seed of the solver.

    Raises:
        DataError: when scikit-learn is not installed.
    """
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GridSearchCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise DataError(
            "the baseline needs scikit-learn, which is not installed: pip install 'lampas[app]'"
        ) from error
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000, random_state=seed))
    folds = min(3, np.unique(y_train, return_counts=True)[1].min())
    if folds > 1:
        model = GridSearchCV(model, {"logisticregression__C": STRENGTHS}, cv=int(folds))
    return np.asarray(model.fit(_features(x_train), y_train).predict(_features(x_test)))


def _features(spectra: np.ndarray) -> np.ndarray:
    return np.concatenate([spectra.mean(1), spectra.std(1)], 1)
