"""Metrics and their bootstrap intervals, against scikit-learn."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from lampas.evaluation import intervals as bootstrap
from lampas.evaluation.intervals import block_length, resample_counts
from lampas.evaluation.metrics import METRIC_DESCRIPTIONS, compute_metrics
from tests.app.automl.fake_results import random_probabilities


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch):
    monkeypatch.setattr(bootstrap, "MAX_RESAMPLES", 25)
    monkeypatch.setattr(bootstrap, "MIN_RESAMPLES", 25)


def same_as(reference, found, targets):
    """Value and interval are what a function of sample weights says."""
    everyone = np.ones(len(targets))
    counts = np.concatenate(list(resample_counts(len(targets), block_length(targets))))
    value = reference(everyone)
    low, high = np.percentile([reference(one) for one in counts], (2.5, 97.5))
    if targets.ndim == 2:
        number = len(targets) / (2 * targets.shape[1])
        wider = (
            stats.t.ppf(0.975, number - 1) / stats.norm.ppf(0.975) * np.sqrt(number / (number - 1))
        )
        low, high = value - wider * (value - low), value + wider * (high - value)
    assert found == pytest.approx((value, low, high), rel=1e-6)


@pytest.mark.parametrize("classes", [2, 4])
def test_classes_are_measured_as_by_scikit_learn(classes):
    random = np.random.default_rng(classes)
    y = np.arange(60) % classes
    said = random_probabilities(random, y, classes, 0.8).astype(float)
    found = compute_metrics("classify", y, said, [f"c{i}" for i in range(classes)])
    top = said.argmax(1)
    assert list(found)[:3] == ["accuracy", "balanced accuracy", "log loss"]
    same_as(lambda w: metrics.accuracy_score(y, top, sample_weight=w), found["accuracy"], y)
    same_as(
        lambda w: metrics.balanced_accuracy_score(y, top, sample_weight=w),
        found["balanced accuracy"],
        y,
    )
    same_as(
        lambda w: metrics.log_loss(y, said / said.sum(1, keepdims=True), sample_weight=w),
        found["log loss"],
        y,
    )


@pytest.mark.parametrize("rare", [0, 1])
def test_two_classes_are_measured_by_the_rarer(rare):
    random = np.random.default_rng(rare)
    y = np.where(np.arange(60) < 20, rare, 1 - rare)
    said = np.round(random_probabilities(random, y, 2, 0.7), 1).astype(float)  # with many ties
    found = compute_metrics("classify", y, said, ("no", "yes"))
    name, called = ("no", "yes")[rare], said.argmax(1) == rare
    same_as(
        lambda w: metrics.roc_auc_score(y == rare, said[:, rare], sample_weight=w),
        found["ROC AUC"],
        y,
    )
    same_as(
        lambda w: metrics.recall_score(y == rare, called, sample_weight=w),
        found[f"sensitivity ({name})"],
        y,
    )
    same_as(
        lambda w: metrics.recall_score(y != rare, ~called, sample_weight=w),
        found[f"specificity ({name})"],
        y,
    )
    same_as(
        lambda w: metrics.f1_score(y == rare, called, sample_weight=w), found[f"F1 ({name})"], y
    )
    assert {one.partition(" (")[0] for one in found} < set(METRIC_DESCRIPTIONS)


def test_values_are_measured_as_by_scikit_learn():
    random = np.random.default_rng(3)
    y = random.normal(1e3, 7, 40)
    said = y + random.normal(0, 4, 40)
    found = compute_metrics("regress", y, said, ())
    same_as(lambda w: metrics.root_mean_squared_error(y, said, sample_weight=w), found["RMSE"], y)
    same_as(lambda w: metrics.mean_absolute_error(y, said, sample_weight=w), found["MAE"], y)
    same_as(lambda w: metrics.r2_score(y, said, sample_weight=w), found["R²"], y)


def test_forecasts_are_measured_over_all_steps_by_blocks():
    random = np.random.default_rng(4)
    y = np.lib.stride_tricks.sliding_window_view(random.normal(size=80), 5)
    said = y + random.normal(size=y.shape)
    found = compute_metrics("forecast", y, said, ())
    assert list(found) == ["RMSE", "MAE"]
    same_as(lambda w: metrics.mean_squared_error(y, said, sample_weight=w) ** 0.5, found["RMSE"], y)
    same_as(lambda w: metrics.mean_absolute_error(y, said, sample_weight=w), found["MAE"], y)


def test_when_all_answers_are_right_the_interval_is_wilsons():
    y = np.array([0, 1, 0, 1, 1, 0, 0, 0])
    found = compute_metrics("classify", y, np.eye(2)[y], ("no", "yes"))
    truth = stats.binomtest(8, 8).proportion_ci(method="wilson")
    assert found["accuracy"] == pytest.approx((1, truth.low, truth.high), abs=1e-4)
    truth = stats.binomtest(3, 3).proportion_ci(method="wilson")
    assert found["sensitivity (yes)"] == pytest.approx((1, truth.low, truth.high), abs=1e-4)
    assert found["log loss"].value == 0
    assert found["ROC AUC"].value == found["F1 (yes)"].value == 1


def test_an_impossible_truth_costs_much_and_not_everything():
    y = np.array([0, 0, 0, 1])
    found = compute_metrics("classify", y, np.tile([1.0, 0.0], (4, 1)), ("no", "yes"))
    assert found["log loss"].value == pytest.approx(-np.log(1e-7) / 4)
    assert found["F1 (yes)"].value == 0
    assert found["ROC AUC"].value == 0.5


@pytest.mark.parametrize("examples", [1, 5])
def test_a_class_that_is_not_there_and_few_examples(examples):
    y = np.zeros(examples, int)
    said = np.tile([0.6, 0.4], (examples, 1))
    found = compute_metrics("classify", y, said, ("no", "yes"))
    assert list(found) == ["accuracy", "balanced accuracy", "log loss"]
    assert found["balanced accuracy"].value == 1
    alone = compute_metrics("regress", np.ones(examples), np.full(examples, 3.0), ())
    assert list(alone) == ["RMSE", "MAE"]
    assert alone["RMSE"] == (2, 2, 2)
