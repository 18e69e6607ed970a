"""From a module that holds its arrays to a pure function of them, and back.

Outside, a model is an object; JAX wants pure functions on plain trees of arrays. The bridge is to
put traced arrays into the variables for the time of one call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from . import context
from .module import Module
from .variable import Array, Parameter, Variable

Arrays = dict[str, Array]


class Apply(Protocol):
    """A module's forward pass as a pure function."""

    def __call__(
        self,
        params: Arrays,
        state: Arrays,
        *inputs: Any,
        training: bool = False,
        rng: jax.Array | None = None,
        examples: context.Examples | None = None,
    ) -> tuple[Any, Arrays]:
        """Compute ``(output, new state)`` from arrays alone."""
        ...


@contextmanager
def preserved(variables: Iterable[Variable]) -> Iterator[None]:
    """Put the values back that the variables have now, whatever happens inside."""
    before = [(variable, variable.value) for variable in variables]
    try:
        yield
    finally:
        for variable, value in before:
            variable.value = value


def assign(variables: Mapping[str, Variable], values: Mapping[str, Array]) -> None:
    """Give each variable the value of its path."""
    for path, value in values.items():
        variables[path].value = value


def functional(
    module: Module, call: Callable[..., Any] | None = None, dtype: DTypeLike | None = None
) -> tuple[tuple[Arrays, Arrays], Apply]:
    """``(params, state), apply`` of a module that has been built.

    ``apply(params, state, *inputs, training=False, rng=None)`` returns ``(output, state)`` and is
    pure: it can be differentiated, compiled, mapped. ``params`` and ``state`` are dicts from path
    to array; frozen parameters are in ``state``.

    Args:
        module: whose variables they are.
        call: what is computed with them; by default a call of the module.
        dtype: of the computation, where it is not that of the parameters.
    """
    parameters, states = module.parameters(), module.states()
    frozen = {path for path, variable in states.items() if isinstance(variable, Parameter)}
    compute = call or module

    def cast(value: Array) -> Array:
        floating = dtype is not None and jnp.issubdtype(value.dtype, jnp.floating)
        return value.astype(dtype) if floating else value

    def in_kind(value: Array, before: Array) -> Array:
        # What was computed in less precision is remembered in that of the state.
        return value if dtype is None else value.astype(before.dtype)

    def apply(
        params: Arrays,
        state: Arrays,
        *inputs: Any,
        training: bool = False,
        rng: jax.Array | None = None,
        examples: context.Examples | None = None,
    ) -> tuple[Any, Arrays]:
        with (
            preserved([*parameters.values(), *states.values()]),
            context.forward_pass(training=training, key=rng, examples=examples, dtype=dtype),
        ):
            assign(parameters, {path: cast(value) for path, value in params.items()})
            assign(states, state)
            assign(states, {path: cast(state[path]) for path in frozen})
            output = compute(*inputs)
            moved = {path: in_kind(v.value, state[path]) for path, v in states.items()}
            return output, moved | {path: state[path] for path in frozen}

    params = {path: variable.value for path, variable in parameters.items()}
    state = {path: variable.value for path, variable in states.items()}
    return (params, state), apply
