"""Look inside a model: what each layer gives for some inputs."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from ..core import context
from ..core.module import Module
from ..layers.base import Layer


def layer_outputs(model: Module, x: Any) -> dict[str, np.ndarray]:
    """The output of every layer by path, in the order in which they ran.

    The model runs as it does when it predicts. A layer that runs more than once shows its last
    output.
    """
    found: dict[str, np.ndarray] = {}

    def note(module: Module, path: str, inputs: tuple[Any, ...], output: Any) -> None:
        if isinstance(module, Layer) and isinstance(output, jax.Array):
            found[path or type(module).__name__] = np.asarray(output)

    with context.forward_pass(observe=note):
        model(x)
    return found
