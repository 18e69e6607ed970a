"""A chain of layers: each gets what the one before it gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ..core.errors import ArgumentError
from ..core.module import Module
from ..core.registry import snake_case
from ..core.variable import Variable
from ..layers.augmentation.affine import begin, resolve, runs
from ..layers.base import is_built
from .model import Model


class Sequential(Model):
    """``Sequential([Dense(8, "relu"), Dense(1)])``, or ``Sequential()`` and ``add``.

    Layers are named by kind and number (``"dense_1"``) unless they bring a name. If the first one
    has an ``input_shape``, or is an ``Input``, the weights are there from the first look at them.
    """

    def __init__(self, layers: Iterable[Module] = ()) -> None:
        self.layers: list[Module] = []
        for layer in layers:
            self.add(layer)

    def add(self, layer: Module | object) -> None:
        """Put a layer at the end.

        Raises:
            ArgumentError: for something that is no layer.
        """
        if not isinstance(layer, Module):
            hint = "; make one of the class: add ()" if isinstance(layer, type) else ""
            raise ArgumentError(f"Sequential takes layers, got {layer!r}{hint}.")
        if not self.layers:
            self.input_shape = getattr(layer, "input_shape", None)
        name = getattr(layer, "name", None)
        if name and name in [getattr(other, "name", None) for other in self.layers]:
            raise ArgumentError(f"two layers of a Sequential are named {name!r}.")
        self.layers.append(layer)
        if type(self).__init__ is Sequential.__init__:
            self._arguments = ((self.layers,), {})

    def forward(self, x: Any) -> Any:
        for run in runs(self.layers):
            # Turning, moving and zooming in a row are one resampling.
            if len(run) > 1:
                x = begin(x)
            for layer in run:
                x = layer(x)
            x = resolve(x)
        return x

    def members(self) -> Iterator[tuple[str, Module | Variable]]:
        """The layers under their names."""
        names = [getattr(layer, "name", None) for layer in self.layers]
        counts: Counter[str] = Counter()
        for layer, given in zip(self.layers, names, strict=True):
            kind = snake_case(type(layer).__name__)
            counts[kind] += 1
            while f"{kind}_{counts[kind]}" in names:
                counts[kind] += 1
            yield given or f"{kind}_{counts[kind]}", layer

    def variables(self) -> dict[str, Variable]:
        """All variables by path; they are made now if the input's shape is known."""
        if self.input_shape is not None and not self._building and not is_built(self):
            self._building = True
            try:
                self.build(self.input_shape)
            finally:
                self._building = False
        return super().variables()

    _building = False
