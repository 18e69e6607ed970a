"""Networks for the rows of a table."""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np

from ..core.module import Module
from ..core.variable import Array
from ..layers import Activation, Dense, Dropout, Normalization, TableEncoding, TableReader
from ..regularizers import L2
from ..train.sequential import Sequential


def hidden_layers(width: int, dropout: float, l2: float) -> list[Module]:
    """Two dense layers with dropout.

    Args:
        width: units per layer.
        dropout: rate of dropout after each layer.
        l2: factor of the L2 penalty on the weights.
    """
    return [
        Dense(width, "relu", kernel_regularizer=L2(l2)),
        Dropout(dropout),
        Dense(width, "relu", kernel_regularizer=L2(l2)),
        Dropout(dropout),
    ]


def table_classifier(
    reader: TableReader, hidden: list[Module], num_classes: int, l2: float
) -> Sequential:
    """Encode the columns of rows, and classify the rows.

    Args:
        reader: adapted to the training rows.
        hidden: layers between the encoding and the output.
        num_classes: number of classes.
        l2: factor of the L2 penalty on the weights of the output.
    """
    return Sequential(
        [
            reader,
            TableEncoding(reader.steps, reader.sizes, reader.text_sizes),
            *hidden,
            Dense(num_classes, "softmax", kernel_regularizer=L2(l2)),
        ]
    )


def table_regressor(
    reader: TableReader, hidden: list[Module], y: np.ndarray, l2: float
) -> Sequential:
    """Encode the columns of rows, and predict a value per row.

    Args:
        reader: adapted to the training rows.
        hidden: layers between the encoding and the output.
        y: targets of the training rows, which set the scale of the output.
        l2: factor of the L2 penalty on the weights of the output.
    """
    return Sequential(
        [
            reader,
            TableEncoding(reader.steps, reader.sizes, reader.text_sizes),
            *hidden,
            Dense(1, kernel_regularizer=L2(l2)),
            Normalization(None, y.mean(), y.var(), invert=True),
        ]
    )


def log_table_regressor(
    reader: TableReader, hidden: list[Module], y: np.ndarray, l2: float
) -> Sequential:
    """Encode the columns of rows, and predict a value per row that is never negative.

    The network predicts the logarithm, and its output is the value itself.

    Args:
        reader: adapted to the training rows.
        hidden: layers between the encoding and the output.
        y: targets of the training rows, 0 or more, whose logarithms set the scale of the output.
        l2: factor of the L2 penalty on the weights of the output.
    """
    log_y = np.log(np.maximum(y, y[y > 0].min() / 2))
    return Sequential(
        [
            reader,
            TableEncoding(reader.steps, reader.sizes, reader.text_sizes),
            *hidden,
            Dense(1, kernel_regularizer=L2(l2)),
            Normalization(None, log_y.mean(), log_y.var(), invert=True),
            Activation("exponential"),
        ]
    )


def squared_log_error(y: np.ndarray) -> Callable[[Array, Array], Array]:
    """A loss: the squared error of the logarithms, in units of their variance.

    Args:
        y: targets of the training rows, 0 or more; if there are zeros, the smallest other value
            is added to all values.
    """
    offset = 0.0 if y.min() > 0 else float(y[y > 0].min())
    variance = float(np.log(y + offset).var())

    def loss(y_true: Array, y_pred: Array) -> Array:
        return (jnp.log(y_true + offset) - jnp.log(y_pred + offset)) ** 2 / variance

    return loss
