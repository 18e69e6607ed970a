"""Networks for the rows of a table."""

from __future__ import annotations

import numpy as np

from ..core.module import Module
from ..layers import Dense, Dropout, Normalization, TableEncoding, TableReader
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
            TableEncoding(reader.steps, reader.sizes),
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
            TableEncoding(reader.steps, reader.sizes),
            *hidden,
            Dense(1, kernel_regularizer=L2(l2)),
            Normalization(None, y.mean(), y.var(), invert=True),
        ]
    )
