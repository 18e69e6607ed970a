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
import jax.numpy as jnp
import numpy as np

from ..core import context
from ..core.arrays import to_host
from ..core.build import build
from ..core.errors import ArgumentError, format_shape
from ..core.functional import Arrays, assign_values, functional, preserve_values
from ..core.jit import jit as compile_with_xla
from ..core.masks import tree_masks, with_masks
from ..core.module import Module, named_parts, walk_tree
from ..core.random import next_key, next_seed
from ..core.tracebacks import filter_traceback
from ..core.variable import VALUES_LOCK, Array, State, Variable
from ..layers.base import is_built
from ..metrics import Metric
from ..optimizers import Optimizer

P = ParamSpec("P")
R = TypeVar("R")
StateOwner = Module | Metric
"""What has variables that a step changes: a module, an optimizer among them, or a metric."""


def value_and_grad(
    model: Module, loss: Callable[P, R], *, has_aux: bool = False
) -> Callable[P, tuple[R, Arrays]]:
    """A function that returns the value of ``loss``, and its gradients by path of the parameter.

    The model runs in training mode: dropout is applied, batch statistics are updated, those of
    other modules that ``loss`` calls, too.

    Args:
        model: the module whose parameters are differentiated.
        loss: calls the model and returns a single number, or with ``has_aux`` (number, anything).
        has_aux: whether ``loss`` returns such a pair.

    Raises:
        ArgumentError: if ``model`` is no module, or the loss not a single number.

    Example:
        >>> import lampas as lp
        >>> import jax.numpy as jnp
        >>> model = lp.Dense(1)
        >>> grad = lp.value_and_grad(model, lambda x: model(x).mean())
        >>> value, gradients = grad(jnp.ones((4, 2)))
        >>> gradients["kernel"].shape
        (2, 1)
    """
    if not (isinstance(model, Module) and callable(loss)):
        raise ArgumentError(
            "value_and_grad takes the model whose weights are trained, then the function that "
            f"computes the loss, value_and_grad(model, loss); got {model!r:.60} and {loss!r:.60}."
        )

    @wraps(loss)
    @filter_traceback
    def with_gradients(*args: P.args, **kwargs: P.kwargs) -> tuple[R, Arrays]:
        args, kwargs = jax.tree.map(to_host, (args, kwargs))
        outer = context.current_context() or context.ForwardContext()
        if not is_built(model):
            with context.forward_pass(key=jax.random.key(0)) as ctx:
                ctx.changes = {}
                loss(*args, **kwargs)
            for variable, before in ctx.changes.values():
                variable.value = before
        # After the initial weights, which take the first key.
        key = context.random_key() if context.has_rng() else next_key()
        states = model.state_variables()
        # Those of other modules and of metrics that ``loss`` calls are added.
        all_states = [*states.values(), *outer.states]
        changes = {id(variable): (variable, variable.value) for variable in all_states}

        def call() -> Any:
            ctx = context.current_context()
            assert ctx is not None, "a functional model opens a context"
            ctx.changes, ctx.states = changes, outer.states
            value = loss(*args, **kwargs)
            return value, tree_masks(value), [variable.value for variable, _ in changes.values()]

        (params, state), apply = functional(model, call, outer.dtype)

        def compute(params: Arrays) -> Any:
            (value, *changed), new_state = apply(
                params, state, training=True, rng=key, examples=outer.examples
            )
            number, aux = value if has_aux else (value, None)
            if jnp.shape(number):
                raise ArgumentError(
                    "value_and_grad needs a loss that is a single number, got shape "
                    f"{format_shape(jnp.shape(number))}. Losses of Lampas return one value for "
                    "each example: take the mean, loss(y, y_pred).mean()."
                )
            return number, (aux, *changed, new_state)

        differentiate = jax.value_and_grad(compute, has_aux=True)
        try:
            (number, (aux, masks, changed, new_state)), grads = differentiate(params)
        finally:
            for variable, before in changes.values():
                variable.value = before
        outer.note_changes(variable for variable, _ in changes.values())
        for (variable, _), new in zip(changes.values(), changed, strict=True):
            variable.value = new
        assign_values(states, new_state)
        if outer.finite is not None:
            outer.require_finite(number)
            outer.guard([number])
        value = with_masks((number, aux) if has_aux else number, masks)
        return value, grads  # type: ignore[return-value]

    return with_gradients


def jit(function: Callable[P, R], *, state: StateOwner | Sequence[StateOwner]) -> Callable[P, R]:
    """Compile a function that reads and changes the variables of ``state``.

    The first call creates missing variables (of a model, an optimizer or a metric) by running the
    function on shapes. The memory of the old values is reused for the new ones. Each call has its
    own random numbers.

    Args:
        function: a function of arrays; other values that it uses are fixed when it is compiled.
        state: the modules, optimizers and metrics whose variables it changes; those among the
            attributes of a module belong to it.

    Example:
        >>> import lampas as lp
        >>> import jax.numpy as jnp
        >>> model = lp.Dense(3)
        >>> forward = lp.jit(lambda x: model(x), state=model)
        >>> forward(jnp.ones((2, 5))).shape
        (2, 3)
    """
    owners = [state] if isinstance(state, Module | Metric) else [*state]
    variables: list[Variable] = []

    def pure(
        values: list[Array], seed: Array | np.uint32, inputs: Any, masks: Any, freeze_version: int
    ) -> tuple[R, list[Array | None], list[Array]]:
        args, kwargs = with_masks(inputs, masks)
        with preserve_values(variables), context.forward_pass(key=jax.random.key(seed)) as ctx:
            ctx.states = [variable for variable in variables if isinstance(variable, State)]
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
                variables.extend(create_missing(owners, lambda: function(*args, **kwargs)))
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


def state_owners(*roots: StateOwner) -> list[StateOwner]:
    """``roots``, and the optimizers and metrics among the attributes of the modules inside."""
    owners = {id(root): root for root in roots}
    for root in roots:
        for module in (part for _, part in walk_tree(root) if isinstance(part, Module)):
            for name, value in vars(module).items():
                if name != "init_arguments":
                    parts = named_parts(name, value, Optimizer | Metric)
                    owners |= {id(part): part for _, part in parts}
    return list(owners.values())


def create_missing(
    roots: Sequence[StateOwner],
    call: Callable[[], Any],
    key: jax.Array | None = None,
    eagerly: bool = False,
) -> list[Variable]:
    """Build all modules and initialize all optimizers by running a step on shapes.

    Args:
        roots: the modules, optimizers and metrics of the step.
        call: the step.
        key: random key of the initial values.
        eagerly: whether a step that depends on values may be run eagerly.

    Returns:
        All their variables.
    """

    def run_step() -> Any:
        with context.forward_pass(key=jax.random.key(0)):
            return call()

    owners = state_owners(*roots)
    build(owners, run_step, key, eagerly=eagerly)
    parts = {id(part): part for owner in owners for _, part in walk_tree(owner)}
    return [part for part in parts.values() if isinstance(part, Variable)]
