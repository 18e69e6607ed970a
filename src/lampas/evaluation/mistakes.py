"""Confusion matrix and the examples that a classifier got wrong with the most confidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .types import Predictions

MAX_MISTAKES = 12


def confusion_matrix(y_true: np.ndarray, probabilities: Predictions) -> npt.NDArray[np.int_]:
    """Number of examples by true class (row) and predicted class (column).

    Args:
        y_true: labels, ``(n,)``.
        probabilities: predicted, ``(n, classes)``.

    Example:
        >>> import numpy as np
        >>> from lampas.evaluation.mistakes import confusion_matrix
        >>> confusion_matrix(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]))
        array([[1, 0],
               [1, 1]])
    """
    classes = probabilities.shape[1]
    matrix = np.zeros((classes, classes), int)
    np.add.at(matrix, (y_true, probabilities.argmax(1)), 1)
    return matrix


def most_confident_mistakes(
    y_true: np.ndarray, probabilities: Predictions, max_count: int = MAX_MISTAKES
) -> npt.NDArray[np.intp]:
    """Indices of the wrong predictions, the most confident first.

    Args:
        y_true: labels, ``(n,)``.
        probabilities: predicted, ``(n, classes)``.
        max_count: maximum number of indices.
    """
    order = np.argsort(-probabilities.max(1), kind="stable")
    return order[(probabilities.argmax(1) != y_true)[order]][:max_count]


def interleave_classes(indices: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Reorder indices so that the classes alternate, and none fills a figure alone.

    Args:
        indices: indices of examples.
        labels: labels of all examples, ``(n,)``.
    """
    rank = np.zeros(len(indices), int)
    for label in np.unique(labels[indices]):
        is_class = labels[indices] == label
        rank[is_class] = np.arange(is_class.sum())
    return indices[np.lexsort((labels[indices], rank))]


def prediction_captions(
    indices: np.ndarray, y_true: np.ndarray, probabilities: Predictions, classes: Sequence[str]
) -> list[str]:
    """True class, predicted class and its probability, in words, for each index.

    Args:
        indices: indices of the examples to describe.
        y_true: labels of all examples, ``(n,)``.
        probabilities: predicted, ``(n, classes)``.
        classes: names by label.
    """
    return [
        f"true {classes[y_true[i]]}, predicted {classes[probabilities[i].argmax()]} "
        f"({probabilities[i].max():.0%})"
        for i in indices
    ]
