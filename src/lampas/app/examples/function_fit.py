"""Universal approximation: a network with one hidden layer fits a function of one variable.

Given enough units, such a network approximates any continuous function on an interval as closely
as desired (Cybenko, 1989; Hornik, 1991). The user types the function, such as
``sin(3*x)*exp(-x**2)``; it is parsed and evaluated without running any code.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ... import ArgumentError, Dense, Rescaling, Sequential, plots, set_seed
from ...train.progress_bar import Verbose
from ..report import Report
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.options import Positive
from ..runs.record import record_run, start_run
from .boundary import step_layer
from .training import cosine_adam

EXAMPLES = 1024


class Result(NamedTuple):
    """The largest error, measured also between the training points, and the path of the report."""

    error: float
    report: Path

    def __str__(self) -> str:
        return f"largest error {self.error:.4f}"


def network(low: float, high: float, bottom: float, top: float, units: int) -> Sequential:
    """Scale inputs to -1 .. 1, apply one hidden layer, and scale outputs to the function's range.

    The hidden units start as steps with various gradients, spread over the interval.
    """
    half, tall = (high - low) / 2, max((top - bottom) / 2, 1e-6)
    scale_inputs = Rescaling(1 / half, -(low + high) / (2 * half), input_shape=(1,))
    scale_outputs = Rescaling(tall, (top + bottom) / 2)
    return Sequential([scale_inputs, step_layer(units, units / 5), Dense(1), scale_outputs])


@record_run("function")
def run(
    f: str = "sin(x)",
    low: float = -math.pi,
    high: float = math.pi,
    units: Positive = 64,
    epochs: Positive = 1000,
    batch_size: Positive = 32,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Fit a function of one variable with one hidden layer.

    Args:
        f: function of x, such as ``sin(3*x)*exp(-x**2)``.
        low: lower end of the interval.
        high: upper end of the interval.
        units: units of the hidden layer.
        epochs: number of passes over the training points.
        batch_size: examples per step.
        seed: seed of all random numbers.
        out: folder of the run; by default the next free runs/function.
        verbose: see ``Model.fit``.

    Raises:
        ArgumentError: when the formula cannot be parsed, or the interval is empty.
        FileError: when the folder cannot be written to.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ArgumentError(f"the interval must have low < high, got {low} to {high}.")
    x = np.linspace(low, high, EXAMPLES)[:, None]
    y = evaluate(f, x)
    folder = run_folder(out, "function")
    start_run(folder, f, x)
    set_seed(seed)
    model = network(low, high, float(y.min()), float(y.max()), units)
    model.compile(cosine_adam(1e-2, EXAMPLES, epochs, batch_size), loss="mse", metrics=["mae"])
    history = model.fit(x, y, batch_size, epochs, verbose)

    points = np.linspace(low, high, 4 * EXAMPLES)[:, None]
    targets, predictions = evaluate(f, points), model.predict(points)
    error = float(np.abs(targets - predictions).max())
    report = Report(f"f(x) = {f}", f"A hidden layer of {units} units fits a function.")
    report.facts(
        {
            "largest error": f"{error:.4f}",
            "relative to the standard deviation": f"{error / (np.std(y) or 1.0):.2%}",
            "epochs": len(history.epoch),
        }
    )
    report.figure(
        plots.fit_against_truth(points, targets, predictions, label="network"),
        f"The function and the output of the network at {points.size:,} points, most of which are "
        "not in the training data.",
    )
    report.section("Training")
    report.figure(
        plots.training_curves(history.history),
        "Mean squared error (the loss) and mean absolute error.",
    )
    add_summary(report, model)
    return Result(error, write_run(folder, report, model, history))


Values = np.ndarray | np.float64

NAMES = "abs arctan ceil cos cosh exp floor log sign sin sinh sqrt tan tanh"
FUNCTIONS: dict[str, Callable[[Values], Values]] = {n: getattr(np, n) for n in NAMES.split()}
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
MAX_LENGTH = 500


def evaluate(text: str, x: Values) -> Values:
    """Evaluate a formula of numbers, ``x``, operators and :data:`FUNCTIONS`.

    Args:
        text: the formula.
        x: points, of any shape.

    Returns:
        Values of the shape of ``x``, float64.

    Raises:
        ArgumentError: when the text is not such a formula, or a value is not finite.
    """
    if len(text) > MAX_LENGTH:
        raise ArgumentError(f"the formula has {len(text)} characters; the maximum is {MAX_LENGTH}.")
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval")
        with np.errstate(all="ignore"):
            values = np.asarray(_value(tree.body, np.asarray(x, np.float64)), np.float64)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise ArgumentError(f"{text!r} is not a formula in x: {error}.") from error
    values = np.broadcast_to(values, np.shape(x)).copy()
    if not np.isfinite(values).all():
        where = np.asarray(x)[~np.isfinite(values)][0]
        raise ArgumentError(
            f"{text!r} has no finite value at x = {where:g}; choose another --low or --high."
        )
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
        f"{ast.unparse(node)!r} is not allowed in a formula: use x, numbers, pi, e, + - * / ** and "
        f"{', '.join(FUNCTIONS)}."
    )
