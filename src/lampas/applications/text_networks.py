"""Networks that judge texts: by name, from a bag of words to a recurrent one."""

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
"""What each network is called in the report."""


def network(name: str, words: TextVectorization, classes: int) -> Sequential:
    """The network of that name behind the vectorization, for so many classes.

    Raises:
        UnknownNameError: for another name.
    """
    if name not in _BODIES:
        raise unknown_name("model", name, (*_BODIES, "auto"))
    return Sequential(
        [words, *_BODIES[name](words.vocabulary_size), Dropout(0.5), Dense(classes, "softmax")]
    )


def learning_rate(name: str, steps: int) -> float:
    """Of Adam, for the network of that name and so many steps in an epoch.

    A bag begins near zero and has far to go: the fewer the steps, the larger they must be.
    """
    return min(max(0.1 / steps, 3e-4), 5e-3) if name == "bag" else 1e-3


def _bag(words: int) -> list[Module]:
    """Near zero at first, so that rare words and pairs say nothing until they have learnt to."""
    near_zero = RandomUniform(-0.005, 0.005)
    return [EmbeddingBag(words, 8, dropout=0.2, pair_dropout=0.6, embeddings_initializer=near_zero)]


def _conv(words: int) -> list[Module]:
    """Looks for three words in a row, wherever they stand (Kim, 2014)."""
    return [
        Embedding(words, 32, mask_zero=True),
        Dropout(0.5),
        Conv1D(64, 3, padding="same", activation="relu"),
        GlobalMaxPool1D(),
    ]


def _gru(words: int) -> list[Module]:
    return _recurrent(words, GRU(32, return_sequences=True))


def _lstm(words: int) -> list[Module]:
    return _recurrent(words, LSTM(32, return_sequences=True))


def _recurrent(words: int, layer: GRU | LSTM) -> list[Module]:
    """Reads forwards and backwards, and weighs the words by attention."""
    return [
        Embedding(words, 32, mask_zero=True),
        Dropout(0.5),
        Bidirectional(layer),
        AttentionPool1D(),
    ]


_BODIES: Final[dict[str, Callable[[int], list[Module]]]] = {
    "bag": _bag,
    "conv": _conv,
    "gru": _gru,
    "lstm": _lstm,
}
