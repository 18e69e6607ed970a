"""Inputs without values: a module that is called on one adds itself to a graph."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Symbolic(ABC):
    """Base of the symbolic tensors, which ``lampas.graph`` implements."""

    @abstractmethod
    def call_module(self, module: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """The symbolic outputs of a module for inputs among which this tensor is."""


def find_symbolic(value: Any) -> Symbolic | None:
    """The first symbolic tensor in a tree of tuples, lists and dicts; None if there is none."""
    if isinstance(value, Symbolic):
        return value
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, tuple | list):
        return None
    return next((symbolic for item in value if (symbolic := find_symbolic(item)) is not None), None)
