"""From a module that holds its arrays to a pure function of them, and back.

Outside, a model is an object; JAX needs pure functions of plain trees of arrays. The bridge puts
traced arrays into the variables for the duration of one call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from . import context
from .arguments import argument_names, is_of_lampas
from .module import Module
from .variable import VALUES_LOCK, Array, Parameter, Variable

Arrays = dict[str, Array]


Apply = Callable[..., tuple[Any, Arrays]]
"""A module's forward pass as a pure function: called with (params, state, *inputs, training=False,
rng=None, examples=None), it computes ``(output, new state)`` from arrays alone."""


@contextmanager
def preserve_values(variables: Iterable[Variable]) -> Iterator[None]:
    """Restore the present values of the variables when the block ends, also after an error."""
    with VALUES_LOCK:
        values = [(variable, variable.value) for variable in variables]
        try:
            yield
        finally:
            for variable, value in values:
                variable.value = value


def assign_values(variables: Mapping[str, Variable], values: Mapping[str, Array]) -> None:
    """Assign to each variable the value of its path."""
    for path, value in values.items():
        variables[path].value = value


def configuration(module: Module) -> list[object]:
    """What a compiled program of ``module`` depends on, to compare by :func:`is_same`.

    These are its parts, whether they are frozen, their variables with paths, and the values of
    their attributes that have the names of arguments of ``__init__``.
    """
    values: list[object] = [part for item in module.variables().items() for part in item]
    for _, part in module.modules():
        attributes = vars(part)
        values += [
            part,
            part.frozen,
            *(attributes.get(name) for name in argument_names(type(part).__init__)),
        ]
    return values


def is_same(a: list[object], b: list[object]) -> bool:
    """Whether two lists hold the same objects, or equal strings."""
    return len(a) == len(b) and all(
        x is y or (isinstance(x, str) and x == y) for x, y in zip(a, b, strict=True)
    )


def plain_attributes(module: Module) -> dict[str, object]:
    """Numbers and texts that the user's own modules have as attributes, by path and name."""
    values: dict[str, object] = {}
    for path, part in module.modules():
        base = next(filter(is_of_lampas, type(part).__mro__))
        for name, value in vars(part).items() if base is not type(part) else ():
            if isinstance(value, int | float | str) and not hasattr(base, name):
                values[f"{path}.{name}"] = value
    return values


def functional(
    module: Module, call: Callable[..., Any] | None = None, dtype: DTypeLike | None = None
) -> tuple[tuple[Arrays, Arrays], Apply]:
    """``(params, state), apply`` of a module that has been built.

    ``apply(params, state, *inputs, training=False, rng=None)`` returns ``(output, state)`` and is
    pure: it can be differentiated, compiled and mapped. ``params`` and ``state`` are dicts from
    path to array; frozen parameters are in ``state``.

    Args:
        module: the module whose variables become arguments.
        call: the function to compute, which uses the module; by default a call of the module.
        dtype: dtype of the computation; None for that of the parameters.

    Example:
        >>> import jax
        >>> import lampas as lp
        >>> layer = lp.Dense(3)
        >>> y = layer(jax.numpy.ones((1, 2)))  # builds the layer
        >>> (params, state), apply = lp.functional(layer)
        >>> output, state = jax.jit(apply)(params, state, jax.numpy.ones((4, 2)))
        >>> output.shape
        (4, 3)
    """
    parameters, states = module.parameters(), module.state_variables()
    frozen = {path for path, variable in states.items() if isinstance(variable, Parameter)}
    compute = call or module

    def cast(value: Array) -> Array:
        floating = dtype is not None and jnp.issubdtype(value.dtype, jnp.floating)
        return value.astype(dtype) if floating else value

    def restore_dtype(value: Array, before: Array) -> Array:
        # What was computed in lower precision is stored in the dtype of the state.
        return value if dtype is None else value.astype(before.dtype)

    def apply(
        params: Arrays,
        state: Arrays,
        *inputs: Any,
        training: bool = False,
        rng: jax.Array | None = None,
        examples: context.ExampleIds | None = None,
    ) -> tuple[Any, Arrays]:
        with (
            preserve_values([*parameters.values(), *states.values()]),
            context.forward_pass(training=training, key=rng, examples=examples, dtype=dtype),
        ):
            assign_values(parameters, {path: cast(value) for path, value in params.items()})
            assign_values(states, state)
            assign_values(states, {path: cast(state[path]) for path in frozen})
            output = compute(*inputs)
            updated = {path: restore_dtype(v.value, state[path]) for path, v in states.items()}
            return output, updated | {path: state[path] for path in frozen}

    with VALUES_LOCK:
        params = {path: variable.value for path, variable in parameters.items()}
        state = {path: variable.value for path, variable in states.items()}
    return (params, state), apply
