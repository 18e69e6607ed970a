"""``train.py`` for sounds: how they are read and told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .audio_features import RATE
from .files import TEST, VALIDATION
from .script import layers_import, names_of, quoted, sequential
from .task import Script, Settings

SPECTROGRAM = f"MelSpectrogram(1024, 256, sampling_rate={RATE}, num_mel_bins=64)"
"""Pieces of 64 ms, one each 16 ms, in 64 bands."""


def script(settings: Settings) -> Script:
    """The code for these settings."""
    layers = [SPECTROGRAM, *NETWORKS[settings["model"]](settings)]
    where = '    labels="prefix",\n' if settings["labels"] == "prefix" else ""
    return Script(
        imports="from lampas.data.audio.reader import SoundReader\n"
        + layers_import(names_of(layers)),
        data=(
            "sounds = lp.data.sound(\n"
            f"    {quoted(settings['path'])},\n"
            f"    rate={RATE},\n"
            f"    seconds={settings['seconds']},\n"
            f"{where}"
            '    on_error="skip",\n'
            ")\n"
            f"return sounds.split({VALIDATION}, {TEST}, SEED)"
        ),
        network=sequential([f"SoundReader({RATE}, {settings['seconds']})", *layers]),
        x="part.x",
        y="part.y",
        loss='"sparse_categorical_crossentropy"',
        metrics=("accuracy",),
    )


def _rnn(settings: Settings) -> list[str]:
    """Convolutions find beats and tones in a spectrogram, a GRU how they follow each other."""
    dropout, l2 = settings["dropout"], settings["l2"]
    return [
        "BatchNormalization(momentum=0.9)",
        'Conv1D(48, 5, strides=2, padding="same", activation="relu")',
        "MaxPool1D(2)",
        f"Dropout({dropout})",
        "GRU(48, return_sequences=True)",
        "GlobalAveragePool1D()",
        f"Dropout({dropout})",
        _last(l2),
    ]


def _cnn(settings: Settings) -> list[str]:
    """Convolutions alone: what there is to hear, hardly in which order."""
    dropout, l2 = settings["dropout"], settings["l2"]
    return [
        "BatchNormalization(momentum=0.9)",
        'Conv1D(48, 5, strides=2, padding="same", activation="relu")',
        "MaxPool1D(2)",
        'Conv1D(64, 3, padding="same", activation="relu")',
        "GlobalAveragePool1D()",
        f"Dropout({dropout})",
        _last(l2),
    ]


def _last(l2: float) -> str:
    return f'Dense(len(train.classes), activation="softmax", kernel_regularizer=lp.L2({l2}))'


NETWORKS: Final[dict[str, Callable[[Settings], list[str]]]] = {"rnn": _rnn, "cnn": _cnn}
