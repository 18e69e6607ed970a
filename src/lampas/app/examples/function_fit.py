"""Universal approximation: one hidden layer fits a function of one variable.

A network with one hidden layer comes as close as one likes to any continuous function on an
interval, given enough units (Cybenko, 1989; Hornik, 1991).

A function that a user typed, such as ``sin(3*x)*exp(-x**2)``, read without running code.

The text is parsed into Python's syntax tree, and only numbers, ``x``, the operators ``+ - * / **``
and the functions below are computed; anything else is an error.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ... import plots
from ...core.errors import ArgumentError
from ...core.random import set_seed
from ...initializers import RandomNormal, RandomUniform
from ...layers import Dense, Rescaling
from ...optimizers import Adam
from ...optimizers.schedules import CosineDecay
from ...train.progress_bar import Verbose
from ...train.sequential import Sequential
from ..report import Report
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.record import begin, recorded

EXAMPLES = 1024


class Result(NamedTuple):
    """The largest error between the training points, and where the report is."""

    error: float
    report: Path


def network(low: float, high: float, bottom: float, top: float, units: int) -> Sequential:
    """Inputs to -1 .. 1, one hidden layer, outputs back to the function's own range.

    The hidden units start as steps of many slopes, spread over the interval.
    """
    half, tall = (high - low) / 2, max((top - bottom) / 2, 1e-6)
    return Sequential(
        [
            Rescaling(1 / half, -(low + high) / (2 * half), input_shape=(1,)),
            Dense(
                units,
                "tanh",
                kernel_initializer=RandomNormal(stddev=units / 5),
                bias_initializer=RandomUniform(-units / 5, units / 5),
            ),
            Dense(1),
            Rescaling(tall, (top + bottom) / 2),
        ]
    )


@recorded("function")
def run(
    f: str = "sin(x)",
    low: float = -math.pi,
    high: float = math.pi,
    units: int = 64,
    epochs: int = 1000,
    batch_size: int = 32,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Fit the function that ``f`` says, between ``low`` and ``high``.

    Raises:
        ArgumentError: for a formula that can not be read, or an empty interval.
        FileError: when the folder can not be written to.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ArgumentError(f"the interval must go up, got {low} to {high}.")
    x = np.linspace(low, high, EXAMPLES)[:, None]
    y = evaluate(f, x)
    folder = run_folder(out, "function")
    begin(folder, f, x)
    set_seed(seed)
    model = network(low, high, float(y.min()), float(y.max()), units)
    steps = epochs * -(-EXAMPLES // batch_size)
    scale = float(np.std(y)) or 1.0
    model.compile(Adam(CosineDecay(1e-2, steps)), loss="mse", metrics=["mae"])
    history = model.fit(x, y, batch_size, epochs, verbose)

    between = np.linspace(low, high, 4 * EXAMPLES)[:, None]
    truth, said = evaluate(f, between), model.predict(between)
    error = float(np.abs(truth - said).max())
    report = Report(f"f(x) = {f}", f"One hidden layer of {units} units learns a function.")
    report.facts(
        {
            "largest error": f"{error:.4f}",
            "of the function's spread": f"{error / scale:.2%}",
            "epochs": len(history.epoch),
        }
    )
    report.figure(
        plots.fit_against_truth(between, truth, said, label="network"),
        f"The function and what the network makes of it, at {between.size:,} points, most of "
        "which it has not seen.",
    )
    report.section("How it learnt")
    report.figure(plots.curves(history.history), "Mean squared and mean absolute error.")
    add_summary(report, model)
    return Result(error, write_run(folder, report, model, history))


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
