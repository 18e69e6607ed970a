"""What is measured of a network in the middle of a fit.

Samples of a fit's health as curves over its steps.
"""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt


class LayerHealth(NamedTuple):
    """The outputs of one layer for a batch, all its calls together, masked steps left out.

    ``rms`` is the root of the mean square. ``dead`` is the share of units (of the last axis) that
    are 0 for every example, None where the activation is no ReLU; ``saturated`` the share of
    outputs at the flat ends of a sigmoid or tanh, None for others and for the model's own outputs,
    which are there where a model is sure.
    """

    path: str
    rms: float
    mean: float
    dead: float | None
    saturated: float | None


class ParameterHealth(NamedTuple):
    """Euclidean norms of one parameter, of its gradient, and of the step the optimizer would make.

    ``kernel`` is true for matrices and filters that all examples share: not for biases, scales and
    tables of embeddings, whose sizes follow other rules.
    """

    path: str
    weight: float
    gradient: float
    update: float
    kernel: bool

    @property
    def ratio(self) -> float:
        """The update over the weight; NaN for a weight of 0."""
        return self.update / self.weight if self.weight else math.nan

    @property
    def pull(self) -> float:
        """The gradient over the weight; NaN for a weight of 0."""
        return self.gradient / self.weight if self.weight else math.nan


class Sample(NamedTuple):
    """A look at a fit after ``step`` steps; ``loss`` is the mean of the running epoch so far.

    Layers are in the order in which they ran, parameters in the order of their layers.
    """

    step: int
    epoch: int
    loss: float
    layers: tuple[LayerHealth, ...]
    parameters: tuple[ParameterHealth, ...]


def as_sample(
    step: int, epoch: int, loss: float, layers: Sequence[Any], parameters: Sequence[Any]
) -> Sample:
    """A sample from its parts as plain tuples."""
    return Sample(
        step,
        epoch,
        loss,
        tuple(LayerHealth(*layer) for layer in layers),
        tuple(ParameterHealth(*parameter) for parameter in parameters),
    )


def owner(path: str, layers: Container[str]) -> str:
    """The innermost of ``layers`` that the parameter at ``path`` is in; empty if none is."""
    while path and path not in layers:
        path = path.rpartition("/")[0]
    return path


T = TypeVar("T", LayerHealth, ParameterHealth)


def by_path(samples: Sequence[Sequence[T]]) -> dict[str, list[T]]:
    """What was measured at each layer or parameter, the earliest first."""
    found: dict[str, list[T]] = {}
    for sample in samples:
        for one in sample:
            found.setdefault(one.path, []).append(one)
    return found


def kernels(parameters: Mapping[str, list[ParameterHealth]]) -> dict[str, list[ParameterHealth]]:
    """Those of them that are kernels."""
    return {path: of for path, of in parameters.items() if of[0].kernel}


Curve = npt.NDArray[np.float64]


def curves(samples: Sequence[Sample]) -> dict[str, Any]:
    """``steps`` and, for each path, what was measured then, each of shape (samples,).

    ``activations`` has the root mean square of the outputs of layers that learn or have an
    activation that can fall silent, ``silent`` the share of their units that are dead or of their
    outputs that are saturated, ``gradients`` and ``updates`` those of kernels over the weight.
    """
    layers = by_path([sample.layers for sample in samples])
    parameters = by_path([sample.parameters for sample in samples])
    learn = {owner(path, layers) for path in parameters}
    silent = {path: line for path, of in layers.items() if (line := _silent(of)) is not None}
    return {
        "steps": np.array([sample.step for sample in samples]),
        "activations": {
            path: np.array([one.rms for one in of])
            for path, of in layers.items()
            if path in learn or path in silent
        },
        "gradients": {
            path: np.array([one.pull for one in of]) for path, of in kernels(parameters).items()
        },
        "updates": {
            path: np.array([one.ratio for one in of]) for path, of in kernels(parameters).items()
        },
        "silent": silent,
    }


def _silent(of: Sequence[LayerHealth]) -> Curve | None:
    shares = [one.saturated if one.dead is None else one.dead for one in of]
    return None if None in shares else np.array(shares, np.float64)
