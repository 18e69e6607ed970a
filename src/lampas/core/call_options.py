"""The options that every call of a module takes: ``training`` and ``mask``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp

from . import context
from .masks import get_mask, set_mask
from .random import next_key


@contextmanager
def applied_options(
    method: Callable[..., Any], inputs: tuple[Any, ...], options: dict[str, Any]
) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """A block in which ``training`` is the mode; gives the arguments of ``forward``.

    Args:
        method: ``forward`` or ``call``.
        inputs: the positional arguments of a call.
        options: its keyword arguments.
    """
    ctx = context.current_context()
    assert ctx is not None, "forward runs inside a call"
    names = _parameters(method)
    match inputs:
        case (x, bool() | None as training) if len(names) == 1:  # as in dropout(x, training)
            inputs, options = (x,), {"training": training, **options}
    free, mode = names[len(inputs) :], ctx.training
    training, mask = options.get("training"), options.get("mask")
    options = {name: value for name, value in options.items() if name not in ("training", "mask")}
    if "mask" in free:
        options["mask"] = tree_mask(inputs[0]) if mask is None and inputs else mask
    elif mask is not None:
        inputs = (_with_mask(inputs[0], mask), *inputs[1:])
    if training is not None:
        ctx.training = bool(training)
        if ctx.training and ctx.key is None:  # predict passes a key, evaluate does not
            ctx.key = next_key() if ctx.called_directly else jax.random.key(0)
    if "training" in free:
        options["training"] = ctx.training
    try:
        yield inputs, options
    finally:
        ctx.training = mode


@cache
def _parameters(method: Callable[..., Any]) -> tuple[str, ...]:
    """Names of the parameters of a method, without ``self``."""
    return tuple(inspect.signature(method).parameters)[1:]


def tree_mask(x: Any) -> Any:
    """The mask of an array, or the list of those of several."""
    return [tree_mask(item) for item in x] if isinstance(x, list | tuple) else get_mask(x)


def _with_mask(x: Any, mask: Any) -> Any:
    """An array, or several, as new ones with the masks that a caller has passed."""
    if mask is None:
        return x
    if isinstance(x, list | tuple):
        return [_with_mask(item, m) for item, m in zip(x, mask, strict=True)]
    return set_mask(jnp.array(x), mask)
