"""For custom training loops: gradients of a model, and compilation of a whole step.

::

    optimizer = lampas.Adam(1e-3)
    grad = lampas.value_and_grad(model, lambda x, y: loss(y, model(x)).mean())

    def step(x, y):
        value, gradients = grad(x, y)
        optimizer.update(model, gradients)
        return value

    step = lampas.jit(step, state=(model, optimizer))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import jax
import numpy as np

from ..core import context
from ..core.arrays import to_host
from ..core.build import build
from ..core.functional import Arrays, assign_values, preserve_values
from ..core.jit import jit as compile_with_xla
from ..core.masks import tree_masks, with_masks
from ..core.module import Module
from ..core.random import next_key, next_seed
from ..core.tracebacks import filter_traceback
from ..core.variable import VALUES_LOCK, Array, Variable
from ..layers.base import is_built

P = ParamSpec("P")
R = TypeVar("R")


def value_and_grad(
    model: Module, loss: Callable[P, R], *, has_aux: bool = False
) -> Callable[P, tuple[R, Arrays]]:
    """A function that returns the value of ``loss``, and its gradients by path of the parameter.

    The model runs in training mode: dropout is applied, batch statistics are updated.

    Args:
        model: the module whose parameters are differentiated.
        loss: calls the model and returns a single number, or with ``has_aux`` (number, anything).
        has_aux: whether ``loss`` returns such a pair.

    Example:
        >>> import lampas as lp
        >>> import jax.numpy as jnp
        >>> model = lp.Dense(1)
        >>> grad = lp.value_and_grad(model, lambda x: model(x).mean())
        >>> value, gradients = grad(jnp.ones((4, 2)))
        >>> gradients["kernel"].shape
        (2, 1)
    """

    @wraps(loss)
    @filter_traceback
    def with_gradients(*args: P.args, **kwargs: P.kwargs) -> tuple[R, Arrays]:
        args, kwargs = jax.tree.map(to_host, (args, kwargs))
        if not is_built(model):
            with context.forward_pass():
                loss(*args, **kwargs)
        key = context.random_key() if context.has_rng() else next_key()
        parameters, states = model.parameters(), model.state_variables()

        def compute(params: Arrays) -> Any:
            with context.forward_pass(training=True, key=key):
                assign_values(parameters, params)
                value = loss(*args, **kwargs)
                new_states = {path: state.value for path, state in states.items()}
            number, aux = value if has_aux else (value, None)  # type: ignore[misc]
            return number, (aux, tree_masks(aux), new_states)

        params = {path: variable.value for path, variable in parameters.items()}
        with preserve_values([*parameters.values(), *states.values()]):
            differentiate = jax.value_and_grad(compute, has_aux=True)
            (number, (aux, masks, new_states)), grads = differentiate(params)
        assign_values(states, new_states)
        with_masks(aux, masks)
        return ((number, aux) if has_aux else number), grads  # type: ignore[return-value]

    return with_gradients


def jit(function: Callable[P, R], *, state: Module | Sequence[Module]) -> Callable[P, R]:
    """Compile a function that reads and changes the variables of ``state``.

    The first call creates missing variables (of a model or an optimizer) by running the function on
    shapes. The memory of the old values is reused for the new ones. Each call has its own random
    numbers.

    Args:
        function: a function of arrays; other values that it uses are fixed when it is compiled.
        state: the modules and optimizers whose variables it changes.

    Example:
        >>> import lampas as lp
        >>> import jax.numpy as jnp
        >>> model = lp.Dense(3)
        >>> forward = lp.jit(lambda x: model(x), state=model)
        >>> forward(jnp.ones((2, 5))).shape
        (2, 3)
    """
    owners = (state,) if isinstance(state, Module) else tuple(state)
    variables: list[Variable] = []

    def pure(
        values: list[Array], seed: Array | np.uint32, inputs: Any, masks: Any, freeze_version: int
    ) -> tuple[R, list[Array | None], list[Array]]:
        args, kwargs = with_masks(inputs, masks)
        with preserve_values(variables), context.forward_pass(key=jax.random.key(seed)):
            for variable, value in zip(variables, values, strict=True):
                variable.value = value
            result = function(*args, **kwargs)
            return result, tree_masks(result), [variable.value for variable in variables]

    compiled = compile_with_xla(pure, donate_argnums=0, static_argnums=4)

    @wraps(function)
    @filter_traceback
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        args, kwargs = jax.tree.map(to_host, (args, kwargs))
        with VALUES_LOCK:  # another thread must not use the memory that is passed on
            if not variables:
                _create_missing(owners, lambda: function(*args, **kwargs))
                unique = {id(v): v for owner in owners for v in owner.variables().values()}
                variables.extend(unique.values())
            values = [variable.value for variable in variables]
            seed = np.uint32(next_seed())
            inputs = args, kwargs
            result, masks, values = compiled(
                values, seed, inputs, tree_masks(inputs), Module.freeze_version
            )
            with_masks(result, masks)
            for variable, value in zip(variables, values, strict=True):
                variable.value = value
        return result

    return call


def _create_missing(owners: Sequence[Module], call: Callable[[], Any]) -> None:
    """Build all modules and initialize all optimizers by running the step on shapes."""

    def run_step() -> Any:
        with context.forward_pass(key=jax.random.key(0)):
            return call()

    build(owners, run_step)
