"""What speaks for a class: the scores of a model before its last softmax or sigmoid."""

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
from ..core.errors import ShapeError, show_shape
from ..core.module import Module
from ..core.variable import Array
from ..layers.base import Layer

SQUASHING = (
    activations.sigmoid, activations.softmax, activations.log_softmax,
    jax.nn.sigmoid, jax.nn.softmax, jax.nn.log_softmax,
)  # fmt: skip


class Call(NamedTuple):
    """One run of a module in a forward pass."""

    path: str
    module: Module
    output: jax.ShapeDtypeStruct
    is_models: bool
    """Whether this output is the model's."""


def trace(model: Module, x: Any, batch: int) -> tuple[list[Call], Any]:
    """All runs of modules in the order in which they end, and the model's output, as shapes."""
    calls: list[Call] = []

    def run(x: Array) -> Any:
        noted: list[tuple[str, Module, Any]] = []
        with context.forward_pass(observe=lambda m, path, _, out: noted.append((path, m, out))):
            output = model(x)
        for path, module, out in noted:
            if isinstance(out, jax.Array):
                abstract = jax.ShapeDtypeStruct(out.shape, out.dtype)
                calls.append(Call(path, module, abstract, out is output))
        return output

    inputs = jax.ShapeDtypeStruct((batch, *x.shape[1:]), canonicalize_dtype(x.dtype))
    output = jax.eval_shape(run, inputs)
    return calls, output


@dataclass(frozen=True)
class Evidence:
    """How to read scores of classes from a model.

    Args:
        classes: how many the model tells apart; two if it has one output.
        head: the layer whose softmax or sigmoid is left out.
        judged: whether outputs that look like probabilities are to be taken as such, since no
            layer says what they are.
    """

    classes: int
    head: Layer | None
    judged: bool

    def of(self, forward: Callable[[], Array]) -> Array:
        """``(batch, classes)`` scores of a forward pass of the model."""
        linear = activations.linear
        with nullcontext() if self.head is None else shadowed(self.head, activation=linear):
            output = forward()
        output = output.reshape(len(output), -1).astype(jnp.float32)
        if self.judged:
            output = _unsquashed(output)
        return jnp.concatenate([-output, output], -1) if output.shape[-1] == 1 else output


def find_evidence(calls: Sequence[Call], output: Any, batch: int) -> Evidence:
    """How to read the model whose forward pass this was.

    Raises:
        ShapeError: the output is not ``(batch, classes)``, ``(batch, 1)`` or ``(batch,)``.
    """
    shape = getattr(output, "shape", None)
    if shape is None or len(shape) not in (1, 2) or shape[0] != batch:
        given = type(output).__name__ if shape is None else show_shape(shape)
        raise ShapeError(
            f"To explain a class, a model must give a score for each, (batch, classes); this one "
            f"gives {given} for a batch of {batch}."
        )
    classes = max(2, int(np.prod(shape[1:])))
    heads = [
        call.module
        for call in calls
        if call.is_models and isinstance(call.module, Layer) and hasattr(call.module, "activation")
    ]
    for head in heads:
        once = sum(call.module is head for call in calls) == 1
        if once and head.activation in SQUASHING:
            return Evidence(classes, head, judged=False)
    judged = all(head.activation is not activations.linear for head in heads)
    return Evidence(classes, None, judged)


def _unsquashed(output: Array) -> Array:
    """The logarithm, or for a single output the log odds, of those rows that are probabilities.

    Such are between 0 and 1 and, unless alone, sum to 1; other rows stay.
    """
    alone = output.shape[-1] == 1
    both = jnp.concatenate([1 - output, output], -1) if alone else output
    likely = jnp.all(both >= 0, -1, keepdims=True)
    likely &= jnp.abs(jnp.sum(both, -1, keepdims=True) - 1) < 1e-3
    logs = jnp.log(jnp.maximum(both, np.finfo(np.float32).tiny))
    return jnp.where(likely, logs[:, 1:] - logs[:, :1] if alone else logs, output)


@contextmanager
def shadowed(module: Module, **attributes: Any) -> Iterator[None]:
    """Give an object other attributes for the time of a block."""
    own = vars(module)
    before = {name: own[name] for name in attributes if name in own}
    own.update(attributes)
    try:
        yield
    finally:
        for name in attributes:
            del own[name]
        own.update(before)
