"""Graphs: the calls between the inputs and the outputs of a model."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ..core.errors import ArgumentError, Shape, ShapeError, format_shape
from ..core.masks import get_mask, set_mask
from ..core.module import Module, describe_arrays
from .tensor import Node, SymbolicShape, SymbolicTensor


@dataclass(frozen=True)
class TensorRef:
    """A symbolic tensor as data: the index of its call in a list, and of it among the outputs."""

    call: int
    output: int


@dataclass(frozen=True)
class Call:
    """A node as data, in which :class:`TensorRef` takes the place of tensors."""

    module: Module
    args: Any
    options: Any
    output: Any
    examples: tuple[Any, ...]
    """Two shapes and the dtype of each output."""


class Graph:
    """The calls that lead from symbolic inputs to outputs.

    Args:
        inputs: a symbolic tensor, or a list, tuple or dict of such. Lists in a list, as in
            ``[model.inputs]``, are joined.
        outputs: the same; a list of one stands for that one.

    Raises:
        ArgumentError: for anything but symbolic tensors, for two inputs or two layers of one name,
            and if an output needs an input that is not among the inputs.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.inputs, self.outputs = _flat(inputs), _flat(outputs)
        if isinstance(self.outputs, list | tuple) and len(self.outputs) == 1:
            (self.outputs,) = self.outputs
        self.input_tensors: list[SymbolicTensor] = _leaves(self.inputs)
        self.output_tensors: list[SymbolicTensor] = _leaves(self.outputs)
        _check_tensors(self.input_tensors, "inputs")
        _check_tensors(self.output_tensors, "outputs")
        self.nodes = self._sorted_nodes()
        calls = {id(node.module): node for node in self.nodes}.values()
        names = Counter((bool(node.inputs), node.module._name) for node in calls)
        for (is_layer, name), count in names.items():
            if name is not None and count > 1:
                kind, call = ("layers", "Dense(8") if is_layer else ("inputs", "Input(shape")
                raise ArgumentError(
                    f"two {kind} are named {name!r}. Name each one: {call}, name=...)."
                )

    @property
    def input_names(self) -> list[str]:
        """Names of the inputs: the keys of a dict, or those of the modules that return them."""
        return _keys(self.inputs) or _unique_names(self.input_tensors)

    @property
    def output_names(self) -> list[str]:
        """Names of the outputs: the keys of a dict, or those of the modules that return them."""
        return _keys(self.outputs) or _unique_names(self.output_tensors)

    @property
    def modules(self) -> list[Module]:
        """The modules that are called, in the order of the calls, each once."""
        return list({id(node.module): node.module for node in self.nodes}.values())

    @property
    def modules_by_depth(self) -> list[Module]:
        """The modules as Keras orders layers: by the longest way to an output, inputs first.

        Those at the same depth come in the order of a walk from the outputs to the inputs.
        """
        depths: dict[int, int] = {}
        for node in reversed(self.nodes):
            depth = depths[id(node.module)] = max(
                depths.get(id(node), 0), depths.get(id(node.module), 0)
            )
            for tensor in node.inputs:
                key = id(tensor.node)
                depths[key] = max(depths.get(key, 0), depth + 1)
        inside, order = set(map(id, self.nodes)), dict[int, int]()
        waiting = [tensor.node for tensor in reversed(self.output_tensors)]
        while waiting:
            node = waiting.pop()
            if id(node) in inside:
                inside.discard(id(node))
                order.setdefault(id(node.module), len(order))
                waiting += [tensor.node for tensor in reversed(node.inputs)]
        return sorted(self.modules, key=lambda m: (-depths[id(m)], order.get(id(m), len(order))))

    def run(self, x: Any) -> Any:
        """The outputs for inputs.

        Args:
            x: arrays, in the form of the symbolic inputs, as a sequence in their order, or as a
                dict by their names.

        Raises:
            ArgumentError: for too few, too many or unknown inputs.
            ShapeError: for an input of another shape.
        """
        values = dict(zip(map(id, self.input_tensors), self._match(x), strict=True))

        def value(leaf: Any) -> Any:
            return values[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf

        for node in self.nodes:
            if all(id(tensor) in values for tensor in node.outputs):
                arrays = [node.module(values[id(tensor)]) for tensor in node.outputs]
            else:
                args, options = jax.tree.map(value, (node.args, node.options))
                arrays = jax.tree.leaves(node.module(*args, **options))
            values |= zip(map(id, node.outputs), arrays, strict=True)
        return jax.tree.map(value, self.outputs)

    def example_inputs(self) -> Any:
        """Zeros in the form of the inputs; sizes that are not known are those of examples."""
        return jax.tree.map(
            lambda tensor: jax.numpy.zeros((1, *tensor.examples[0][1:]), tensor.dtype), self.inputs
        )

    def _match(self, x: Any) -> list[Any]:
        """The arrays of the inputs in their order."""
        names = self.input_names
        if isinstance(x, dict):
            if unknown := [name for name in x if name not in names]:
                raise ArgumentError(
                    f"the model has no input named {unknown[0]!r}; its inputs are {names}."
                )
            if missing := [name for name in names if name not in x]:
                raise ArgumentError(f"the input {missing[0]!r} is missing; got {list(x)}.")
            arrays = [x[name] for name in names]
        else:
            several = isinstance(x, list | tuple)
            if several and len(names) == 1:  # a list of numbers or lists is one array
                several = any(hasattr(part, "shape") for part in x)
            arrays = list(x) if several else [x]
        if len(arrays) != len(names):
            raise ArgumentError(
                f"the model has {len(names)} input{'s' if len(names) > 1 else ''}, {names}, got "
                f"{len(arrays)}: {describe_arrays(x)}."
            )
        expected_shapes = [tensor.shape for tensor in self.input_tensors]
        arrays = list(map(adjust_rank, arrays, expected_shapes))
        for name, expected, array in zip(names, expected_shapes, arrays, strict=True):
            shape = np.shape(array)
            if not _fits(shape, expected):
                raise ShapeError(
                    f"the input {name!r} has shape {format_shape(expected)}, got "
                    f"{format_shape(shape)}. Pass such inputs, or change Input(shape)."
                )
        return arrays

    def _sorted_nodes(self) -> list[Node]:
        """The nodes between inputs and outputs, in the order in which they were called."""
        input_ids = {id(tensor) for tensor in self.input_tensors}
        nodes = {id(tensor.node): tensor.node for tensor in self.input_tensors}
        nodes = {key: node for key, node in nodes.items() if not node.inputs}
        waiting = [tensor for tensor in self.output_tensors if id(tensor) not in input_ids]
        while waiting:
            node = waiting.pop().node
            if id(node) in nodes:
                continue
            if not node.inputs:
                raise ArgumentError(
                    f"the outputs need the input {node.outputs[0]!r}, which is not among the "
                    f"inputs {self.input_names}. Add it: Model(inputs=[...], outputs)."
                )
            nodes[id(node)] = node
            waiting += [tensor for tensor in node.inputs if id(tensor) not in input_ids]
        return sorted(nodes.values(), key=lambda node: node.number)

    def __getstate__(self) -> dict[str, Any]:
        calls, (inputs, outputs) = flatten((self.inputs, self.outputs))
        return {"calls": calls, "inputs": inputs, "outputs": outputs}

    def __setstate__(self, state: dict[str, Any]) -> None:
        inputs, outputs = unflatten(state["calls"], (state["inputs"], state["outputs"]))
        Graph.__init__(self, inputs, outputs)


def flatten(tree: Any) -> tuple[list[Call], Any]:
    """The calls that lead to the symbolic tensors of a tree, and the tree with references to them.

    Recursion over a deep graph, which copying and writing would need otherwise, is avoided.
    """
    waiting = [leaf.node for leaf in jax.tree.leaves(tree) if isinstance(leaf, SymbolicTensor)]
    nodes: dict[int, Node] = {}
    while waiting:
        node = waiting.pop()
        if id(node) not in nodes:
            nodes[id(node)] = node
            waiting += [tensor.node for tensor in node.inputs]
    ordered = sorted(nodes.values(), key=lambda node: node.number)
    refs = {
        id(tensor): TensorRef(i, k)
        for i, node in enumerate(ordered)
        for k, tensor in enumerate(node.outputs)
    }

    def refer(tree: Any) -> Any:
        return jax.tree.map(
            lambda leaf: refs[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf, tree
        )

    calls = [
        Call(
            node.module, refer(node.args), refer(node.options), refer(node.output),
            tuple((*tensor.examples, tensor.dtype) for tensor in node.outputs),
        )
        for node in ordered
    ]  # fmt: skip
    return calls, refer(tree)


def unflatten(calls: list[Call], tree: Any) -> Any:
    """The tree with symbolic tensors again, which :func:`flatten` replaced by references."""
    tensors: dict[TensorRef, SymbolicTensor] = {}

    def resolve(tree: Any) -> Any:
        return jax.tree.map(
            lambda leaf: tensors[leaf] if isinstance(leaf, TensorRef) else leaf, tree
        )

    for i, call in enumerate(calls):
        node = Node(call.module, resolve(call.args), resolve(call.options))
        for k, (first, second, dtype) in enumerate(call.examples):
            tensors[TensorRef(i, k)] = SymbolicTensor((first, second), dtype, node)
        node.output = resolve(call.output)
        call.module.nodes.append(node)
    return resolve(tree)


def adjust_rank(x: Any, shape: SymbolicShape) -> Any:
    """An array with a last axis of size 1 more or less, if it fits the number of axes then.

    Args:
        x: anything; what is no array is returned unchanged.
        shape: the expected shape, batch first.
    """
    if isinstance(x, np.ndarray | jax.Array) and x.ndim:
        if _fits((*x.shape, 1), shape):
            return x[..., None]
        if x.shape[-1] == 1 and _fits(x.shape[:-1], shape):
            return set_mask(x[..., 0], get_mask(x))
    return x


def _fits(shape: Shape, expected: SymbolicShape) -> bool:
    """Whether a shape is the expected one, in which None stands for any size."""
    return len(shape) == len(expected) and all(
        e in (None, size) for e, size in zip(expected, shape, strict=True)
    )


def _unique_names(tensors: list[SymbolicTensor]) -> list[str]:
    """The names of the modules that return the tensors; a name that occurs again gets a number."""
    names: list[str] = []
    for tensor in tensors:
        name, number = tensor.name, 0
        while name in names:
            number += 1
            name = f"{tensor.name}_{number}"
        names.append(name)
    return names


def _check_tensors(leaves: list[Any], argument: str) -> None:
    if not leaves:
        raise ArgumentError(f"Model: {argument} is empty.")
    for leaf in leaves:
        if not isinstance(leaf, SymbolicTensor):
            hint = " Call the layer: layer(x)." if isinstance(leaf, Module) else ""
            raise ArgumentError(
                f"Model: {argument} must be symbolic tensors, made by Input(shape) and by layers "
                f"that are called on them; got {leaf!r:.80}.{hint}"
            )


def _flat(tree: Any) -> Any:
    if isinstance(tree, list | tuple) and any(isinstance(part, list | tuple) for part in tree):
        return jax.tree.leaves(tree)
    return tree


def _leaves(tree: Any) -> list[Any]:
    if isinstance(tree, dict):
        return [tree[key] for key in tree]
    return list(tree) if isinstance(tree, list | tuple) else [tree]


def _keys(tree: Any) -> list[str]:
    return list(tree) if isinstance(tree, dict) else []
