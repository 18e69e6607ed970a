"""Results of a finished run, and their summary in words: does the network beat the baselines?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...data.labels import pluralize
from ...evaluation.comparison import PRIMARY_METRIC, Difference, compare_models, primary_score
from ...evaluation.formatting import NO_INTERVAL, format_in_units, format_interval, format_value
from ...evaluation.intervals import Interval
from ...evaluation.metrics import compute_metrics
from ...evaluation.types import Baseline, Predictions, Splits
from ...inspection.lr_finder import LRFinderResult
from ...train.history import History
from ...train.model import Model
from .task import DataKind, DataProfile, Refit

NETWORK = "the network"
"""Name of the trained network beside the baselines."""
SMALL_TEST_SET = 30
"""Number of test examples below which the metrics are unreliable."""
BALANCED = "balanced accuracy"


@dataclass(frozen=True)
class TrainingResult:
    """A trained network and the baselines that it is compared with.

    Args:
        title: title of the report.
        kind: kind of the data.
        profile: profile of the data, with the settings.
        splits: training, validation and test examples.
        model: the model that was evaluated, with the weights of its best epoch.
        history: history of the fit, with validation metrics.
        lr_finder: result of the learning rate range test; None where the rate was given.
        y_pred: the network's predictions for the test split.
        baselines: simple methods evaluated on the same split, one or more.
        refit: the network that is saved, where it is another one.
    """

    title: str
    kind: DataKind[Any]
    profile: DataProfile[Any]
    splits: Splits
    model: Model
    history: History
    lr_finder: LRFinderResult | None
    y_pred: Predictions
    baselines: list[Baseline]
    refit: Refit | None = None

    @property
    def saved_model(self) -> Model:
        """The network that is saved."""
        return self.refit.model if self.refit else self.model

    @property
    def y_true(self) -> np.ndarray:
        """Targets of the test split."""
        return self.kind.targets(self.splits.test)

    @property
    def predictions(self) -> dict[str, Predictions]:
        """Predictions for the test split by method: the network, strong baselines, others."""
        baselines = sorted(self.baselines, key=lambda baseline: not baseline.is_strong)
        return {NETWORK: self.y_pred} | {b.name: b.predictions for b in baselines}

    @cached_property
    def metrics(self) -> dict[str, dict[str, Interval]]:
        """Metrics on the test split by method."""
        return {
            name: compute_metrics(self.profile.task, self.y_true, y_pred, self.profile.classes)
            for name, y_pred in self.predictions.items()
        }

    @property
    def best_epoch(self) -> int:
        """The epoch, from 0, with the lowest validation loss, whose weights were restored."""
        return int(np.nanargmin(self.history.history["val_loss"]))

    @property
    def best_baseline(self) -> Baseline:
        """The baseline with the best primary metric; of equal ones a strong one."""
        return max(self.baselines, key=lambda b: (self._score(b.predictions), b.is_strong))

    @property
    def trivial_baseline(self) -> Baseline | None:
        """The best of the baselines that are not strong."""
        trivial = [baseline for baseline in self.baselines if not baseline.is_strong]
        return max(trivial, key=lambda b: self._score(b.predictions), default=None)

    def _score(self, y_pred: Predictions) -> float:
        return primary_score(self.profile.task, self.y_true, y_pred)


def difference_to(result: TrainingResult, baseline: Baseline) -> Difference:
    """By how much the network is better than a baseline."""
    return compare_models(result.profile.task, result.y_true, result.y_pred, baseline.predictions)


def describe_saved_model(result: TrainingResult) -> str:
    """Which network was scored, and which one is saved."""
    number = result.kind.num_examples(result.splits.train)
    if (refit := result.refit) is None:
        return (
            f"The network that is saved is the one that was scored, trained on {number:,} examples."
        )
    epochs = pluralize(refit.epochs, "epoch")
    return (
        f"The score is that of a network that was trained on the earliest {number:,} of "
        f"{result.kind.num_examples(refit.examples):,} examples; the network that is saved was "
        f"then trained on all of them, for {epochs}: as many steps as had the best validation loss."
    )


def summarize(result: TrainingResult) -> str:
    """The network's score, that of the best baseline, and whether the difference is significant."""
    return " ".join(_sentences(result))


