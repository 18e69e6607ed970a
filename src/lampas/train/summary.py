"""What a model consists of: every layer that a call on shapes runs, with its output and sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ..core import context
from ..core.build import infer_shapes
from ..core.errors import format_shape
from ..core.module import Module
from ..core.variable import Variable
from ..graph import Graph
from ..graph.tensor import UNKNOWN_SIZES
from ..layers.base import Layer
from ..layers.network import Network
from .input_shapes import shape_structs
from .summary_table import Row, SummaryTable
from .trainable import Trainable

UNKNOWN_SHAPE_HINT = (
    "The sizes depend on the input: begin with Input((28, 28, 1)), write "
    "model.summary((28, 28, 1)), or call the model on data."
)


@dataclass
class _Call:
    """All calls of a module by another one."""

    module: Module
    path: str
    outputs: list[tuple[int | None, ...]] = field(default_factory=list)
    """Different shapes of outputs."""
    multiplications: int | None = None
    count: int = 1
    parts: dict[int, _Call] = field(default_factory=dict)
    """What it calls itself, by the identity of the module."""

    def merge(self, other: _Call) -> None:
        """Add further calls of the same module."""
        self.outputs += [shape for shape in other.outputs if shape not in self.outputs]
        self.multiplications = _sum([self.multiplications, other.multiplications])
        self.count += other.count
        for part in other.parts.values():
            _add(self.parts, part)

    def forget_differences(self, other: _Call) -> None:
        """Make unknown what differs from the same calls on inputs of other sizes."""
        self.outputs = [
            tuple(a if a == b else None for a, b in zip(*shapes, strict=True))
            for shapes in zip(self.outputs, other.outputs, strict=True)
        ]
        if self.multiplications != other.multiplications:
            self.multiplications = None
        for mine, its in zip(self.parts.values(), other.parts.values(), strict=True):
            mine.forget_differences(its)


def _add(calls: dict[int, _Call], call: _Call) -> None:
    first = calls.setdefault(id(call.module), call)
    if first is not call:
        first.merge(call)


def _sum(numbers: Iterable[int | None]) -> int | None:
    total = 0
    for number in numbers:
        if number is None:
            return None
        total += number
    return total


def summarize(model: Trainable, shapes: Any = None) -> SummaryTable:
    """The summary of a model.

    Args:
        model: the model; built, unless the shape of its input is not known. Each part has a row
            without an output then.
        shapes: shapes of the inputs, in place of those that the model knows.
    """
    root = _run(model, shapes)
    calls = [] if root is None else [*_top(root.parts, model.layers)]
    called = set() if root is None else {*_modules(root)}
    for path, part in model.children():
        if isinstance(part, Module) and part not in called:
            calls.append(_uncalled(part, path))
    trained = {id(variable) for variable in model.parameters().values()}
    connections: dict[int, list[str]] = {}
    for _, part in model.modules():
        if isinstance(part, Network) and part._graph is not None:
            connections |= _connections(part._graph)
    rows = [_row(call, trained, connections) for call in calls]
    variables = [part for _, part in model.children() if isinstance(part, Variable)]
    if variables:
        rows.append(_row(_Call(model, "", multiplications=0), trained, {}, variables))
    parameters, states, memory = _sizes(Module.variables(model).values(), trained)
    return SummaryTable(
        f"{model.name} ({type(model).__name__})",
        tuple(rows),
        parameters,
        states,
        _sum(row.multiplications for row in rows),
        memory,
        _optimizer_values(model),
        UNKNOWN_SHAPE_HINT if root is None and not all(row.outputs for row in rows) else "",
    )


def _run(model: Trainable, shapes: Any = None) -> _Call | None:
    """The call of a model, with all that it calls; None if the inputs are not known."""
    examples = _example_inputs(model, shapes)
    if not examples:
        return None
    call = _record(model, examples[0])
    if len(examples) > 1:
        call.forget_differences(_record(model, examples[1]))
    return call


def _uncalled(part: Module, path: str) -> _Call:
    """The row of a part that the model does not call, such as the discriminator of a GAN."""
    call = None
    if isinstance(part, Trainable):
        part.variables()  # created now if the inputs are declared
        call = _run(part)
    return _Call(part, path) if call is None else replace(call, path=path)


def _modules(call: _Call) -> Iterator[Module]:
    yield call.module
    for part in call.parts.values():
        yield from _modules(part)


def _example_inputs(model: Trainable, shapes: Any) -> Sequence[Any]:
    """Inputs without values, two that differ where sizes are not known; none for unknown inputs."""
    graph = model._graph
    shapes = model.example_shape if shapes is None else shapes
    if graph is not None:
        first, second = (_graph_structs(graph, index) for index in range(2))
    elif shapes is not None:
        first, second = (shape_structs(shapes, size) for size in UNKNOWN_SIZES)
    else:
        return [] if model._inputs is None else [model._inputs]
    return [first] if first == second else [first, second]


def _graph_structs(graph: Graph, index: int) -> Any:
    """The inputs of a graph, of the shapes of one of the two examples."""
    return jax.tree.map(
        lambda tensor: jax.ShapeDtypeStruct((1, *tensor.examples[index][1:]), tensor.dtype),
        graph.inputs,
    )


def _record(model: Module, inputs: Any) -> _Call:
    """The calls that ``model`` makes for inputs of these shapes."""
    levels: dict[int, dict[int, _Call]] = {}

    def note(module: Module, path: str, inputs: tuple[Any, ...], output: Any) -> None:
        # Called after the module, and so after those that it calls.
        depth = len(ctx.stack)
        parts = levels.pop(depth + 1, {})
        products = _sum(part.multiplications for part in parts.values())
        shapes = [leaf.shape for leaf in jax.tree.leaves(output) if hasattr(leaf, "shape")]
        if isinstance(module, Layer) and shapes and products is not None:
            products += module.multiplications(jax.tree.leaves(inputs)[0].shape, shapes[0])
        outputs = [(None, *shape[1:]) for shape in shapes]
        _add(levels.setdefault(depth, {}), _Call(module, path, outputs, products, parts=parts))

    with context.forward_pass(observe=note) as ctx:
        zeros = partial(jax.tree.map, lambda x: jnp.zeros(x.shape, x.dtype), inputs)
        infer_shapes([model], lambda: model(zeros()))
    return levels[1].popitem()[1]


def _top(calls: dict[int, _Call], layers: Iterable[Module]) -> Iterator[_Call]:
    """The calls that have a row: of the model's ``layers``, wherever they are called."""
    ids = {id(layer) for layer in layers}
    for key, call in calls.items():
        if call.parts and key not in ids and not isinstance(call.module, Layer):
            yield from _top(call.parts, layers)
        else:
            yield call


