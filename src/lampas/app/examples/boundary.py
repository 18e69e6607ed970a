"""Decision boundaries: a perceptron draws a line, a network with a hidden layer a curve."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import NamedTuple, Unpack

from ... import Adam, Dense, Perceptron, Sequential, plots, set_seed
from ...applications.perceptron import NotSeparableWarning
from ...datasets.points import points
from ...initializers import RandomNormal, RandomUniform
from ...layers.base import LayerOptions
from ...train.progress_bar import Verbose
from ..report import Report
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.options import Positive
from ..runs.record import record_run, start_run

TEST_POINTS = 1000


class Result(NamedTuple):
    """Accuracy of both models on new points, and the path of the report."""

    perceptron: float
    network: float
    report: Path

    def __str__(self) -> str:
        return f"accuracy: network {self.network:.1%}, perceptron {self.perceptron:.1%}"


def step_layer(units: int, spread: float, **options: Unpack[LayerOptions]) -> Dense:
    """A hidden layer of soft steps with various gradients and positions."""
    return Dense(
        units,
        "tanh",
        kernel_initializer=RandomNormal(stddev=spread),
        bias_initializer=RandomUniform(-spread, spread),
        **options,
    )


@record_run("boundary")
def run(
    data: str = "moons",
    units: Positive = 64,
    epochs: Positive = 500,
    batch_size: Positive = 32,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Separate two classes in the plane by a perceptron and by a network.

    Args:
        data: shape of the two classes, ``"moons"``, ``"circles"`` or ``"spirals"``.
        units: units of the hidden layer.
        epochs: number of passes over the training points.
        batch_size: examples per step.
        seed: seed of all random numbers.
        out: folder of the run; by default the next free runs/DATA.
        verbose: see ``Model.fit``.

    Raises:
        UnknownNameError: when ``data`` is another name.
        FileError: when the folder cannot be written to.
    """
    x, y = points(data, seed=seed)
    x_test, y_test = points(data, TEST_POINTS, seed=seed + 1)
    folder = run_folder(out, data)
    start_run(folder, data, x, y, x_test, y_test)
    set_seed(seed)

    perceptron = Perceptron()
    with warnings.catch_warnings():
        # The example shows that no line separates the classes; the report says so.
        warnings.simplefilter("ignore", NotSeparableWarning)
        perceptron.fit(x, y, epochs=100)

    model = Sequential([step_layer(units, 3.0, input_shape=(2,)), Dense(1, "sigmoid")])
    model.compile(Adam(0.01), loss="binary_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y[:, None], batch_size, epochs, verbose)

    line = float((perceptron.predict(x_test) == y_test).mean())
    curve = model.evaluate(x_test, y_test[:, None])["accuracy"]
    report = Report(f"Two classes: {data}", "A perceptron's linear boundary, a network's curve.")
    report.facts({"accuracy, network": f"{curve:.1%}", "accuracy, perceptron": f"{line:.1%}"})
    report.text(f"Measured on {TEST_POINTS:,} new points from the same distribution.")
    report.section("One hidden layer")
    report.figure(
        plots.decision_surface(lambda p: model.predict(p)[:, 0], x, y, ("0", "1")),
        "The predicted probability of class 1 and the decision boundary of the network.",
    )
    report.section("A perceptron")
    report.figure(
        plots.decision_surface(perceptron.predict, x, y, ("0", "1")),
        "A single neuron with a step function can only draw a straight line.",
    )
    report.section("Training of the network")
    report.figure(
        plots.training_curves(history.history), "Loss and accuracy on the training points."
    )
    add_summary(report, model)
    return Result(line, curve, write_run(folder, report, model, history))
