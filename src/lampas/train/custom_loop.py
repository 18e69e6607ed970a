"""For a loop of your own: gradients of a model, and a whole step compiled.

::

    optimizer = lampas.Adam(1e-3)
    grad = lampas.value_and_grad(model, lambda x, y: loss(y, model(x)).mean())

    def step(x, y):
        error, gradients = grad(x, y)
        optimizer.update(model, gradients)
        return error

    step = lampas.jit(step, state=(model, optimizer))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import jax
import numpy as np

from ..core import context
from ..core.build import build
from ..core.functional import Arrays, assign, preserved
from ..core.jit import jit as compile_with_xla
from ..core.module import Module
from ..core.random import next_key, next_seed
from ..core.tracebacks import folded
from ..core.variable import Array, Variable
from ..layers.base import is_built

P = ParamSpec("P")
R = TypeVar("R")


def value_and_grad(
    model: Module, loss: Callable[P, R], *, has_aux: bool = False
) -> Callable[P, tuple[R, Arrays]]:
    """A function that returns what ``loss`` returns, and its slope for every parameter by path.

    The model runs in training mode: dropout drops, batch statistics move.

    Args:
        model: the parameters of this module are differentiated.
        loss: calls the model and returns a single number, or with ``has_aux`` (number, anything).
    """

    @wraps(loss)
    @folded
    def with_gradients(*args: P.args, **kwargs: P.kwargs) -> tuple[R, Arrays]:
        if not is_built(model):
            with context.forward_pass():
                loss(*args, **kwargs)
        key = context.random_key() if context.has_key() else next_key()
        parameters, states = model.parameters(), model.states()

        def of(params: Arrays) -> Any:
            with context.forward_pass(training=True, key=key):
                assign(parameters, params)
                value = loss(*args, **kwargs)
                moved = {path: state.value for path, state in states.items()}
            number, aux = value if has_aux else (value, None)  # type: ignore[misc]
            return number, (aux, moved)

        params = {path: variable.value for path, variable in parameters.items()}
        with preserved([*parameters.values(), *states.values()]):
            (number, (aux, moved)), grads = jax.value_and_grad(of, has_aux=True)(params)
        assign(states, moved)
        return ((number, aux) if has_aux else number), grads  # type: ignore[return-value]

    return with_gradients


def jit(function: Callable[P, R], *, state: Module | Sequence[Module]) -> Callable[P, R]:
    """Compile a function that reads and changes the variables of ``state``.

    The first call makes the variables that are still missing (a model's, an optimizer's) on a dry
    run. The memory of the old values is used for the new ones. Each call has random numbers of
    its own.

    Args:
        function: of arrays; anything else that it uses is fixed when it is compiled.
        state: the modules and optimizers whose variables it changes.
    """
    owners = (state,) if isinstance(state, Module) else tuple(state)
    variables: list[Variable] = []

    def pure(
        values: list[Array], seed: Array | np.uint32, args: Any, kwargs: Any, freezes: int
    ) -> tuple[R, list[Array]]:
        with preserved(variables), context.forward_pass(key=jax.random.key(seed)):
            for variable, value in zip(variables, values, strict=True):
                variable.value = value
            result = function(*args, **kwargs)
            return result, [variable.value for variable in variables]

    compiled = compile_with_xla(pure, donate_argnums=0, static_argnums=4)

    @wraps(function)
    @folded
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not variables:
            _make_missing(owners, lambda: function(*args, **kwargs))
            found = {id(v): v for owner in owners for v in owner.variables().values()}
            variables.extend(found.values())
        values = [variable.value for variable in variables]
        seed = np.uint32(next_seed())
        result, values = compiled(values, seed, args, kwargs, Module.freezes)
        for variable, value in zip(variables, values, strict=True):
            variable.value = value
        return result

    return call


def _make_missing(owners: Sequence[Module], call: Callable[[], Any]) -> None:
    """Build all modules and start all optimizers by a dry run of the step."""

    def dry() -> Any:
        with context.forward_pass(key=jax.random.key(0)):
            return call()

    build(owners, dry)
