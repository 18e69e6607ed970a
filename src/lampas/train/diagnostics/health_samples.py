"""Measurements of the layers and parameters of a network during training, and their curves."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt


class LayerHealth(NamedTuple):
    """Statistics of the outputs of one layer for a batch, over all its calls, without masked steps.

    ``rms`` is the root mean square. ``dead`` is the share of units (of the last axis) that are 0
    for every example, None if the activation is not a ReLU; ``saturated`` is the share of outputs
    in the flat regions of a sigmoid or tanh, None for other activations and for the outputs of the
    model, which are there when it is certain.
    """

    path: str
    rms: float
    mean: float
    dead: float | None
    saturated: float | None


class ParameterHealth(NamedTuple):
    """Euclidean norms of one parameter, of its gradient, and of the next update.

    ``kernel`` is true for matrices and filters that all examples share: not for biases, scales and
    embedding tables, whose sizes follow other rules.
    """

    path: str
    weight: float
    gradient: float
    update: float
    kernel: bool

    @property
    def update_ratio(self) -> float:
        """The update over the weight; NaN for a weight of 0."""
        return self.update / self.weight if self.weight else math.nan

    @property
    def gradient_ratio(self) -> float:
        """The gradient over the weight; NaN for a weight of 0."""
        return self.gradient / self.weight if self.weight else math.nan


class HealthSample(NamedTuple):
    """Measurements after ``step`` steps; ``loss`` is the mean of the current epoch so far.

    Layers are in the order in which they ran, parameters in the order of their layers.
    """

    step: int
    epoch: int
    loss: float
    layers: tuple[LayerHealth, ...]
    parameters: tuple[ParameterHealth, ...]


def as_sample(
    step: int, epoch: int, loss: float, layers: Sequence[Any], parameters: Sequence[Any]
) -> HealthSample:
    """A sample from its fields as plain tuples."""
    layer_healths = tuple(LayerHealth(*layer) for layer in layers)
    parameter_healths = tuple(ParameterHealth(*parameter) for parameter in parameters)
    return HealthSample(step, epoch, loss, layer_healths, parameter_healths)


def layer_of(path: str, layers: Container[str]) -> str:
    """The innermost of ``layers`` with the parameter at ``path``; empty if there is none."""
    while path and path not in layers:
        path = path.rpartition("/")[0]
    return path


T = TypeVar("T", LayerHealth, ParameterHealth)


def by_path(samples: Sequence[Sequence[T]]) -> dict[str, list[T]]:
    """The measurements of each layer or parameter, the earliest first."""
    series: dict[str, list[T]] = {}
    for sample in samples:
        for health in sample:
            series.setdefault(health.path, []).append(health)
    return series


def kernels(parameters: Mapping[str, list[ParameterHealth]]) -> dict[str, list[ParameterHealth]]:
    """The parameters that are kernels."""
    return {path: series for path, series in parameters.items() if series[0].kernel}


Curve = npt.NDArray[np.float64]


def curves(samples: Sequence[HealthSample]) -> dict[str, Any]:
    """``steps`` and, by path, the measurements at these steps, each of shape (samples,).

    ``activations`` has the root mean square of the outputs of layers with parameters or with an
    activation that can die or saturate, ``silent`` the share of their units that are dead or of
    their outputs that are saturated, ``gradients`` and ``updates`` those of kernels over the
    weight.
    """
    layers = by_path([sample.layers for sample in samples])
    parameters = by_path([sample.parameters for sample in samples])
    with_parameters = {layer_of(path, layers) for path in parameters}
    shares = {path: _dead_or_saturated(series) for path, series in layers.items()}
    silent = {path: curve for path, curve in shares.items() if curve is not None}
    shown = {path: layers[path] for path in layers if path in with_parameters or path in silent}
    return {
        "steps": np.array([sample.step for sample in samples]),
        "activations": _curves(shown, "rms"),
        "gradients": _curves(kernels(parameters), "gradient_ratio"),
        "updates": _curves(kernels(parameters), "update_ratio"),
        "silent": silent,
    }


def _curves(series: Mapping[str, Sequence[Any]], measure: str) -> dict[str, Curve]:
    return {
        path: np.array([getattr(health, measure) for health in healths])
        for path, healths in series.items()
    }


def _dead_or_saturated(series: Sequence[LayerHealth]) -> Curve | None:
    shares = [health.saturated if health.dead is None else health.dead for health in series]
    return None if None in shares else np.array(shares, np.float64)
