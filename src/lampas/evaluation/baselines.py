"""Baselines that a network should beat: trivial predictions, linear models and boosted trees."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..core.errors import DataError
from ..data.tables import Table
from ..data.text.dataset import Texts
from .types import Baseline, Splits

if TYPE_CHECKING:
    from pandas import DataFrame

PENALTIES = (1e-4, 1e-3, 1e-2, 0.1, 1.0)
"""Inverse penalties of logistic regression on features; the validation examples decide."""
TEXT_PENALTIES = (1.0, 3.0, 10.0, 30.0)
"""The same on TF-IDF weights."""
GRADIENT_BOOSTING = "gradient boosting"
MAX_BASELINE_WORDS = 100
"""Words of a column of texts that the trees use: those that go with the target most."""
MAX_CATEGORIES = 255
"""Number of values of a column that the trees can distinguish."""
PARALLEL_CELLS = 1_000_000
"""Minimum size of a table for which several threads are faster than one."""
NOT_INSTALLED = "baselines need scikit-learn, which is not installed: pip install 'lampas[app]'"


class Features(NamedTuple):
    """Numbers that summarize each example, ``(n, features)``, and the labels ``(n,)``."""

    x: np.ndarray
    y: np.ndarray


def majority_class(y_train: np.ndarray, num_examples: int, num_classes: int) -> Baseline:
    """Always predict the most frequent class, with the class frequencies as probabilities.

    Args:
        y_train: labels of the training examples.
        num_examples: number of test examples.
        num_classes: number of classes.

    Example:
        >>> import numpy as np
        >>> from lampas.evaluation.baselines import majority_class
        >>> majority_class(np.array([0, 0, 1, 0]), 1, 2).predictions
        array([[0.75, 0.25]])
    """
    start = time.perf_counter()
    frequencies = np.bincount(y_train, minlength=num_classes) / len(y_train)
    y_pred = np.tile(frequencies, (num_examples, 1))
    return Baseline("majority class", y_pred, False, time.perf_counter() - start)


def mean_value(y_train: np.ndarray, num_examples: int) -> Baseline:
    """Always predict the mean of the training targets.

    Args:
        y_train: values of the training examples.
        num_examples: number of test examples.
    """
    start = time.perf_counter()
    y_pred = np.full(num_examples, y_train.mean())
    return Baseline("mean", y_pred, False, time.perf_counter() - start)


def logistic_regression(
    name: str,
    train: Features,
    validation: Features,
    x_test: np.ndarray,
    num_classes: int,
    seed: int,
) -> Baseline:
    """Logistic regression on standardized features; the validation accuracy chooses the penalty.

    Args:
        name: name of the baseline.
        train: features to fit.
        validation: features to choose the penalty by.
        x_test: features to predict, ``(n, features)``.
        num_classes: number of classes, of which some may be missing in training.
        seed: seed of the solver.

    Raises:
        DataError: when scikit-learn is not installed.
    """
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise DataError(NOT_INSTALLED) from error
    start = time.perf_counter()
    scaler = StandardScaler().fit(train.x)
    x, x_validation, x_test = map(scaler.transform, (train.x, validation.x, x_test))
    # Threads would take many times as long on such small matrix products.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the weakest penalties converge slowly
        models = [
            LogisticRegression(C=penalty, max_iter=150, random_state=seed).fit(x, train.y)
            for penalty in PENALTIES
        ]
    # `max` takes the first of equal ones, the most strongly penalized.
    best = max(models, key=lambda model: model.score(x_validation, validation.y))
    y_pred = np.zeros((len(x_test), num_classes))
    y_pred[:, best.classes_] = best.predict_proba(x_test)
    return Baseline(name, y_pred, True, time.perf_counter() - start)


class TfidfResult(NamedTuple):
    """Predictions of the TF-IDF baseline, and how it was chosen.

    Args:
        validation: accuracy on the validation texts.
        probabilities: predictions for the test texts, ``(n, classes)``.
        parameters: number of fitted parameters.
        seconds: duration, including the choice of the penalty.
        strength: the inverse penalty that was chosen.
    """

    validation: float
    probabilities: np.ndarray
    parameters: int
    seconds: float
    strength: float


def tfidf(train: Texts, validation: Texts, test: Texts) -> TfidfResult:
    """Logistic regression on TF-IDF weights of words and word pairs that occur at least twice.

    Args:
        train: texts to fit.
        validation: texts to choose the penalty by.
        test: texts to predict.

    Raises:
        DataError: when scikit-learn is not installed, or the texts have no words.
    """
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise DataError(NOT_INSTALLED) from error
    start = time.perf_counter()
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, dtype=np.float32)
    try:
        x = vectorizer.fit_transform(train.texts)
    except ValueError as error:
        raise DataError(f"the training texts have no words: {error}.") from error
    x_validation, x_test = map(vectorizer.transform, (validation.texts, test.texts))
    models = [LogisticRegression(C=c, max_iter=1000).fit(x, train.y) for c in TEXT_PENALTIES]
    accuracies = [model.score(x_validation, validation.y) for model in models]
    best = int(np.argmax(accuracies))
    model = models[best]
    y_pred = np.zeros((len(test), len(test.classes)))
    y_pred[:, model.classes_] = model.predict_proba(x_test)
    size, seconds = model.coef_.size + model.intercept_.size, time.perf_counter() - start
    return TfidfResult(accuracies[best], y_pred, size, seconds, TEXT_PENALTIES[best])


def trivial_baseline(splits: Splits, num_classes: int) -> Baseline:
    """The majority class of a table, or the mean.

    Args:
        splits: tables.
        num_classes: number of classes; 0 for regression.
    """
    train, _, test = splits
    if num_classes:
        return majority_class(train.y, len(test), num_classes)
    return mean_value(train.y, len(test))


def gradient_boosting(splits: Splits, num_classes: int, seed: int) -> Baseline:
    """Scikit-learn's histogram-based gradient boosting with its default settings.

    It is fitted to the training rows, and handles missing values and categories itself. Texts
    become the TF-IDF weights of words.

    Args:
        splits: tables.
        num_classes: number of classes; 0 for regression.
        seed: seed of the trees.

    Raises:
        DataError: when scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
        from threadpoolctl import threadpool_limits
    except ImportError as error:
        raise DataError(NOT_INSTALLED) from error
    start = time.perf_counter()
    train, _, test = splits
    if num_classes and len(np.unique(train.y)) == 1:
        # A split by group or time may leave a single class to train on, which the trees refuse.
        trivial = trivial_baseline(splits, num_classes)
        return trivial._replace(name=GRADIENT_BOOSTING, is_strong=True)
    categorical = [name for name, kind in train.columns.items() if kind in ("category", "boolean")]
    texts = [name for name, kind in train.columns.items() if kind == "text"]
    codes = {name: _category_codes(train, name) for name in categorical}
    x, x_test = (_encode(table.x.drop(columns=texts), codes) for table in (train, test))
    for name in texts:
        x, x_test = map(np.hstack, zip((x, x_test), _word_weights(train, test, name), strict=True))
    columns = [name for name in train.columns if name not in texts]
    indices = [columns.index(name) for name in categorical]
    estimator = HistGradientBoostingClassifier if num_classes else HistGradientBoostingRegressor
    model = estimator(categorical_features=indices or None, random_state=seed)
    # On small tables threads spend more time waiting for each other than working.
    with threadpool_limits(1 if x.size < PARALLEL_CELLS else None):
        model.fit(x, train.y)
    if num_classes:
        y_pred = np.zeros((len(test), num_classes))
        y_pred[:, model.classes_] = model.predict_proba(x_test)
    else:
        y_pred = model.predict(x_test)
    return Baseline(GRADIENT_BOOSTING, y_pred, True, time.perf_counter() - start)


