"""Samples of a fit's health as curves over its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .samples import LayerHealth, Sample, by_path, kernels, owner

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
