"""Base class of layers that convert raw inputs, such as texts, to arrays outside compiled code."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.module import Module


class RawInputLayer(Module):
    """Base of layers that convert texts, table rows and the like to arrays.

    Subclasses write ``accepts`` and ``convert``. ``fit``, ``evaluate`` and ``predict`` convert the
    inputs of a model once, on the host, with the raw input layer that it contains; arrays that are
    already converted pass through it. Everything that the layer has learned must be among the
    arguments of its constructor, which ``save`` writes to the file.
    """

    def accepts(self, x: Any) -> bool:
        """Whether ``x`` is raw input that this layer can convert."""
        raise NotImplementedError(f"{type(self).__name__} needs a method accepts(x).")

    def convert(self, x: Any) -> np.ndarray:
        """Convert ``x`` to an array whose first axis is the batch axis."""
        raise NotImplementedError(f"{type(self).__name__} needs a method convert(x).")

    def forward(self, x: Any) -> Any:
        return self.convert(x) if self.accepts(x) else x


def convert_inputs(model: Module, x: Any) -> Any:
    """Convert inputs with the raw input layer of ``model`` that accepts them, if there is one."""
    layers = (module for _, module in model.modules() if isinstance(module, RawInputLayer))
    return next((layer.convert(x) for layer in layers if layer.accepts(x)), x)
