"""A chain of layers: each gets the output of the one before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

import jax

from ..core.errors import ArgumentError
from ..core.module import Module
from ..core.variable import Variable
from ..graph import Graph, SymbolicTensor
from ..graph.graph import adjust_rank
from ..layers.augmentation.affine import apply_affine, group_consecutive, start_affine
from ..layers.input import InputLayer, input_layer_of
from ..layers.network import declared_shape
from .model import Model


class Sequential(Model):
    """A chain of layers: ``Sequential([Dense(8, "relu"), Dense(1)])``, or ``add`` one by one.

    Layers are named by class and number (``"dense_1"``) unless they have a name. If the first one
    has an ``input_shape``, or is an ``Input``, the weights are created when they are first used.

    Args:
        layers: modules in the order in which they are called; the first may be an ``Input``.
        name: name in paths and summaries.
        trainable: whether training changes the parameters.

    Raises:
        ArgumentError: for an argument that is not a layer, or two layers of one name.

    Example:
        >>> import lampas as lp
        >>> model = lp.Sequential([lp.Input((3,)), lp.Dense(8, "relu"), lp.Dense(1)])
        >>> [path for path in model.variables()]
        ['dense_1/kernel', 'dense_1/bias', 'dense_2/kernel', 'dense_2/bias']
    """

    layers: list[Module]
    """The layers in their order, without an ``Input`` at the beginning."""
    _input: InputLayer | None = None
    _chain: tuple[list[Module], Graph] | None = None
    """The layers that were called on symbolic tensors, and the graph of the calls."""
    _transient = (*Model._transient, "_chain")

    def __init__(
        self,
        layers: Iterable[Module | SymbolicTensor] | Module | SymbolicTensor = (),
        *,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name=name, trainable=trainable)
        self.layers = []
        for layer in [layers] if isinstance(layers, Module | SymbolicTensor) else layers:
            self.add(layer)

    def add(self, layer: Module | SymbolicTensor | object) -> None:
        """Add a layer at the end.

        Args:
            layer: any module; at the beginning also an ``Input``.

        Raises:
            ArgumentError: for an argument that is not a layer, or a name that is taken.
        """
        layer = input_layer_of(layer) or layer
        if not isinstance(layer, Module):
            hint = f" Write {layer.__name__}(...)." if isinstance(layer, type) else ""
            raise ArgumentError(f"Sequential takes layers, got {layer!r}.{hint}")
        if not self._parts:
            self.example_shape = declared_shape(layer)
        if layer._name and layer._name in [other._name for other in self._parts]:
            raise ArgumentError(f"two layers of a Sequential are named {layer._name!r}.")
        if isinstance(layer, InputLayer) and not self._parts:
            self._input = layer
        else:
            self.layers.append(layer)
        list(self.children())  # names the layer

    def pop(self, rebuild: bool = True) -> Module:
        """Remove the last layer and return it.

        Args:
            rebuild: has no effect: variables are created when they are first used.

        Raises:
            ArgumentError: if there is no layer.
        """
        if not self.layers:
            raise ArgumentError("pop: the model has no layers.")
        layer = self.layers.pop()
        layer._owner = None
        return layer

    @property
    def _parts(self) -> list[Module]:
        """The input, if there is one, and the layers."""
        return [*([] if self._input is None else [self._input]), *self.layers]

    @property
    def init_arguments(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments that create the model with the layers that it has now."""
        if type(self).__init__ is not Sequential.__init__:
            return self._init_arguments
        return (self._parts,), {"name": self._name} if self._name else {}

    @init_arguments.setter
    def init_arguments(self, arguments: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
        self._init_arguments = arguments

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if self.example_shape is not None:
            config["build_input_shape"] = (None, *self.example_shape)
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        values = dict(config)
        shape = values.pop("build_input_shape", None)
        model = super().from_config(values)
        if shape is not None:
            model.example_shape = tuple(shape[1:])
        return model

    def forward(self, x: Any) -> Any:
        if self.example_shape is not None:
            x = adjust_rank(x, (None, *self.example_shape))
        for run in group_consecutive(self._parts):
            # Consecutive rotations, translations and zooms are one resampling.
            if len(run) > 1:
                x = start_affine(x)
            for layer in run:
                x = layer(x)
            x = apply_affine(x)
        return x

    @property
    def graph(self) -> Graph | None:
        """The chain of the layers as a graph; None if the shape of the input is not known."""
        if self.example_shape is None or not self.layers:
            return None
        if self._chain is None or self._chain[0] != self.layers:
            dtype = getattr(self._inputs, "dtype", None)
            first = self._input or InputLayer(
                self.example_shape, name="input", dtype=None if dtype is None else dtype.name
            )
            tensor = output = first.tensor()
            for layer in self.layers:
                output = layer(output)
            self._chain = [*self.layers], Graph(tensor, output)
        return self._chain[1]

    def calls_of(self, part: Module) -> list[Any]:
        """The calls of a layer in the graph."""
        self._take_input_shape()
        return super().calls_of(part)

    def _require_graph(self, attribute: str) -> Graph:
        self._take_input_shape()
        return super()._require_graph(attribute)

    def _take_input_shape(self) -> None:
        """Declare the shape of the inputs that the model was first called on, if none was."""
        if self.example_shape is None and isinstance(self._inputs, jax.ShapeDtypeStruct):
            self.example_shape = self._inputs.shape[1:]

    def children(self) -> Iterator[tuple[str, Module | Variable]]:
        """The layers under their names."""
        return self._named(self._parts)

    def _knows_inputs(self) -> bool:
        return self.example_shape is not None
