"""A kind of data that is only numbers, and runs on it that are told of without training."""

from __future__ import annotations

import numpy as np

from lampas.app.automl.result import Trained
from lampas.app.automl.task import Found, Kind, Parts, Reason, Yardstick
from lampas.inspection.lr_finder import LearningRates
from lampas.layers import Dense
from lampas.train.history import History
from lampas.train.sequential import Sequential

PURE = {"classify": "class", "regress": "weight", "forecast": "demand"}


class NumbersKind(Kind):
    """Parts are arrays of targets; their inputs do not matter."""

    name = "numbers"
    networks = ("mlp",)
    uploads = (".csv",)

    def look(self, wishes):
        raise NotImplementedError

    def script(self, found, settings):
        raise NotImplementedError

    def examples(self, part):
        return len(part)

    def inputs(self, part):
        return np.zeros((len(part), 3), np.float32)

    def targets(self, part):
        return part

    def yardsticks(self, parts, found, settings):
        return []

    def read(self, sources, settings):
        raise NotImplementedError

    def labelled(self, path, settings, classes):
        raise NotImplementedError

    def add_data(self, report, found, settings, parts):
        report.text("The data is numbers.")

    def add_mistakes(self, report, found, settings, test, said):
        report.text("The surest mistake is this one.")


class InsightfulKind(NumbersKind):
    """One that can say what a model goes by, and what to try."""

    def add_insight(self, report, found, settings, model, parts):
        report.text("It goes by the first column.")

    def advice(self, found, settings, parts):
        return ["Measure the second column, too."]


def network(outputs):
    """Three numbers in; not trained."""
    return Sequential([Dense(4, "relu", input_shape=(3,)), Dense(outputs)])


def history(loss, val_loss, **metrics):
    """What a fit would have logged."""
    made = History()
    made.history = {"loss": loss, "val_loss": val_loss, **metrics}
    made.epoch = list(range(len(loss)))
    made.seconds = 3.2
    return made


def told(task, targets, said, yardsticks, classes=(), kind=None, log=None, train=None, **settings):
    """A run whose test part is ``targets``, learnt by nobody."""
    rates = np.geomspace(1e-6, 1, 20)
    falling = 1 / (1 + rates * 1e4) + rates
    found = Found(
        task,
        PURE[task],
        tuple(classes),
        (Reason("numbers", "there is nothing else"), Reason(task, "as asked for")),
        (),
        {},
    )
    used = {"model": "mlp", "rate": 0.001, "batch_size": 16, "epochs": 50, "patience": 5, "seed": 0}
    train = targets if train is None else train
    return Trained(
        "numbers.csv: which class?",
        kind or NumbersKind(),
        found,
        used | {"dropout": 0.3, "l2": 1e-3} | settings,
        Parts(train, targets, targets),
        network(said.shape[1] if said.ndim == 2 else 1),
        log or history([0.9, 0.5, 0.4, 0.35], [0.95, 0.6, 0.55, 0.58]),
        LearningRates(rates, falling, falling, 1e-3),
        said,
        yardsticks,
    )


def answers(random, y, classes, right):
    """Probabilities ``(n, classes)`` whose largest is at the true class in a share of cases."""
    said = random.dirichlet(np.ones(classes), len(y))
    said = np.sort(said, 1)[:, ::-1]
    hit = random.random(len(y)) < right
    first = np.where(hit, y, (y + random.integers(1, classes, len(y))) % classes)
    made = np.empty_like(said)
    for row, (one, top) in enumerate(zip(said, first, strict=True)):
        rest = [label for label in range(classes) if label != top]
        made[row, [top, *rest]] = one
    return made.astype(np.float32)


def yardstick(name, said, strong=True):
    """A simple method that has said this."""
    return Yardstick(name, said, strong, 0.4)
