"""What layers add to the loss: values of ``add_loss``, and penalties on weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import jax
import jax.numpy as jnp

from . import context
from .arguments import is_number
from .dtypes import promote_to_float32
from .errors import ArgumentError
from .variable import Array, Parameter


class HasLosses(context.HasModules, Protocol):
    """What is needed of a module here."""

    last_losses: Sequence[Array]

    def parameters(self) -> dict[str, Parameter]:
        """The variables that training changes, by path."""
        ...


def add_loss(module: context.HasModules, loss: Any) -> None:
    """Record numbers that ``module`` adds to the loss of the running step."""
    ctx = context.current_context()
    if ctx is None:
        raise ArgumentError(
            "add_loss was called outside of a call of the model. Call self.add_loss(value) in "
            "`forward` (or `call`) of a layer or model, where the value is computed."
        )
    if ctx.in_scan:
        raise ArgumentError(
            "add_loss and activity_regularizer do not work inside a cell, which a loop over the "
            "steps runs. Use them in the layer around the cell or behind it, and return what they "
            "need as an output of the cell."
        )
    for value in jax.tree.leaves(loss):
        if not isinstance(value, jax.Array) and not is_number(value):
            raise ArgumentError(
                f"add_loss takes a number that `forward` has computed, got {value!r:.60}."
            )
        ctx.losses.append((module, jnp.sum(promote_to_float32(jnp.asarray(value)))))


def all_losses(module: HasLosses) -> list[Array]:
    """What layers have added, and penalties on weights; the context notes that it was read."""
    ctx = context.current_context()
    if ctx is not None:
        ctx.losses_read = True
    return [*added_losses(module), *weight_penalties(module)]


def added_losses(module: HasLosses) -> list[Array]:
    """What ``add_loss`` has added in the last call of ``module``, by it and its parts."""
    ctx = context.current_context()
    if ctx is None:
        return list(module.last_losses)
    inside = {id(part) for _, part in module.modules()} if ctx.losses else set()
    return [loss for part, loss in ctx.losses if id(part) in inside]


def weight_penalties(module: HasLosses) -> list[Array]:
    """The values of the regularizers of all trained weights of ``module``."""
    return [
        parameter.regularizer(promote_to_float32(parameter.value))
        for parameter in module.parameters().values()
        if parameter.regularizer is not None
    ]
