"""The state of metrics: in loops, in compiled functions, and beside their use as functions."""

import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas import metrics
from lampas.metrics import METRICS

Y = np.array([[1.0], [0.0], [1.0], [0.0], [1.0], [1.0]], np.float32)
P = np.array([[0.9], [0.3], [0.4], [0.6], [0.8], [0.2]], np.float32)
WEIGHTS = np.array([1.0, 2.0, 0.5, 3.0, 1.0, 0.0], np.float32)


@pytest.mark.long
@pytest.mark.parametrize("name", ["binary_accuracy", "precision", "auc", "r2_score", "mae", "rmse"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_result_of_parts_is_that_of_all(name, weighted):
    metric, expected = metrics.get(name), METRICS[name](*((Y, P, WEIGHTS) if weighted else (Y, P)))
    for part in (slice(0, 1), slice(1, 4), slice(4, 6)):
        weights = WEIGHTS[part] if weighted else None
        metric.update_state(Y[part], P[part], sample_weight=weights)
    assert metric.result() == pytest.approx(expected, rel=1e-6)
    metric.reset_state()
    assert metric.result() == 0


def test_a_call_adds_its_batch_and_returns_its_value():
    metric = metrics.get("mae")
    assert metric([0.0], [1.0]) == 1
    assert metric([0.0], [3.0]) == 3
    assert metric.result() == 2


def test_metrics_by_name_do_not_share_a_state():
    first, second = metrics.get("mae"), metrics.get("mae")
    first.update_state([0.0], [1.0])
    assert (first.result(), second.result()) == (1, 0)
    assert first == second
    assert copy.deepcopy(first).result() == 1


@pytest.mark.parametrize(
    ("values", "weights", "mean", "total"),
    [
        ([5.0], [None], 5, 5),
        ([[1.0, 2.0, 6.0]], [None], 3, 9),
        ([[1.0, 2.0], 9.0], [None, None], 4, 12),
        ([2.0, 8.0], [3.0, 1.0], 3.5, 14),
        ([[1.0, 2.0]], [[1.0, 0.0]], 1, 1),
        ([np.ones((2, 3))], [[1.0, 3.0]], 1, 12),
    ],
)
def test_mean_and_sum(values, weights, mean, total):
    for kind, expected in ((metrics.Mean, mean), (metrics.Sum, total)):
        metric = kind(name="value")
        for value, weight in zip(values, weights, strict=True):
            metric.update_state(value, weight)
        assert metric.result() == pytest.approx(expected)
        assert metric.name == "value"


def test_a_mean_of_values_is_no_metric_of_predictions():
    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse", metrics=[metrics.Mean()])
    with pytest.raises(lp.ArgumentError, match="of values, which you pass to its update_state"):
        model.fit(P, Y, verbose=0)


def test_a_metric_in_a_compiled_loop():
    model, metric = lp.Dense(1), metrics.get("mae")
    step = lp.jit(lambda x, y: metric.update_state(y, model(x)), state=(model, metric))
    step(P, Y)
    step(P[:2], Y[:2])
    errors = np.abs(Y - np.asarray(model(P)))
    expected = (errors.sum() + errors[:2].sum()) / 8
    assert metric.result() == pytest.approx(expected, rel=1e-6)


def test_a_result_is_a_number_in_compiled_code():
    metric = metrics.AUC()

    def step(y, p):
        metric.update_state(y, p)
        return 1 - metric.result()

    assert lp.jit(step, state=metric)(Y, P) == pytest.approx(1 - metrics.AUC()(Y, P))


def test_a_metric_inside_a_loss_is_updated():
    model, metric = lp.Dense(1, kernel_initializer="ones"), metrics.Mean()

    def loss(x):
        value = model(x).mean()
        metric.update_state(value)
        return value

    differentiate = lp.value_and_grad(model, loss)
    differentiate(P)
    differentiate(3 * P)
    assert metric.result() == pytest.approx(2 * P.mean())


def test_what_is_compiled_must_have_the_metric_in_its_state():
    model, metric = lp.Dense(1), metrics.Mean(name="error")
    with pytest.raises(lp.ArgumentError, match="Mean is used but was not passed"):
        lp.jit(lambda x: metric.update_state(model(x)), state=model)(P)
    assert metric.result() == 0
    with pytest.raises(lp.ArgumentError, match="'error' is updated in a compiled function"):
        jax.jit(lambda x: metric.update_state(x))(P)


@pytest.mark.long
def test_outputs_of_another_number_are_an_error():
    metric = metrics.F1Score()
    metric.update_state(np.eye(2), np.eye(2))
    with pytest.raises(lp.ShapeError, match="'f1_score' has seen batches with another number"):
        metric.update_state(np.eye(3), np.eye(3))
    assert metric(np.eye(3), np.eye(3)) == 1


def test_a_metric_of_ones_own_has_a_state():
    class MaxCount(lp.Metric):
        def update(self, y_true, y_pred):
            return jnp.stack([jnp.sum(y_true == y_pred), y_true.size]).astype(jnp.float32)

        def result(self, sums):
            return sums[0] / sums[1]

    metric = MaxCount()
    metric.update_state([1.0, 2.0], [1.0, 3.0])
    metric.update_state([1.0, 2.0], [1.0, 2.0])
    assert metric.result() == 0.75


class Largest(lp.Metric):
    """Written for Keras: variables, and a state that is no sum."""

    def __init__(self, name="largest", **kwargs):
        super().__init__(name=name, **kwargs)
        self.largest = self.add_weight(shape=(), initializer="zeros", name="largest")
        self.count = self.add_variable(shape=(), initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        error = jnp.max(jnp.abs(y_true - y_pred))
        self.largest.assign(jnp.maximum(self.largest.value, error))
        self.count.assign_add(len(y_true))

    def result(self):
        return self.largest + self.count

    def reset_state(self):
        self.largest.assign(-1.0)
        self.count.assign(0)


def test_a_metric_written_for_keras_in_a_loop():
    metric = Largest()
    metric.reset_state()
    metric.update_state(jnp.zeros(3), jnp.array([1.0, -2.0, 0.5]))
    assert metric(jnp.zeros(2), jnp.ones(2)) == 2 + 5
    metric.reset_state()
    assert metric.result() == -1


@pytest.mark.long
@pytest.mark.parametrize("argument", ["metrics", "weighted_metrics"])
def test_a_metric_written_for_keras_in_compile(argument):
    model = lp.Sequential([lp.Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(lp.SGD(1e-9), "mse", **{argument: [Largest(name="largest")]})
    expected = np.abs(Y - P).max() + len(Y)
    history = model.fit(P, Y, 4, 2, 0, sample_weight=np.ones(6)).history
    assert history["largest"] == pytest.approx([expected] * 2)
    assert model.evaluate(P[:5], Y[:5], 2)["largest"] == pytest.approx(np.abs(Y - P)[:5].max() + 5)