def _category_codes(train: Table, name: str) -> dict[str, int]:
    frequent = train.x[name].value_counts().index[: MAX_CATEGORIES - 1]
    return {value: code for code, value in enumerate(frequent)}


def _word_weights(train: Table, test: Table, name: str) -> tuple[np.ndarray, np.ndarray]:
    """TF-IDF weights, of training and test rows, of the words that go with the target most."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.feature_selection import SelectKBest, chi2, f_regression

    texts, test_texts = (table.x[name].fillna("") for table in (train, test))
    vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2)
    try:
        weights = vectorizer.fit_transform(texts)
    except ValueError:  # No word occurs twice.
        return np.zeros((len(train), 1)), np.zeros((len(test), 1))
    score = chi2 if train.classes else f_regression
    selector = SelectKBest(score, k=min(MAX_BASELINE_WORDS, weights.shape[1]))
    selected = selector.fit_transform(weights, train.y)
    return selected.toarray(), selector.transform(vectorizer.transform(test_texts)).toarray()


def _encode(x: DataFrame, codes: dict[str, dict[str, int]]) -> np.ndarray:
    """Categories as codes, dates as days; NaN for missing values and unknown categories."""
    encoded = x.copy()
    for name in encoded.columns:
        if name in codes:
            encoded[name] = encoded[name].map(codes[name])
        elif encoded[name].dtype.kind == "M":
            days = encoded[name].to_numpy("datetime64[us]")
            encoded[name] = np.where(np.isnat(days), np.nan, days.astype(np.int64) / 86_400e6)
    return encoded.to_numpy(np.float64)
