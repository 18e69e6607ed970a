"""Find the inputs that layers take as indices, such as token ids, and check them on the host.

Compiled code cannot raise an error for an index that is not in a table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
from jax.dtypes import canonicalize_dtype

from ...core import context
from ...core.functional import preserve_values
from ...core.module import Module
from ...layers.embedding import check_indices
from ..source import row_blocks
from ..step import Tree

_Selection = tuple[slice, ...]

_CASTS = {"convert_element_type", "copy"}
_NEW_SHAPES = {"broadcast_in_dim", "expand_dims", "reshape", "squeeze", "transpose"}
"""Operations whose output has the values of their input."""


class IndexInput(NamedTuple):
    """A part of an input that a layer takes as indices.

    ``leaf`` is the number of the input, ``selections`` are what is taken of it, one after the
    other, ``size`` is the number of rows of the table.
    """

    leaf: int
    selections: list[_Selection]
    size: int
    layer: str


class IndexChecks:
    """Checks the inputs of a model that has been built.

    Args:
        model: the model; its layers that take indices have an attribute ``num_indices``.
    """

    def __init__(self, model: Module) -> None:
        self.model = model
        self._takes_indices = any(hasattr(part, "num_indices") for _, part in model.modules())
        self._inputs: dict[Any, list[IndexInput]] = {}

    def __call__(self, x: Tree, name: str = "x") -> None:
        """Check inputs, first axis the examples.

        Args:
            x: the inputs.
            name: their name in error messages.

        Raises:
            DataError: for an index that is not in the table of the layer that takes it.
        """
        if not self._takes_indices:
            return
        leaves, structure = jax.tree.flatten_with_path(x)
        signature = structure, *((leaf.shape[1:], str(leaf.dtype)) for _, leaf in leaves)
        if signature not in self._inputs:
            self._inputs[signature] = list(find_index_inputs(self.model, x))
        for leaf, selections, size, layer in self._inputs[signature]:
            path, array = leaves[leaf]
            label = f"{name}{jax.tree_util.keystr(path)}, input of {layer},"
            for start, rows in row_blocks(array):
                for selection in selections:
                    rows = rows[selection]
                check_indices(rows, size, label, start)


def find_index_inputs(model: Module, x: Tree) -> Iterator[IndexInput]:
    """The inputs, and slices of inputs, that layers of ``model`` take as indices unchanged."""
    leaves, structure = jax.tree.flatten(x)
    layers: list[tuple[str, int]] = []

    def trace(*leaves: jax.Array) -> list[jax.Array]:
        arrays: list[jax.Array] = []

        def record(module: Module, path: str, inputs: tuple[Any, ...], output: Any) -> None:
            if hasattr(module, "num_indices"):
                layers.append((path or type(module).__name__, module.num_indices))
                arrays.append(inputs[0])

        with context.forward_pass(observe=record):
            model(jax.tree.unflatten(structure, leaves))
        return arrays

    examples = [
        jax.ShapeDtypeStruct((1, *leaf.shape[1:]), canonicalize_dtype(leaf.dtype))
        for leaf in leaves
    ]
    try:
        with preserve_values(model.variables().values()):
            jaxpr = jax.make_jaxpr(trace)(*examples).jaxpr
    except jax.errors.JAXTypeError:
        return  # a forward pass that depends on values, or a layer inside a transformation
    producers = {id(output): eqn for eqn in jaxpr.eqns for output in eqn.outvars}
    inputs = {id(variable): number for number, variable in enumerate(jaxpr.invars)}
    for variable, (layer, size) in zip(jaxpr.outvars, layers, strict=True):
        selections: list[_Selection] = []
        while id(variable) in producers:
            eqn = producers[id(variable)]
            if eqn.primitive.name == "slice":
                selections.insert(0, _selection(**eqn.params))
            elif eqn.primitive.name not in (_CASTS if selections else _CASTS | _NEW_SHAPES):
                break
            variable = eqn.invars[0]
        if id(variable) in inputs:
            yield IndexInput(inputs[id(variable)], selections, size, layer)


def _selection(start_indices: Any, limit_indices: Any, strides: Any) -> _Selection:
    """The slices of a slicing operation, for any number of examples."""
    strides = strides or [None] * len(start_indices)
    return (slice(None), *map(slice, start_indices[1:], limit_indices[1:], strides[1:]))
