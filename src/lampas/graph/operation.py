"""Operations: functions of arrays as parts of a graph."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ..core.errors import unknown_name
from ..core.masks import get_mask, set_mask
from ..core.module import Module

FUNCTIONS: dict[str, Callable[..., Any]] = {"getitem": operator.getitem}
"""The functions that an operation may compute, by name; ``lampas.ops`` adds its own."""

ELEMENTWISE = (
    *("absolute", "add", "arctan", "ceil", "clip", "cos", "cosh", "divide", "equal", "exp"),
    *("expm1", "floor", "floor_divide", "greater", "greater_equal", "isfinite", "isnan", "less"),
    *("less_equal", "log", "log1p", "log2", "logical_and", "logical_not", "logical_or"),
    *("maximum", "minimum", "mod", "multiply", "negative", "not_equal", "power", "reciprocal"),
    *("round", "sign", "sin", "sinh", "sqrt", "square", "subtract", "tan", "tanh"),
    *("true_divide", "where"),
)
"""Functions of ``jax.numpy`` whose elements do not depend on each other."""

FUNCTIONS |= {name: getattr(jnp, name) for name in (*ELEMENTWISE, "matmul")}


class Operation(Module):
    """A function of ``lampas.ops`` as a module, which calls on symbolic tensors add to a graph.

    Args:
        function: name of the function.
        name: name in paths and summaries.

    Raises:
        UnknownNameError: for a function that is not in ``lampas.ops``.
    """

    def __init__(self, function: str, *, name: str | None = None) -> None:
        if function not in FUNCTIONS:
            raise unknown_name("function", function, FUNCTIONS)
        self.function = function
        self.name = name

    @property
    def kind(self) -> str:
        """What the operation is named after in a model: its function."""
        return self.function

    @property
    def has_independent_rows(self) -> bool:
        """Whether each row of the output is computed from the same row of the inputs."""
        return self.function in ELEMENTWISE

    def forward(self, *args: Any, **options: Any) -> Any:
        return FUNCTIONS[self.function](*args, **options)

    def post_forward(self, inputs: tuple[Any, ...], output: Any) -> Any:
        """Keep the mask of the first masked input where steps correspond to steps."""
        if self.function in ELEMENTWISE:
            masks = (get_mask(leaf) for leaf in jax.tree.leaves(inputs))
            mask = next((mask for mask in masks if mask is not None), None)
            if mask is not None and output.ndim > 2 and output.shape[:2] == mask.shape:
                set_mask(output, mask)
        return output
