"""A kind of data that consists of targets only, and results of runs without any training."""

from __future__ import annotations

import numpy as np

from lampas.app.automl.result import TrainingResult
from lampas.app.automl.settings import Settings
from lampas.app.automl.task import DataKind, DataProfile, Decision
from lampas.evaluation.types import Baseline, Splits
from lampas.inspection.lr_finder import LRFinderResult
from lampas.layers import Dense
from lampas.train.history import History
from lampas.train.sequential import Sequential

TARGETS = {"classify": "class", "regress": "weight", "forecast": "demand"}


class NumbersKind(DataKind):
    """Splits are arrays of targets; their inputs do not matter."""

    name = "numbers"
    networks = ("mlp",)
    uploads = (".csv",)
    settings_type = Settings

    def profile_data(self, options):
        raise NotImplementedError

    def script(self, profile):
        raise NotImplementedError

    def num_examples(self, split):
        return len(split)

    def inputs(self, split):
        return np.zeros((len(split), 3), np.float32)

    def targets(self, split):
        return split

    def baselines(self, splits, profile):
        return []

    def read_batches(self, files, settings):
        raise NotImplementedError

    def load_labelled(self, path, settings, classes):
        raise NotImplementedError

    def add_data(self, report, profile, splits):
        report.text("The data is numbers.")

    def add_mistakes(self, report, profile, test, y_pred):
        report.text("The worst mistake is this one.")


class ExplainedKind(NumbersKind):
    """One with explanations and recommendations."""

    def add_explanations(self, report, profile, model, splits):
        report.text("It depends on the first column.")

    def recommendations(self, profile, splits):
        return ["Measure the second column, too."]


def network(outputs):
    """A network with three inputs, not trained."""
    return Sequential([Dense(4, "relu", input_shape=(3,)), Dense(outputs)])


def history(loss, val_loss, **metrics):
    """What a fit would have logged."""
    fake = History()
    fake.history = {"loss": loss, "val_loss": val_loss, **metrics}
    fake.epoch = list(range(len(loss)))
    fake.seconds = 3.2
    return fake


def fake_result(
    task, y_true, y_pred, baselines, classes=(), kind=None, log=None, train=None, **settings
):
    """The result of a run whose test split is ``y_true``."""
    rates = np.geomspace(1e-6, 1, 20)
    losses = 1 / (1 + rates * 1e4) + rates
    common = {"dropout": 0.3, "l2": 1e-3, "batch_size": 16, "epochs": 50, "patience": 5}
    common |= {"path": "numbers.csv", "seed": 0, "model": "mlp", "learning_rate": 0.001}
    profile = DataProfile(
        task,
        TARGETS[task],
        tuple(classes),
        (Decision("numbers", "there is nothing else"), Decision(task, "as requested")),
        (),
        Settings(**(common | settings)),
    )
    return TrainingResult(
        "numbers.csv: which class?",
        kind or NumbersKind(),
        profile,
        Splits(y_true if train is None else train, y_true, y_true),
        network(y_pred.shape[1] if y_pred.ndim == 2 else 1),
        log or history([0.9, 0.5, 0.4, 0.35], [0.95, 0.6, 0.55, 0.58]),
        LRFinderResult(rates, losses, losses, 1e-3),
        y_pred,
        baselines,
    )


def random_probabilities(random, y, classes, accuracy):
    """Probabilities ``(n, classes)`` whose largest is at the true class with that accuracy."""
    values = random.dirichlet(np.ones(classes), len(y))
    values = np.sort(values, 1)[:, ::-1]
    correct = random.random(len(y)) < accuracy
    top = np.where(correct, y, (y + random.integers(1, classes, len(y))) % classes)
    probabilities = np.empty_like(values)
    for row, (ordered, first) in enumerate(zip(values, top, strict=True)):
        rest = [label for label in range(classes) if label != first]
        probabilities[row, [first, *rest]] = ordered
    return probabilities.astype(np.float32)


def baseline(name, y_pred, is_strong=True):
    """A baseline with these predictions."""
    return Baseline(name, y_pred, is_strong, 0.4)
