"""Conditions, loops and maps in compiled programs; they take functions, so no symbolic tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax

from .dispatch import exported_names


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """What one of two functions returns."""
    return jax.lax.cond(pred, true_fn, false_fn)


def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """What the function at an index returns for the operands."""
    return jax.lax.switch(index, branches, *operands)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    maximum_iterations: int | None = None,
) -> Any:
    """The loop variables after ``body`` has replaced them as long as ``cond`` is true.

    Args:
        cond: whether to go on, a function of the loop variables.
        body: their next values.
        loop_vars: one variable, or several as a tuple or list.
        maximum_iterations: after so many the loop ends.

    Example:
        >>> import lampas as lp
        >>> int(lp.ops.while_loop(lambda n: n < 100, lambda n: 2 * n, 3))
        192
    """
    is_single = not isinstance(loop_vars, tuple | list)
    limit = float("inf") if maximum_iterations is None else maximum_iterations

    def goes_on(state: tuple[Any, Any]) -> Any:
        count, variables = state
        return (count < limit) & cond(*variables)

    def step(state: tuple[Any, Any]) -> Any:
        count, variables = state
        values = body(*variables)
        return count + 1, (values,) if is_single else tuple(values)

    variables = (loop_vars,) if is_single else tuple(loop_vars)
    _, variables = jax.lax.while_loop(goes_on, step, (0, variables))
    return variables[0] if is_single else variables


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    """The value after ``value = body_fun(i, value)`` for the integers from ``lower``."""
    return jax.lax.fori_loop(lower, upper, body_fun, init_val)


def scan(
    f: Callable[[Any, Any], Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int = 1,
) -> Any:
    """The last state, and the outputs, of ``state, output = f(state, x)`` over the first axis."""
    return jax.lax.scan(f, init, xs, length, reverse, unroll)


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """What a function returns for the items of the first axis, one after the other."""
    return jax.lax.map(f, xs)


def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """What a function returns for the items of the first axis, at once."""
    return jax.vmap(function)(elements)


def custom_gradient(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function with a gradient of its own: ``f`` returns the value and the gradient function."""
    return jax.custom_gradient(f)


if not TYPE_CHECKING:  # type checkers read the definitions, not a computed list
    __all__ = exported_names(globals())
