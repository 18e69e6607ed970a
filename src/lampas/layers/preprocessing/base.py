"""Layers that turn raw things into arrays before anything is compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...core.module import Module


class Reader(Module):
    """Base of what reads texts, rows and the like: the first part of a model that takes them raw.

    Write ``reads`` and ``read`` in your own class. ``fit``, ``evaluate`` and ``predict`` let the
    reader of a model read its inputs on the host, once; arrays that it has made pass through it.
    What it has learnt must be among the arguments of its constructor, which ``save`` writes.
    """

    def reads(self, x: Any) -> bool:
        """Whether ``x`` is raw, and of the kind that this reader reads."""
        raise NotImplementedError(f"{type(self).__name__} needs a method reads(x).")

    def read(self, x: Any) -> np.ndarray:
        """The arrays that the rest of the model takes; first axis the examples."""
        raise NotImplementedError(f"{type(self).__name__} needs a method read(x).")

    def forward(self, x: Any) -> Any:
        return self.read(x) if self.reads(x) else x


def read(model: Module, x: Any) -> Any:
    """Inputs as the reader of a model makes them; as they are if it has none for them."""
    readers = (part for _, part in model.modules() if isinstance(part, Reader))
    return next((reader.read(x) for reader in readers if reader.reads(x)), x)
