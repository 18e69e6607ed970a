"""Exclusive or: the smallest problem that one neuron can not solve and two layers can."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ... import plots
from ...core.random import set_seed
from ...layers import Dense
from ...optimizers import Adam
from ...train.callbacks.base import Callback
from ...train.callbacks.health_monitor import Monitor
from ...train.history import History
from ...train.progress_bar import Verbose
from ...train.sequential import Sequential
from ..report import Report
from ..report.health import add_health
from ..runs.folder import add_summary, run_folder, write_run
from ..runs.record import begin, recorded

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
Y = np.array([[0], [1], [1], [0]], np.float32)


class Result(NamedTuple):
    """How many of the four rows are right, and where the report is."""

    right: int
    report: Path


def network(hidden: int = 8) -> Sequential:
    """A hidden layer bends the plane, one neuron decides."""
    return Sequential([Dense(hidden, "tanh", input_shape=(2,)), Dense(1, "sigmoid")])


def learn(
    epochs: int, batch_size: int, verbose: Verbose = 0, callbacks: Sequence[Callback] = ()
) -> tuple[Sequential, History]:
    """Train the network on the four rows."""
    model = network()
    model.compile(Adam(0.05), loss="binary_crossentropy", metrics=["accuracy"])
    return model, model.fit(X, Y, batch_size, epochs, verbose, callbacks)


@recorded("xor")
def run(
    epochs: int = 500,
    batch_size: int = 4,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Train, and write the run's folder.

    Raises:
        FileError: when the folder can not be written to.
    """
    folder = run_folder(out, "xor")
    begin(folder, "xor", X, Y)
    set_seed(seed)
    monitor = Monitor(share=0.5)  # it is over in a moment
    model, history = learn(epochs, batch_size, verbose, [monitor])
    probabilities = model.predict(X)
    right = int(((probabilities > 0.5) == Y).sum())
    report = tell(model, history, probabilities, right, monitor)
    return Result(right, write_run(folder, report, model, history))


def tell(
    model: Sequential, history: History, probabilities: np.ndarray, right: int, monitor: Monitor
) -> Report:
    """The report: the four answers, the plane, the loss, how the network fared."""
    report = Report("Exclusive or", "Two inputs, one hidden layer, one answer.")
    report.facts({"right": f"{right} of 4", "epochs": len(history.epoch)})
    report.text(
        "No straight line parts (0, 1) and (1, 0) from (0, 0) and (1, 1), so a single neuron can "
        "not learn it. A hidden layer bends the plane first."
    )
    rows = [
        [int(a), int(b), int(y[0]), f"{p[0]:.4f}"]
        for (a, b), y, p in zip(X, Y, probabilities, strict=True)
    ]
    report.table(["first", "second", "true", "probability of 1"], rows, "The four rows.")
    report.section("What it says over the whole plane")
    report.figure(
        plots.decision_surface(
            lambda p: model.predict(p)[:, 0], X, Y[:, 0], ("0", "1"), (-0.5, 1.5, -0.5, 1.5)
        ),
        "The probability of 1, and the border where it is one half.",
    )
    report.section("How it learnt")
    report.figure(plots.curves(history.history), "Loss and accuracy on the four rows.")
    add_health(report, monitor)
    add_summary(report, model)
    return report
