"""Networks that classify texts: from a bag of words to recurrent ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ..core.errors import unknown_name
from ..core.module import Module
from ..initializers import RandomUniform
from ..layers import (
    GRU,
    LSTM,
    AttentionPool1D,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    Embedding,
    GlobalMaxPool1D,
)
from ..layers.embedding import EmbeddingBag
from ..layers.preprocessing.text_vectorization import TextVectorization
from ..train.sequential import Sequential

TITLES: Final = {
    "bag": "bag of words and pairs",
    "conv": "convolution",
    "gru": "bidirectional GRU",
    "lstm": "bidirectional LSTM",
}
"""Name of each network in reports."""


def text_network(name: str, words: TextVectorization, classes: int) -> Sequential:
    """Build the network of that name.

    Args:
        name: ``"bag"``, ``"conv"``, ``"gru"`` or ``"lstm"``.
        words: the adapted layer that turns texts into word indices.
        classes: number of classes.

    Raises:
        UnknownNameError: there is no network of that name.

    Example:
        >>> import lampas as lp
        >>> from lampas.applications.text_networks import text_network
        >>> words = lp.TextVectorization(max_tokens=50, output_sequence_length=4)
        >>> words.adapt(["a good film", "a bad film"])
        >>> text_network("bag", words, classes=2).predict(["good", "bad"]).shape
        (2, 2)
    """
    if name not in _BODIES:
        raise unknown_name("model", name, (*_BODIES, "auto"))
    body = _BODIES[name](words.vocabulary_size)
    return Sequential([words, *body, Dropout(0.5), Dense(classes, "softmax")])


def learning_rate(name: str, steps: int) -> float:
    """Learning rate of Adam for the network of that name.

    A bag of words starts near zero and needs larger steps if an epoch has few of them.

    Args:
        name: name of the network.
        steps: steps per epoch.
    """
    return min(max(0.1 / steps, 3e-4), 5e-3) if name == "bag" else 1e-3


def bag_of_words(vocabulary_size: int) -> list[Module]:
    """Sum the embeddings of words and word pairs, in any order.

    The embeddings start near zero, so that rare words have no effect until they are trained.
    """
    return [
        EmbeddingBag(
            vocabulary_size,
            8,
            dropout=0.2,
            pair_dropout=0.6,
            embeddings_initializer=RandomUniform(-0.005, 0.005),
        )
    ]


def convolution(vocabulary_size: int, dropout: float = 0.5) -> list[Module]:
    """Detect patterns of three consecutive words anywhere in the text (Kim, 2014)."""
    return [
        Embedding(vocabulary_size, 32, mask_zero=True),
        Dropout(dropout),
        Conv1D(64, 3, padding="same", activation="relu"),
        GlobalMaxPool1D(),
    ]


def bidirectional_gru(vocabulary_size: int, dropout: float = 0.5) -> list[Module]:
    """Read forwards and backwards by a GRU, and weight the words by attention."""
    return [
        Embedding(vocabulary_size, 32, mask_zero=True),
        Dropout(dropout),
        Bidirectional(GRU(32, return_sequences=True)),
        AttentionPool1D(),
    ]


def bidirectional_lstm(vocabulary_size: int, dropout: float = 0.5) -> list[Module]:
    """Read forwards and backwards by an LSTM, and weight the words by attention."""
    return [
        Embedding(vocabulary_size, 32, mask_zero=True),
        Dropout(dropout),
        Bidirectional(LSTM(32, return_sequences=True)),
        AttentionPool1D(),
    ]


_BODIES: Final[dict[str, Callable[[int], list[Module]]]] = {
    "bag": bag_of_words,
    "conv": convolution,
    "gru": bidirectional_gru,
    "lstm": bidirectional_lstm,
}
