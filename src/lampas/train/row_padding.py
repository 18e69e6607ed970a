"""Pad inputs to one of a few numbers of rows, since each number needs a compiled program.

Rows are independent of each other in a forward pass of Lampas's own layers, except in stateful
ones and in operations such as ``ops.mean(x, axis=0)``. Inputs of other models are padded with
copies of the last row, and the outputs of the copies are dropped. Since the CPU multiplies matrices
of different heights in different orders, outputs may differ in the last bits from those of another
number of rows.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.arguments import is_of_lampas
from ..core.jit import platform
from ..core.masks import get_mask, set_mask
from ..core.module import Module
from ..graph.operation import ELEMENTWISE, FUNCTIONS

MAX_FINE = 256
"""Up to this number of rows there are two sizes per octave, above it eight."""


def padded_size(count: int) -> int:
    """The smallest of the sizes 0, 1, 2, 3, 4, 6, 8, 12, 16, ... that is not below ``count``."""
    octave = 1 << max(0, count.bit_length() - 1)
    step = max(1, octave // (2 if count <= MAX_FINE else 8))
    return -(-count // step) * step


def has_independent_rows(model: Module) -> bool:
    """Whether each output row of ``model`` is computed from its input row alone, as far as known.

    Own classes and functions may do anything; stateful layers have a fixed number of rows.
    """
    return all(
        is_of_lampas(type(part))
        and not getattr(part, "stateful", False)
        and getattr(part, "has_independent_rows", True)
        and not _has_function(part)
        for _, part in model.modules()
    )


def _has_function(part: Module) -> bool:
    args, kwargs = part.init_arguments
    values = [*args, *kwargs.values(), getattr(part, "activation", None)]
    # An activation such as StraightThrough has a function of its own.
    functions = (getattr(value, "activation", value) for value in values)
    return any(
        callable(function) and not isinstance(function, Module) and not _keeps_rows(function)
        for function in functions
    )


def _keeps_rows(function: Callable[..., Any]) -> bool:
    """Whether a function is one of Lampas that does not mix rows, as ``ops.softmax`` may do."""
    name = getattr(function, "__name__", "")
    is_operation = name in FUNCTIONS and FUNCTIONS[name] is getattr(function, "__wrapped__", None)
    return is_of_lampas(function) and (name in ELEMENTWISE or not is_operation)


def call_padded(model: Module, call: Callable[..., Any], inputs: tuple[Any, ...]) -> Any:
    """Call a model on inputs of any number of rows, padded to one of a few numbers.

    Args:
        model: the model.
        call: calls the model.
        inputs: its inputs.
    """
    count = _row_count(jax.tree.leaves(inputs))
    size = padded_size(count)
    if size == count or not has_independent_rows(model):
        return call(*inputs)

    def pad(leaf: Any) -> np.ndarray:
        array = np.asarray(leaf)
        copies = np.broadcast_to(array[-1:], (size - count, *array.shape[1:]))
        return np.concatenate([array, copies])

    def first_rows(leaf: Any) -> Any:
        mask: Any = get_mask(leaf)
        mask = None if mask is None else np.asarray(mask)[:count]
        if isinstance(leaf, jax.core.Tracer):  # a derivative with respect to the weights
            return set_mask(leaf[:count], mask)
        return set_mask(jax.device_put(np.asarray(leaf)[:count]), mask)

    with suppress(Exception):
        output = call(*jax.tree.map(pad, inputs))
        if all(jnp.shape(leaf)[:1] == (size,) for leaf in jax.tree.leaves(output)):
            return jax.tree.map(first_rows, output)
    # Its outputs are not rows, or its error describes the inputs of the user.
    return call(*inputs)


def _row_count(leaves: list[Any]) -> int:
    """The number of rows of arrays in host memory; 0 for any others."""
    arrays = [type(leaf) is np.ndarray or isinstance(leaf, jax.Array) for leaf in leaves]
    traced = [isinstance(leaf, jax.core.Tracer) or get_mask(leaf) is not None for leaf in leaves]
    if not leaves or not all(arrays) or any(traced) or platform() != "cpu":
        return 0
    counts = {leaf.shape[0] if leaf.ndim else 0 for leaf in leaves}
    return counts.pop() if len(counts) == 1 else 0
