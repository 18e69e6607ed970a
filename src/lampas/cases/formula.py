"""A function that a user typed, such as ``sin(3*x)*exp(-x**2)``, read without running code.

The text is parsed into Python's syntax tree, and only numbers, ``x``, the operators ``+ - * / **``
and the functions below are computed; anything else is an error.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

import numpy as np

from ..core.errors import ArgumentError

Values = np.ndarray | np.float64

FUNCTIONS: dict[str, Callable[[Values], Values]] = {
    "abs": np.abs,
    "arctan": np.arctan,
    "ceil": np.ceil,
    "cos": np.cos,
    "cosh": np.cosh,
    "exp": np.exp,
    "floor": np.floor,
    "log": np.log,
    "sign": np.sign,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}
CONSTANTS = {"pi": math.pi, "e": math.e}
OPERATORS: dict[type, Callable[..., Values]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
LONGEST = 500


def evaluate(text: str, x: Values) -> Values:
    """The values of the function at ``x``, shape as ``x``, float64.

    Raises:
        ArgumentError: for a text that is no such function, or has no finite value somewhere.
    """
    if len(text) > LONGEST:
        raise ArgumentError(f"the function has {len(text)} characters, {LONGEST} are allowed.")
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval")
        with np.errstate(all="ignore"):
            values = np.asarray(_value(tree.body, np.asarray(x, np.float64)), np.float64)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise ArgumentError(f"{text!r} is no formula in x: {error}.") from error
    values = np.broadcast_to(values, np.shape(x)).copy()
    if not np.isfinite(values).all():
        where = np.asarray(x)[~np.isfinite(values)][0]
        raise ArgumentError(f"{text!r} has no finite value at x = {where:g}; choose --low, --high.")
    return values


def _value(node: ast.expr, x: Values) -> Values:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return np.float64(number)
        case ast.Name(id="x"):
            return x
        case ast.Name(id=name) if name in CONSTANTS:
            return np.float64(CONSTANTS[name])
        case ast.UnaryOp(op=sign, operand=inner) if type(sign) in OPERATORS:
            return OPERATORS[type(sign)](_value(inner, x))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
            return OPERATORS[type(sign)](_value(left, x), _value(right, x))
        case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in FUNCTIONS:
            return FUNCTIONS[name](_value(inner, x))
    raise ArgumentError(
        f"{ast.unparse(node)!r} can not stand in a formula: use x, numbers, pi, e, + - * / ** and "
        f"{', '.join(FUNCTIONS)}."
    )
