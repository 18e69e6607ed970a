"""``train.py`` for a series: windows of it, and a network that forecasts the change."""

from __future__ import annotations

from typing import Final

from .script import quoted
from .task import Script, Settings

NETWORKS: Final = {"gru": "GRU", "lstm": "LSTM", "rnn": "SimpleRNN"}
"""The recurrent layers, the usual one first."""
VALIDATION = TEST = 0.15
"""Shares of the rows, the last ones."""


def script(settings: Settings) -> Script:
    """The code for these settings."""
    layer, horizon = NETWORKS[settings["model"]], settings["horizon"]
    layers = sorted(
        ["Autoregression", "Dense", "Dropout", "NaiveResidual", "Normalization", layer],
        key=lambda name: (not name.isupper(), name),
    )
    scale = f"{settings['deviation']:.4g}"
    return Script(
        imports=f"import numpy as np\nfrom lampas.layers import {', '.join(layers)}",
        data=_data(settings),
        network=(
            "last, mean = train.x[:, -1:], train.x.mean((0, 1))\n"
            "changes, rises = train.x - last, train.y - last[:, :, 0]\n"
            "deviation = np.maximum(changes.std((0, 1)), 1e-6)\n"
            f"recurrent = [{layer}({settings['units']}), Dropout({settings['dropout']}), "
            f'Dense({horizon}, kernel_initializer="zeros")]\n'
            f"linear = Autoregression({horizon}, kernel_regularizer=lp.L2({settings['l2']}))\n"
            "linear.adapt(changes / deviation, rises / deviation[0])\n"
            "return lp.Sequential(\n"
            "    [\n"
            "        Normalization(-1, mean, deviation**2, input_shape=train.x.shape[1:]),\n"
            "        NaiveResidual([lp.Sequential(recurrent), linear], column=0),\n"
            "        Normalization(None, mean[0], deviation[0] ** 2, invert=True),\n"
            "    ]\n"
            ")"
        ),
        x="part.x",
        y="part.y",
        loss=f"lambda y, said: lp.losses.MeanSquaredError()(y / {scale}, said / {scale})",
        metrics=("mae",),
    )


def _data(settings: Settings) -> str:
    time = f"    time={quoted(settings['time'])},\n" if settings["time"] else ""
    features = "".join(f"        {quoted(name)},\n" for name in settings["features"])
    return (
        "series = lp.data.windows(\n"
        f"    {quoted(settings['path'])},\n"
        f"    length={settings['length']},\n"
        f"    horizon={settings['horizon']},\n"
        f"    columns=[\n{features}    ],\n"
        f"    target={quoted(settings['target'])},\n"
        f"{time}"
        '    gaps="fill",\n'
        ")\n"
        f"return series.split({VALIDATION}, {TEST})"
    )