def _connections(graph: Graph) -> dict[int, list[str]]:
    """Of each module in a graph with branches, the names of those whose outputs it takes."""
    sources = [[tensor.node for tensor in node.inputs] for node in graph.nodes]
    is_chain = sources == [[], *([node] for node in graph.nodes[:-1])]
    if is_chain and all(len(node.outputs) == 1 for node in graph.nodes):
        return {}
    names: dict[int, list[str]] = {}
    for node in graph.nodes:
        for tensor in node.inputs:
            outputs = tensor.node.outputs
            index = next(i for i, output in enumerate(outputs) if output is tensor)
            name = f"{tensor.name}[{index}]" if len(outputs) > 1 else tensor.name
            names.setdefault(id(node.module), []).append(name)
    return names


def _row(
    call: _Call,
    trained: set[int],
    connections: dict[int, list[str]],
    variables: list[Variable] | None = None,
) -> Row:
    """The row of a module: with all variables inside, or the given ones."""
    module, kind = call.module, type(call.module).__name__
    if variables is None:
        variables = [*Module.variables(module).values()]
    parameters, states, memory = _sizes(variables, trained)
    name = module._name or module._automatic_name or call.path.rpartition("/")[2] or kind
    is_known = call.multiplications is not None or bool(call.outputs or variables)
    return Row(
        call.path or kind,
        name,
        kind,
        tuple(map(format_shape, call.outputs)),
        parameters if is_known else None,
        states,
        call.multiplications,
        memory,
        inputs=tuple(connections.get(id(module), ())),
        calls=call.count,
        parts=tuple(_row(part, trained, connections) for part in call.parts.values()),
    )


def _sizes(variables: Iterable[Variable], trained: set[int]) -> tuple[int, int, int]:
    """Number of trained values, of others, and bytes of all."""
    sizes = [0, 0]
    memory = 0
    for variable in variables:
        sizes[id(variable) not in trained] += variable.size
        memory += variable.size * variable.value.dtype.itemsize
    return sizes[0], sizes[1], memory


def _optimizer_values(model: Trainable) -> int:
    """Number of values that the optimizer of ``compile`` keeps between steps."""
    options = model._compile_options
    if options is None or options.optimizer.opt_state is None:
        return 0
    return sum(leaf.size for leaf in jax.tree.leaves(options.optimizer.opt_state.value))