def _sentences(result: TrainingResult) -> Iterator[str]:
    task = result.profile.task
    metric = PRIMARY_METRIC[task]
    examples = pluralize(len(result.y_true), "window" if task == "forecast" else "example")
    best = result.best_baseline
    score, baseline_score = (result.metrics[name][metric] for name in (NETWORK, best.name))
    quantity = "accuracy" if task == "classify" else "root mean squared error"
    value = _format(score, metric)
    yield f"On {examples} not used in training, the network's {quantity} is {value}."
    difference = difference_to(result, best)
    value = format_value(metric, baseline_score.value)
    yield _compare(best, value, difference, metric, examples)
    trivial = result.trivial_baseline
    if trivial is not None and not _is_better(difference_to(result, trivial)):
        yield _compare_to_trivial(result, trivial)
    yield from _caution(result)


def _caution(result: TrainingResult) -> Iterator[str]:
    """A warning where the test split is small."""
    number = len(result.y_true)
    if result.profile.task == "forecast":
        independent = max(1, number // result.y_true.shape[1])
        if independent < SMALL_TEST_SET:
            yield (
                f"The windows overlap; only about {independent} of them are independent, so other "
                "periods may give other results."
            )
    elif number < SMALL_TEST_SET:
        yield "The test set is so small that other examples may give quite different results."


def _format(interval: Interval, name: str = "accuracy") -> str:
    value, span = format_interval(name, interval)
    return value if span == NO_INTERVAL else f"{value} (95 % interval {span})"


def _is_better(difference: Difference) -> bool:
    return difference.significant and difference.interval.value > 0


def _compare_to_trivial(result: TrainingResult, trivial: Baseline) -> str:
    """How a network that is not significantly better than a trivial baseline compares with it."""
    difference = difference_to(result, trivial)
    if not difference.enough_data and difference.interval.value > 0:
        return f"It is better than “{trivial.name}”, but on so small a test set that may be chance."
    if result.profile.task == "classify":
        network, baseline = (result.metrics[name][BALANCED] for name in (NETWORK, trivial.name))
        if network.low > baseline.high:
            return (
                f"Its accuracy is not significantly better than that of “{trivial.name}”, but it "
                "does distinguish the classes: its balanced accuracy, which counts every class "
                f"equally, is {_format(network)}, and that of “{trivial.name}” is "
                f"{format_value(BALANCED, baseline.value)}."
            )
    return (
        f"It is not significantly better than “{trivial.name}”, so there is no evidence that the "
        "network learned anything."
    )


def _compare(best: Baseline, value: str, difference: Difference, metric: str, examples: str) -> str:
    by = _format_difference(difference.interval, metric)
    baseline = f"the best baseline, {best.name} ({value})"
    if _is_better(difference):
        return f"It is significantly better than {baseline}, by {by}."
    if difference.significant:
        return f"It is significantly worse than {baseline}, by {by}."
    if difference.interval.value == 0:
        return f"It is exactly as good as {baseline}."
    side = "better" if difference.interval.value > 0 else "worse"
    return (
        f"It is {side} than {baseline}, by {by}; {examples} cannot show that this difference is "
        "not chance."
    )


def _format_difference(interval: Interval, metric: str) -> str:
    """The absolute difference with its interval."""
    value, low, high = interval
    if value < 0:
        value, low, high = -value, -high, -low
    if metric == "accuracy":
        points = f"{100 * value:z.1f} percentage points ({100 * low:z.1f} to {100 * high:z.1f})"
        return points.replace("-", "−")
    return f"{format_in_units(value)} ({format_in_units(low)} to {format_in_units(high)})"
