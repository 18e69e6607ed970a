"""A chain of layers: each gets the output of the one before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ..core.errors import ArgumentError
from ..core.lookup import snake_case
from ..core.module import Module
from ..core.variable import VALUES_LOCK, Variable
from ..layers.augmentation.affine import apply_affine, group_consecutive, start_affine
from ..layers.base import is_built
from .model import Model


class Sequential(Model):
    """A chain of layers: ``Sequential([Dense(8, "relu"), Dense(1)])``, or ``add`` one by one.

    Layers are named by class and number (``"dense_1"``) unless they have a name. If the first one
    has an ``input_shape``, or is an ``Input``, the weights are created when they are first used.

    Args:
        layers: modules in the order in which they are called.

    Raises:
        ArgumentError: for an argument that is not a layer, or two layers of one name.

    Example:
        >>> import lampas as lp
        >>> model = lp.Sequential([lp.Input((3,)), lp.Dense(8, "relu"), lp.Dense(1)])
        >>> [path for path in model.variables()]
        ['dense_1/kernel', 'dense_1/bias', 'dense_2/kernel', 'dense_2/bias']
    """

    def __init__(self, layers: Iterable[Module] = ()) -> None:
        self.layers: list[Module] = []
        for layer in layers:
            self.add(layer)

    def add(self, layer: Module | object) -> None:
        """Add a layer at the end.

        Args:
            layer: any module.

        Raises:
            ArgumentError: for an argument that is not a layer, or a name that is taken.
        """
        if not isinstance(layer, Module):
            hint = f" Write {layer.__name__}(...)." if isinstance(layer, type) else ""
            raise ArgumentError(f"Sequential takes layers, got {layer!r}.{hint}")
        if not self.layers:
            self.input_shape = getattr(layer, "input_shape", None)
        name = getattr(layer, "name", None)
        if name and name in [getattr(other, "name", None) for other in self.layers]:
            raise ArgumentError(f"two layers of a Sequential are named {name!r}.")
        self.layers.append(layer)
        if type(self).__init__ is Sequential.__init__:
            self.init_arguments = ((self.layers,), {})

    def forward(self, x: Any) -> Any:
        for run in group_consecutive(self.layers):
            # Consecutive rotations, translations and zooms are one resampling.
            if len(run) > 1:
                x = start_affine(x)
            for layer in run:
                x = layer(x)
            x = apply_affine(x)
        return x

    def children(self) -> Iterator[tuple[str, Module | Variable]]:
        """The layers under their names."""
        names = [getattr(layer, "name", None) for layer in self.layers]
        counts: Counter[str] = Counter()
        for layer, name in zip(self.layers, names, strict=True):
            kind = snake_case(type(layer).__name__)
            counts[kind] += 1
            while f"{kind}_{counts[kind]}" in names:
                counts[kind] += 1
            yield name or f"{kind}_{counts[kind]}", layer

    def variables(self) -> dict[str, Variable]:
        """All variables by path; they are created now if the input's shape is known."""
        with VALUES_LOCK:
            if self.input_shape is not None and not self._building and not is_built(self):
                self._building = True
                try:
                    self.build(self.input_shape)
                finally:
                    self._building = False
            return super().variables()

    _building = False
