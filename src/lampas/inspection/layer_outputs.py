"""Collect the output of every layer of a model."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..core import context
from ..core.module import Module
from ..layers.base import Layer


def layer_outputs(model: Module, x: Any) -> dict[str, np.ndarray]:
    """Run a model in inference mode and return the output of every layer.

    Args:
        model: any module.
        x: a batch of inputs.

    Returns:
        Outputs by the path of the layer, in the order in which the layers ran. A layer that runs
        more than once contributes its last output.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> from lampas.inspection.layer_outputs import layer_outputs
        >>> model = lp.Sequential([lp.Dense(3, "relu"), lp.Dense(1)])
        >>> outputs = layer_outputs(model, np.ones((2, 4), np.float32))
        >>> {path: output.shape for path, output in outputs.items()}
        {'dense_1': (2, 3), 'dense_2': (2, 1)}
    """
    outputs: dict[str, np.ndarray] = {}

    def record(module: Module, path: str, inputs: tuple[Any, ...], output: Any) -> None:
        if isinstance(module, Layer) and isinstance(output, jax.Array):
            outputs[path or type(module).__name__] = np.asarray(output)

    with context.forward_pass(observe=record):
        model(x)
    return outputs
