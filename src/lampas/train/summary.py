"""Summary of a model: its layers, output shapes and sizes."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from ..core import context
from ..core.errors import Shape, format_shape
from ..core.module import Module, walk_tree
from ..core.terminal import plain
from ..core.variable import Parameter, Variable
from ..layers.base import Layer


@dataclass(frozen=True)
class Row:
    """One call of a layer."""

    path: str
    kind: str
    output: str
    parameters: int
    states: int
    multiplications: int
    bytes: int


@dataclass(frozen=True)
class Summary:
    """A table of a model's layers; print it, or use its ``rows`` and totals.

    ``multiplications`` are those by weights for one example; ``bytes`` is the memory of a layer's
    variables.
    """

    name: str
    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        """Number of trained values."""
        return sum(row.parameters for row in self.rows)

    @property
    def states(self) -> int:
        """Number of values that are not trained: running statistics and frozen parameters."""
        return sum(row.states for row in self.rows)

    @property
    def multiplications(self) -> int:
        """Multiplications by weights for one example."""
        return sum(row.multiplications for row in self.rows)

    @property
    def bytes(self) -> int:
        """Memory of all variables."""
        return sum(row.bytes for row in self.rows)

    def __str__(self) -> str:
        from rich.console import Console
        from rich.table import Table

        table = Table("layer", "kind", "output", title=self.name, title_justify="left")
        for heading in ("parameters", "multiplications", "bytes"):
            table.add_column(heading, justify="right")
        for row in self.rows:
            counts = (row.parameters + row.states, row.multiplications, row.bytes)
            table.add_row(row.path, row.kind, row.output, *(f"{count:,}" for count in counts))
        table.add_section()
        totals = (self.parameters + self.states, self.multiplications, self.bytes)
        table.add_row("total", "", "", *(f"{count:,}" for count in totals))
        text = io.StringIO()
        Console(file=text, width=100).print(table)
        not_trained = f", {self.states:,} not" if self.states else ""
        return plain(f"{text.getvalue()}{self.parameters:,} parameters are trained{not_trained}.")

    __repr__ = __str__


def summarize(model: Module, input_shape: Shape) -> Summary:
    """Call the model on shapes alone and record every call of a layer."""
    rows: list[Row] = []
    seen: set[int] = set()

    def note(module: Module, path: str, inputs: tuple[Any, ...], output: Any) -> None:
        variables = _variables(module)
        if isinstance(module, Layer) or variables:
            new = [variable for variable in variables if id(variable) not in seen]
            seen.update(map(id, new))
            rows.append(_row(module, path, inputs, output, new))

    def call(x: jax.Array) -> Any:
        with context.forward_pass(observe=note):
            return model(x)

    jax.eval_shape(call, jax.ShapeDtypeStruct((1, *input_shape), jnp.float32))
    return Summary(type(model).__name__, tuple(rows))


def _variables(module: Module) -> list[Variable]:
    """The variables of a module; for a layer also those of its parts, such as a cell."""
    parts = walk_tree(module) if isinstance(module, Layer) else module.children()
    return [part for _, part in parts if isinstance(part, Variable)]


def _row(
    module: Module, path: str, inputs: tuple[Any, ...], output: Any, variables: list[Variable]
) -> Row:
    parameters = [v for v in variables if isinstance(v, Parameter) and not module.frozen]
    size = sum(v.size for v in parameters)
    products = 0
    if isinstance(module, Layer):
        first = jax.tree.leaves(output)[0]
        products = module.multiplications(inputs[0].shape, first.shape)
    shapes = [format_shape((None, *leaf.shape[1:])) for leaf in jax.tree.leaves(output)]
    states = sum(v.size for v in variables) - size
    stored = sum(v.size * v.value.dtype.itemsize for v in variables)
    kind = type(module).__name__
    return Row(path or kind, kind, ", ".join(shapes), size, states, products, stored)
