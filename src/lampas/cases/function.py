"""Universal approximation: one hidden layer fits a function of one variable.

A network with one hidden layer comes as close as one likes to any continuous function on an
interval, given enough units (Cybenko, 1989; Hornik, 1991).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..core.errors import ArgumentError
from ..core.seed import set_seed
from ..initializers import RandomNormal, RandomUniform
from ..layers import Dense, Rescaling
from ..optimizers import Adam
from ..report import Report, figures
from ..schedules import CosineDecay
from ..sequential import Sequential
from ..train.progress import Verbose
from .folder import add_summary, run_folder, write_run
from .formula import evaluate
from .record import begin, recorded

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


@recorded
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
        figures.fit_against_truth(between, truth, said, label="network"),
        f"The function and what the network makes of it, at {between.size:,} points, most of "
        "which it has not seen.",
    )
    report.section("How it learnt")
    report.figure(figures.curves(history.history), "Mean squared and mean absolute error.")
    add_summary(report, model)
    return Result(error, write_run(folder, report, model, history))
