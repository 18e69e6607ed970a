"""Networks: modules that consist of layers, which may be connected by a graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..core.absent import ABSENT, absent
from ..core.errors import ArgumentError, NotBuiltError, Shape, unknown_name
from ..core.module import Module, name_modules
from ..core.overridable import overridable
from ..core.variable import VALUES_LOCK, Variable
from ..graph import Graph, Operation, SymbolicTensor, infer_shape
from ..graph.graph import flatten, unflatten
from .base import is_built
from .input import InputLayer
from .weight_maker import WeightMaker


class Network(WeightMaker):
    """A module made of layers: of a graph, or of the attributes of a class.

    Args:
        inputs: symbolic tensors from :func:`lampas.Input`: one, or a list or dict of them.
        outputs: the symbolic tensors to compute from them, in any of these forms.
        name: name in paths and summaries.
        trainable: whether training changes the parameters.

    Raises:
        ArgumentError: for inputs without outputs, and as :class:`lampas.graph.Graph`.
    """

    example_shape: Shape | None = None
    """Shape of one input, without the batch axis, once known."""
    _graph: Graph | None = None

    def __init__(
        self,
        inputs: Any = None,
        outputs: Any = None,
        *,
        name: str | None = None,
        trainable: bool = True,
    ) -> None:
        self.name = name
        if (inputs is None) != (outputs is None):
            missing = "outputs" if outputs is None else "inputs"
            raise ArgumentError(f"Model needs inputs and outputs; {missing} is missing.")
        if inputs is not None:
            self._set_graph(Graph(inputs, outputs))
        if not trainable:
            self.frozen = True

    @property
    def graph(self) -> Graph | None:
        """The calls from inputs to outputs; None if ``forward`` is free code."""
        return self._graph

    def _set_graph(self, graph: Graph) -> None:
        self._graph = graph
        list(self.children())  # names the modules, before their names are asked for
        if len(graph.input_tensors) == 1:
            self.example_shape = graph.input_tensors[0].shape[1:]  # type: ignore[assignment]

    @property
    def built(self) -> bool:
        """Whether the variables of all layers exist; assignments have no effect."""
        return is_built(self)

    @built.setter
    def built(self, built: bool) -> None:
        pass

    def calls_of(self, part: Module) -> list[Any]:
        """The calls of a part in the graph."""
        graph = self.graph
        return [] if graph is None else [n for n in graph.nodes if n.module is part]

    def forward(self, *inputs: Any) -> Any:
        if self._graph is None:
            return super().forward()
        return self._graph.run(inputs[0] if len(inputs) == 1 else inputs)

    def children(self) -> Iterator[tuple[str, Module | Variable]]:
        """The modules of the graph under their names, and the attributes."""
        if self._graph is not None:
            names = {id(part): name for name, part in self._named(self._graph.modules)}
            yield from ((names[id(part)], part) for part in self._graph.modules_by_depth)
        yield from super().children()

    def _named(self, parts: Iterable[Module]) -> Iterator[tuple[str, Module]]:
        """Parts with their names, of which those without an owner become parts of this network."""
        for name, part in name_modules(parts):
            self.adopt(part)
            part._automatic_name = part._automatic_name or name
            yield name, part

    def variables(self) -> dict[str, Variable]:
        """All variables by path; they are created now if the shapes of the inputs are known."""
        with VALUES_LOCK:
            if not self._building and self._knows_inputs() and not is_built(self):
                self._building = True
                try:
                    self._build()
                finally:
                    self._building = False
            return super().variables()

    _building = False

    def _knows_inputs(self) -> bool:
        """Whether the variables can be created before the first call."""
        return self._graph is not None

    def _build(self) -> None:
        raise NotImplementedError(f"{type(self).__name__} needs a method _build().")

    @overridable
    def layers(self) -> list[Module]:
        """The layers of the graph or among the attributes, each once."""
        parts = [part for _, part in self.children() if isinstance(part, Module)]
        unique = {id(part): part for part in parts if not isinstance(part, Operation)}
        return list(unique.values())

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """A layer by its name or by its index in ``layers``.

        Args:
            name: the name, or the path, of the layer.
            index: its index.

        Raises:
            UnknownNameError: if there is no layer of this name.
            ArgumentError: for an index that is too large, and if not one of the two is passed.
        """
        if (name is None) == (index is None):
            raise ArgumentError("get_layer needs either name or index=, and not both.")
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ArgumentError(f"get_layer: the model has {len(layers)} layers, got {index}.")
            return layers[index]
        by_name = {layer.name: layer for layer in reversed(layers)}
        by_path = {path: part for path, part in self.modules() if path} | by_name
        if name not in by_path:
            raise unknown_name("layer", str(name), by_path)
        return by_path[name]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output, batch first, for an input of a shape.

        Args:
            input_shape: shape with the batch axis, None for sizes that are not known; a list or
                dict of shapes for several inputs.
        """
        return infer_shape(self, input_shape)

    def _require_graph(self, attribute: str) -> Graph:
        """The graph, of which the whole network is one call where ``forward`` is free code."""
        if self.graph is not None:
            return self.graph
        if self.example_shape is None:
            raise NotBuiltError(
                f"the model has no {attribute} yet, since the shape of its input is not known: "
                "begin with Input(shape), or call model.build(shape)."
            )
        tensor = InputLayer(self.example_shape, name="input").tensor()
        return Graph(tensor, self(tensor))

    @overridable
    def inputs(self) -> list[SymbolicTensor]:
        """The symbolic inputs."""
        return self._require_graph("inputs").input_tensors

    @overridable
    def outputs(self) -> list[SymbolicTensor]:
        """The symbolic outputs."""
        return self._require_graph("outputs").output_tensors

    @overridable
    def input(self) -> Any:
        """The symbolic input, or several as they were passed."""
        return self._require_graph("input").inputs

    @overridable
    def output(self) -> Any:
        """The symbolic output, or several as they were passed."""
        return self._require_graph("output").outputs

    @overridable
    def input_names(self) -> list[str]:
        """Names of the inputs of the graph."""
        return self._require_graph("input_names").input_names

    @overridable
    def output_names(self) -> list[str]:
        """Names of the outputs of the graph: keys of a dict, or of the last layers."""
        return self._require_graph("output_names").output_names

    @overridable
    def input_shape(self) -> Any:
        """Shape of the input with the batch axis, None where a size is not known; or of several."""
        if self.example_shape is not None:
            return (None, *self.example_shape)
        return _shapes(self.inputs)

    @overridable
    def output_shape(self) -> Any:
        """Shape of the output with the batch axis, None where a size is not known."""
        return _shapes(self.outputs)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name in ABSENT:
                raise absent(f"{type(self).__name__!r} object", name)
            return object.__getattribute__(self, name)  # raises the usual error

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        if self._graph is not None:
            tree = self.init_arguments, self._graph.inputs, self._graph.outputs
            state["_graph"], state["init_arguments"] = flatten(tree)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        if self._graph is not None:
            calls: Any = self._graph
            self.init_arguments, inputs, outputs = unflatten(calls, state["init_arguments"])
            self._set_graph(Graph(inputs, outputs))


def declared_shape(module: Module) -> Shape | None:
    """The shape of one input that a layer or network was created for, without the batch axis."""
    name = "example_shape" if isinstance(module, Network) else "input_shape"
    shape: Shape | None = getattr(module, name, None)
    return shape


def _shapes(tensors: list[SymbolicTensor]) -> Any:
    shapes = [tensor.shape for tensor in tensors]
    return shapes[0] if len(shapes) == 1 else shapes
