"""Exclusive or: the smallest problem that a single neuron cannot solve and two layers can."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ... import Adam, Callback, Dense, HealthMonitor, History, Sequential, plots, set_seed
from ...train.progress_bar import Verbose
from ..report import Report
from ..report.health import add_health
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.options import Positive
from ..runs.record import record_run, start_run

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
Y = np.array([[0], [1], [1], [0]], np.float32)


class Result(NamedTuple):
    """Number of correctly classified rows, of four, and the path of the report."""

    right: int
    report: Path

    def __str__(self) -> str:
        return f"{self.right} of 4 correct"


def train_model(
    epochs: int, batch_size: int, verbose: Verbose = 0, callbacks: Sequence[Callback] = ()
) -> tuple[Sequential, History]:
    """Train a hidden layer, which bends the plane, and one output neuron on the four rows."""
    model = Sequential([Dense(8, "tanh", input_shape=(2,)), Dense(1, "sigmoid")])
    model.compile(Adam(0.05), loss="binary_crossentropy", metrics=["accuracy"])
    return model, model.fit(X, Y, batch_size, epochs, verbose, callbacks)


@record_run("xor")
def run(
    epochs: Positive = 500,
    batch_size: Positive = 4,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Learn exclusive or, which a single neuron cannot represent.

    Args:
        epochs: number of passes over the four rows.
        batch_size: examples per step.
        seed: seed of all random numbers.
        out: folder of the run; by default the next free runs/xor.
        verbose: see ``Model.fit``.

    Raises:
        FileError: when the folder cannot be written to.
    """
    folder = run_folder(out, "xor")
    start_run(folder, "xor", X, Y)
    set_seed(seed)
    monitor = HealthMonitor(share=0.5)  # training takes only a moment
    model, history = train_model(epochs, batch_size, verbose, [monitor])
    probabilities = model.predict(X)
    right = int(((probabilities > 0.5) == Y).sum())
    report = Report("Exclusive or", "Two inputs, one hidden layer, one output.")
    report.facts({"correct": f"{right} of 4", "epochs": len(history.epoch)})
    report.text(
        "No straight line separates (0, 1) and (1, 0) from (0, 0) and (1, 1), so a single neuron "
        "cannot learn this function. A hidden layer bends the plane first."
    )
    rows = [
        [int(a), int(b), int(y[0]), f"{p[0]:.4f}"]
        for (a, b), y, p in zip(X, Y, probabilities, strict=True)
    ]
    report.table(["first", "second", "true", "probability of 1"], rows, "The four rows.")
    report.section("Predictions over the plane")
    report.figure(
        plots.decision_surface(
            lambda p: model.predict(p)[:, 0], X, Y[:, 0], ("0", "1"), (-0.5, 1.5, -0.5, 1.5)
        ),
        "The probability of class 1, and the decision boundary, where it is one half.",
    )
    report.section("Training")
    report.figure(plots.training_curves(history.history), "Loss and accuracy on the four rows.")
    add_health(report, monitor)
    add_summary(report, model)
    return Result(right, write_run(folder, report, model, history))
