"""Compute the score of each class before the model's final softmax or sigmoid."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.dtypes import canonicalize_dtype

from .. import activations
from ..core import context
from ..core.errors import ShapeError, format_shape
from ..core.module import Module
from ..core.variable import Array
from ..layers.base import Layer

OUTPUT_ACTIVATIONS = (
    activations.sigmoid, activations.softmax, activations.log_softmax,
    jax.nn.sigmoid, jax.nn.softmax, jax.nn.log_softmax,
)  # fmt: skip
"""Activations that turn scores into probabilities or their logarithms."""


class ModuleCall(NamedTuple):
    """One call of a module in a forward pass."""

    path: str
    module: Module
    output: jax.ShapeDtypeStruct
    is_model_output: bool
    """Whether the model returns this output unchanged."""


def trace_calls(model: Module, x: Any, batch_size: int) -> tuple[list[ModuleCall], Any]:
    """Trace a forward pass without computing it.

    Args:
        model: a built module.
        x: inputs; only their shape and dtype are used.
        batch_size: examples in the traced batch.

    Returns:
        All calls of modules in the order in which they end, and the model's output; arrays are
        replaced by their shape and dtype.
    """
    calls: list[ModuleCall] = []

    def run(x: Array) -> Any:
        outputs: list[tuple[str, Module, Any]] = []
        with context.forward_pass(observe=lambda m, path, _, out: outputs.append((path, m, out))):
            model_output = model(x)
        for path, module, output in outputs:
            if isinstance(output, jax.Array):
                shape = jax.ShapeDtypeStruct(output.shape, output.dtype)
                calls.append(ModuleCall(path, module, shape, output is model_output))
        return model_output

    inputs = jax.ShapeDtypeStruct((batch_size, *x.shape[1:]), canonicalize_dtype(x.dtype))
    output = jax.eval_shape(run, inputs)
    return calls, output


@dataclass(frozen=True)
class ClassScores:
    """How to compute the scores of the classes with a model.

    Args:
        num_classes: number of classes; two if the model has one output.
        head: the layer whose softmax or sigmoid is skipped; None to use the outputs.
        assume_probabilities: whether rows that look like probabilities are treated as such, because
            no layer reveals what the outputs are.
    """

    num_classes: int
    head: Layer | None
    assume_probabilities: bool

    def compute(self, forward: Callable[[], Array]) -> Array:
        """Return the scores ``(batch, num_classes)`` of a forward pass of the model."""
        linear = activations.linear
        skip = temporary_attributes(self.head, activation=linear) if self.head else nullcontext()
        with skip:
            output = forward()
        output = output.reshape(len(output), -1).astype(jnp.float32)
        if self.assume_probabilities:
            output = _to_logits(output)
        return jnp.concatenate([-output, output], -1) if output.shape[-1] == 1 else output


def find_class_scores(calls: Sequence[ModuleCall], output: Any, batch_size: int) -> ClassScores:
    """Find out how to compute class scores from a traced forward pass.

    Args:
        calls: calls of modules, from :func:`trace_calls`.
        output: the model's output, from :func:`trace_calls`.
        batch_size: examples in the traced batch.

    Raises:
        ShapeError: the output is not ``(batch, classes)``, ``(batch, 1)`` or ``(batch,)``.
    """
    shape = getattr(output, "shape", None)
    if shape is None or len(shape) not in (1, 2) or shape[0] != batch_size:
        actual = type(output).__name__ if shape is None else format_shape(shape)
        raise ShapeError(
            f"To explain a class, the model must return one score per class, (batch, classes); "
            f"this model returns {actual} for a batch of {batch_size}."
        )
    num_classes = max(2, int(np.prod(shape[1:])))
    outputs = [call.module for call in calls if call.is_model_output]
    heads = [head for head in outputs if isinstance(head, Layer) and hasattr(head, "activation")]
    for head in heads:
        called_once = sum(call.module is head for call in calls) == 1
        if called_once and head.activation in OUTPUT_ACTIVATIONS:
            return ClassScores(num_classes, head, assume_probabilities=False)
    assume_probabilities = all(head.activation is not activations.linear for head in heads)
    return ClassScores(num_classes, None, assume_probabilities)


def _to_logits(output: Array) -> Array:
    """Replace rows of probabilities by their logarithm, a single probability by its log odds.

    Rows count as probabilities if they are not negative and sum to 1; a single output, if it is
    between 0 and 1. Other rows are returned unchanged.
    """
    is_single = output.shape[-1] == 1
    rows = jnp.concatenate([1 - output, output], -1) if is_single else output
    are_probabilities = jnp.all(rows >= 0, -1, keepdims=True)
    are_probabilities &= jnp.abs(jnp.sum(rows, -1, keepdims=True) - 1) < 1e-3
    logs = jnp.log(jnp.maximum(rows, np.finfo(np.float32).tiny))
    logits = logs[:, 1:] - logs[:, :1] if is_single else logs
    return jnp.where(are_probabilities, logits, output)


@contextmanager
def temporary_attributes(module: Module, **attributes: Any) -> Iterator[None]:
    """Replace attributes of a module inside the block."""
    instance = vars(module)
    previous = {name: instance[name] for name in attributes if name in instance}
    instance.update(attributes)
    try:
        yield
    finally:
        for name in attributes:
            del instance[name]
        instance.update(previous)
