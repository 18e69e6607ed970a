"""``train.py`` for texts: words as numbers, and a network that reads them."""

from __future__ import annotations

from typing import Final

from .script import quoted
from .task import Script, Settings

_EMBEDDING = "Embedding(words.vocabulary_size, 32, mask_zero=True)"
_DROPOUT = "Dropout({dropout})"
NETWORKS: Final[dict[str, tuple[str, ...]]] = {
    "lstm": (
        _EMBEDDING,
        _DROPOUT,
        "Bidirectional(LSTM(32, return_sequences=True))",
        "AttentionPool1D()",
    ),
    "gru": (
        _EMBEDDING,
        _DROPOUT,
        "Bidirectional(GRU(32, return_sequences=True))",
        "AttentionPool1D()",
    ),
    "conv": (
        _EMBEDDING,
        _DROPOUT,
        'Conv1D(64, 3, padding="same", activation="relu")',
        "GlobalMaxPool1D()",
    ),
    "bag": (
        "EmbeddingBag(\n"
        "            words.vocabulary_size,\n"
        "            8,\n"
        "            dropout=0.2,\n"
        "            pair_dropout=0.6,\n"
        "            embeddings_initializer=lp.initializers.RandomUniform(-0.005, 0.005),\n"
        "        )",
    ),
}
"""The layers between the words' numbers and the last ones; the usual network first.

The bag begins near zero, so that rare words and pairs say nothing until they have learnt to."""
TITLES: Final = {
    "lstm": "reads forwards and backwards by an LSTM and weighs the words by attention",
    "gru": "reads forwards and backwards by a GRU and weighs the words by attention",
    "conv": "looks for three words in a row",
    "bag": "takes words and pairs of words in any order",
}


def script(settings: Settings, classes: int) -> Script:
    """The code for these settings."""
    layers = [layer.format(**settings) for layer in NETWORKS[settings["model"]]]
    last = f'Dense({classes}, "softmax", kernel_regularizer=lp.L2({settings["l2"]}))'
    lines = "".join(
        f"        {layer},\n" for layer in ("words", *layers, _DROPOUT.format(**settings), last)
    )
    return Script(
        imports=_imports([*layers, "Dropout(", last]),
        data=_data(settings),
        network=(
            f"words = TextVectorization(output_sequence_length={settings['length']}, "
            "min_frequency=2)\n"
            "words.adapt(train.texts)\n"
            f"return lp.Sequential(\n    [\n{lines}    ]\n)"
        ),
        x="part.texts",
        y="part.y",
        loss='"sparse_categorical_crossentropy"',
        metrics=("accuracy",),
    )


def _data(settings: Settings) -> str:
    named = "".join(
        f"    {name}={quoted(settings[name])},\n"
        for name in ("text_column", "label_column")
        if settings[name]
    )
    if settings["on_error"] == "skip":
        named += '    on_error="skip",\n'
    return (
        f"texts = lp.data.text(\n    {quoted(settings['path'])},\n{named})\n"
        "return texts.split(0.15, 0.15, seed=SEED)"
    )


def _imports(layers: list[str]) -> str:
    """The line that imports the layers that are called by their bare names."""
    names = {part for layer in layers for part in layer.split("(")[:-1] if part.isidentifier()}
    names |= {"TextVectorization"}
    ordered = sorted(names, key=lambda name: (not name.isupper(), name))
    return "from lampas.layers import (\n" + "".join(f"    {name},\n" for name in ordered) + ")"
