"""``train.py`` for a series: windows of it, and a network that forecasts the change."""

from __future__ import annotations

from typing import Final

from ..kind import Script, Settings
from .media_script import quoted

NETWORKS: Final = {"gru": "GRU", "lstm": "LSTM", "rnn": "SimpleRNN"}
"""The recurrent layers, the usual one first."""
VALIDATION = TEST = 0.15
"""Shares of the rows, the last ones."""


def script(settings: Settings) -> Script:
    """The code for these settings."""
    layer, horizon = NETWORKS[settings["model"]], settings["horizon"]
    names = sorted(
        ["Dense", "Dropout", "Flatten", "Normalization", layer],
        key=lambda name: (not name.isupper(), name),
    )
    l2 = f"kernel_regularizer=lp.L2({settings['l2']})"
    scale = f"{settings['deviation']:.4g}"
    return Script(
        imports=(
            f"from lampas.layers import {', '.join(names)}\n"
            "from lampas.layers.naive import NaiveResidual"
        ),
        data=_data(settings),
        network=(
            "changes = train.x - train.x[:, -1:]\n"
            "mean, variance = train.x.mean((0, 1)), changes.var((0, 1))\n"
            f"recurrent = [{layer}({settings['units']}), Dropout({settings['dropout']}), "
            f"Dense({horizon})]\n"
            f'linear = [Flatten(), Dense({horizon}, kernel_initializer="zeros", {l2})]\n'
            "return lp.Sequential(\n"
            "    [\n"
            "        Normalization(-1, mean, variance, input_shape=train.x.shape[1:]),\n"
            "        NaiveResidual([lp.Sequential(recurrent), lp.Sequential(linear)], column=0),\n"
            "        Normalization(None, mean[0], variance[0], invert=True),\n"
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
