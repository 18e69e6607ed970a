"""Operations: functions of arrays as parts of a graph."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable
from functools import reduce, wraps
from typing import Any, TypeVar, cast

import jax
import numpy as np
from jax.dtypes import canonicalize_dtype

from ..core.errors import unknown_name
from ..core.masks import get_mask, set_mask
from ..core.module import Module
from ..core.symbolic import find_symbolic

F = TypeVar("F", bound=Callable[..., Any])

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""The functions that an operation may compute, by name; :func:`operation` enters them."""
ELEMENTWISE: set[str] = set()
"""Those whose elements do not depend on each other."""

SHAPING = {"broadcast_to", "matmul", "moveaxis", "pad", "reshape", "swapaxes", "tile", "transpose"}
"""Functions without an ``axis`` that keep rows apart if the batch remains the first axis."""


def operation(function: F, prefix: str = "") -> F:
    """Decorator for a function of arrays, which called on symbolic tensors joins their graph.

    Args:
        function: the function, which graphs and model files name.
        prefix: what its name there begins with, if it is not one of ``lampas.ops`` itself.
    """
    name = prefix + function.__name__
    FUNCTIONS[name] = function

    @wraps(function)
    def dispatch(*args: Any, **options: Any) -> Any:
        if find_symbolic((args, options)) is None:
            return function(*args, **options)
        args, options = jax.tree.map(_dtype_name, (args, options))
        return Operation(name)(*args, **options)

    return cast(F, dispatch)


def elementwise(function: F, prefix: str = "") -> F:
    """:func:`operation` for a function whose elements do not depend on each other."""
    ELEMENTWISE.add(prefix + function.__name__)
    return operation(function, prefix)


def _dtype_name(value: Any) -> Any:
    """The name of a dtype, which a model file can hold; anything else as it is."""
    return canonicalize_dtype(value).name if isinstance(value, np.dtype | type) else value


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
        return self.function.rpartition(".")[2]

    @property
    def has_independent_rows(self) -> bool:
        """Whether each row of the output is computed from the same row of the inputs.

        False where that is not certain.
        """
        return all(map(_has_independent_rows, self.nodes))

    def forward(self, *args: Any, **options: Any) -> Any:
        return FUNCTIONS[self.function](*args, **options)

    def post_forward(self, inputs: tuple[Any, ...], output: Any) -> Any:
        """Keep the masks of the inputs where steps correspond to steps.

        A step is data if it is data in one of the masked inputs, as in the merge layers.
        """
        if self.function in ELEMENTWISE and output.ndim > 2:
            attached = (get_mask(leaf) for leaf in jax.tree.leaves(inputs))
            masks = [m for m in attached if m is not None and m.shape == output.shape[:2]]
            if masks:
                set_mask(output, reduce(operator.or_, masks))
        return output


def _has_independent_rows(node: Any) -> bool:
    """Whether a call keeps the batch as the first axis, and the rows apart from each other."""
    function, outputs = node.module.function, node.outputs
    sizes = {tuple(shape[:1] for shape in tensor.examples) for tensor in (*node.inputs, *outputs)}
    batch = outputs[0].examples[0][:1]
    if len(sizes) > 1 or not batch or any(t.examples[0].count(*batch) > 1 for t in outputs):
        return False
    if function in ELEMENTWISE or function in SHAPING:
        return True
    bound = inspect.signature(FUNCTIONS[function]).bind(*node.args, **node.options)
    bound.apply_defaults()
    if function == "get_item":
        key = bound.arguments["key"]
        return isinstance(key, tuple) and key[0] == slice(None)
    axis = bound.arguments.get("axis")
    return axis is not None and not np.any(np.equal(np.mod(axis, node.inputs[0].ndim), 0))
