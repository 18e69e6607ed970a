"""``train.py`` for pictures: how they are read, varied and told apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .files import TEST, VALIDATION
from .script import layers_import, names_of, quoted, sequential
from .task import Script, Settings


def script(settings: Settings) -> Script:
    """The code for these settings."""
    layers = [*_variants(settings), *NETWORKS[settings["model"]](settings)]
    reader = "from lampas.data.images.reader import ImageReader\n"
    form = f"{tuple(settings['size'])}, {quoted(settings['color'])}"
    return Script(
        imports=reader + layers_import(names_of(layers)),
        data=(
            "pictures = lp.data.images(\n"
            f"    {quoted(settings['path'])},\n"
            f"    {tuple(settings['size'])},\n"
            f"    {quoted(settings['color'])},\n"
            '    on_error="skip",\n'
            ")\n"
            f"return pictures.split({VALIDATION}, {TEST}, SEED)"
        ),
        network=sequential([f"ImageReader({form})", *layers]),
        x="part.x",
        y="part.y",
        loss='"sparse_categorical_crossentropy"',
        metrics=("accuracy",),
    )


def _variants(settings: Settings) -> list[str]:
    """Layers that show the network another variant of each picture in every epoch."""
    mirror = ['RandomFlip("horizontal")'] if settings["mirror"] else []
    return [
        *mirror,
        "RandomRotation(0.05)",
        "RandomTranslation(0.1, 0.1)",
        "RandomZoom(0.15)",
        "RandomBrightness(0.15)",
    ]


def _cnn(settings: Settings) -> list[str]:
    """Three convolutions, each followed by pooling, and two dense layers."""
    dropout, l2 = settings["dropout"], settings["l2"]
    convolutions = [
        layer
        for filters in (16, 32, 64)
        for layer in (
            f'Conv2D({filters}, 3, padding="same", activation="relu")',
            "MaxPool2D()",
        )
    ]
    return [
        "Rescaling(1 / 127.5, -1)",
        *convolutions,
        "Flatten()",
        f"Dropout({dropout})",
        f'Dense(128, activation="relu", kernel_regularizer=lp.L2({l2}))',
        f"Dropout({dropout})",
        _LAST,
    ]


def _lenet(settings: Settings) -> list[str]:
    """LeNet-5, which was made for handwriting."""
    return ["lp.LeNet5(len(train.classes), train.x.shape[1:])"]


def _mlp(settings: Settings) -> list[str]:
    """Dense layers alone, for comparison: none knows which pixels are neighbours."""
    dropout, l2 = settings["dropout"], settings["l2"]
    return [
        "Rescaling(1 / 127.5, -1)",
        "Flatten()",
        f'Dense(128, activation="relu", kernel_regularizer=lp.L2({l2}))',
        f"Dropout({dropout})",
        f'Dense(64, activation="relu", kernel_regularizer=lp.L2({l2}))',
        f"Dropout({dropout})",
        _LAST,
    ]


_LAST = 'Dense(len(train.classes), activation="softmax")'
NETWORKS: Final[dict[str, Callable[[Settings], list[str]]]] = {
    "cnn": _cnn,
    "lenet": _lenet,
    "mlp": _mlp,
}
