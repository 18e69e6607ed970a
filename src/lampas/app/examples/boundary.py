"""Decision boundaries: a perceptron draws a line, one hidden layer draws a curve."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ... import plots
from ...applications.perceptron import NotSeparableWarning, Perceptron
from ...core.random import set_seed
from ...datasets.points import points
from ...initializers import RandomNormal, RandomUniform
from ...layers import Dense
from ...optimizers import Adam
from ...train.history import History
from ...train.progress_bar import Verbose
from ...train.sequential import Sequential
from ..report import Report
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.record import begin, recorded

TEST_POINTS = 1000


class Result(NamedTuple):
    """Accuracy of both on points not learnt from, and where the report is."""

    perceptron: float
    network: float
    report: Path


def network(units: int) -> Sequential:
    """One hidden layer of soft steps of many slopes and places, and one deciding neuron."""
    hidden = Dense(
        units,
        "tanh",
        kernel_initializer=RandomNormal(stddev=3.0),
        bias_initializer=RandomUniform(-3.0, 3.0),
        input_shape=(2,),
    )
    return Sequential([hidden, Dense(1, "sigmoid")])


@recorded("boundary")
def run(
    data: str = "moons",
    units: int = 64,
    epochs: int = 500,
    batch_size: int = 32,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Train a perceptron and a network on the same points and write the run's folder.

    Raises:
        UnknownNameError: for a shape of another name.
        FileError: when the folder can not be written to.
    """
    x, y = points(data, seed=seed)
    x_test, y_test = points(data, TEST_POINTS, seed=seed + 1)
    folder = run_folder(out, data)
    begin(folder, data, x, y, x_test, y_test)
    set_seed(seed)

    perceptron = Perceptron()
    with warnings.catch_warnings():
        # That a line does not do is what this case is about; the report says it.
        warnings.simplefilter("ignore", NotSeparableWarning)
        perceptron.fit(x, y, epochs=100)

    model = network(units)
    model.compile(Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y[:, None], batch_size, epochs, verbose)

    line = float((perceptron.predict(x_test) == y_test).mean())
    curve = model.evaluate(x_test, y_test[:, None])["accuracy"]
    report = tell(data, (x, y), perceptron, model, history, line, curve)
    return Result(line, curve, write_run(folder, report, model, history))


def tell(
    data: str,
    examples: tuple[np.ndarray, np.ndarray],
    perceptron: Perceptron,
    model: Sequential,
    history: History,
    line: float,
    curve: float,
) -> Report:
    """The report: both boundaries side by side with what they are worth."""
    x, y = examples
    report = Report(f"Two classes: {data}", "A perceptron's line and a network's curve.")
    report.facts({"network": f"{curve:.1%} right", "perceptron": f"{line:.1%} right"})
    report.text(f"Measured on {TEST_POINTS:,} new points of the same kind.")
    report.section("One hidden layer")
    report.figure(
        plots.decision_surface(lambda p: model.predict(p)[:, 0], x, y, ("0", "1")),
        "The network's probability of class 1 and its border.",
    )
    report.section("A perceptron")
    report.figure(
        plots.decision_surface(perceptron.predict, x, y, ("0", "1")),
        "One neuron with a step can only draw a straight line.",
    )
    report.section("How the network learnt")
    report.figure(plots.curves(history.history), "Loss and accuracy on the points learnt from.")
    add_summary(report, model)
    return report
