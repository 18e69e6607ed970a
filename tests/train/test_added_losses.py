"""What layers add to the loss: in fit, evaluate, compute_loss and loops of one's own."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 3)).astype(np.float32)
Y = RNG.normal(size=(7, 2)).astype(np.float32)


class Mean(lp.Layer):
    """Adds the mean of its input, times a factor, to the loss."""

    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Any) -> Any:
        self.add_loss(self.factor * x.mean())
        return x


def network(*layers: lp.Layer) -> lp.Sequential:
    model = lp.Sequential([lp.Dense(2, input_shape=(3,), bias_initializer="ones"), *layers])
    kernel = np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2)
    model.set_weights([kernel, np.zeros(2), *model.get_weights()[2:]])
    return model


def outputs_of(model: lp.Sequential) -> np.ndarray:
    kernel, bias = model.get_weights()[:2]
    return X.astype(np.float64) @ kernel + bias


@pytest.mark.long
def test_fit_and_evaluate_add_them_to_the_loss() -> None:
    model = network(Mean(3.0))
    model.compile(lp.SGD(0.1), "mse")
    kernel, bias = map(np.float64, model.get_weights())
    y = outputs_of(model)
    loss = ((y - Y) ** 2).mean() + 3 * y.mean()
    assert model.evaluate(X, Y)["loss"] == pytest.approx(loss, rel=1e-5)
    history = model.fit(X, Y, batch_size=7, verbose=0)
    assert history.history["loss"] == pytest.approx([loss], rel=1e-5)
    gradient = (2 * (y - Y) + 3) / 14
    np.testing.assert_allclose(model.get_weights()[0], kernel - 0.1 * X.T @ gradient, rtol=1e-4)
    np.testing.assert_allclose(model.get_weights()[1], bias - 0.1 * gradient.sum(0), rtol=1e-4)


@pytest.mark.long
def test_the_loss_of_an_epoch_counts_batches_by_their_rows() -> None:
    model = network(Mean(3.0))
    model.compile(lp.SGD(1e-30), "mse")
    y = outputs_of(model)
    rows = ((y - Y) ** 2).mean(1)
    losses = [rows[b].mean() + 3 * y[b].mean() for b in (slice(0, 4), slice(4, 7))]
    expected = (4 * losses[0] + 3 * losses[1]) / 7
    history = model.fit(X, Y, batch_size=4, shuffle=False, verbose=0)
    assert history.history["loss"] == pytest.approx([expected], rel=1e-5)


def test_sample_weights_do_not_weight_them() -> None:
    model = network(Mean(3.0))
    model.compile("sgd", "mse")
    weights = np.arange(7, dtype=np.float32)
    y = outputs_of(model)
    expected = (((y - Y) ** 2).mean(1) * weights).mean() + 3 * y.mean()
    results = model.evaluate(X, Y, sample_weight=weights)
    assert results["loss"] == pytest.approx(expected, rel=1e-5)


@pytest.mark.long
def test_layers_that_add_a_loss_need_no_other() -> None:
    model = network(Mean())
    model.compile("sgd")
    assert model.evaluate(X)["loss"] == pytest.approx(outputs_of(model).mean(), rel=1e-5)
    model.fit(X, validation_data=(X,), verbose=0)
    other = network()
    other.compile("sgd")
    with pytest.raises(lp.ArgumentError, match="compile was given no loss"):
        other.fit(X, Y, verbose=0)


def test_losses_of_several_outputs_are_reported_with_them() -> None:
    class Two(lp.Model):
        def __init__(self) -> None:
            self.dense = lp.Dense(2, kernel_initializer="ones", kernel_regularizer=lp.L2(0.1))
            self.mean = Mean(3.0)

        def forward(self, x: Any) -> Any:
            y = self.mean(self.dense(x))
            return {"a": y, "b": 2 * y}

    model = Two()
    model.compile("sgd", {"a": "mse", "b": "mae"}, loss_weights={"a": 2.0, "b": 0.5})
    y = X.astype(np.float64) @ np.ones((3, 2))
    a, b = ((y - Y) ** 2).mean(), abs(2 * y - Y).mean()
    results = model.evaluate(X, {"a": Y, "b": Y})
    assert results["loss"] == pytest.approx(2 * a + 0.5 * b + 3 * y.mean() + 0.1 * 6, rel=1e-5)


class Own(lp.Model):
    """A loss of its own, in the way that ``kind`` says."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.dense = lp.Dense(2, kernel_initializer="ones", kernel_regularizer=lp.L2(0.1))
        self.mean = Mean(3.0)

    def forward(self, x: Any) -> Any:
        return self.mean(self.dense(x))

    def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        if self.kind == "super":
            return 2 * super().compute_loss(x, y, y_pred, sample_weight)
        mean = jnp.square(y_pred - y).mean()
        return mean + 0.5 * sum(self.losses) if self.kind == "sum" else mean


@pytest.mark.parametrize("kind", ["super", "sum", "neither"])
def test_a_loss_of_ones_own_has_them_once(kind: str) -> None:
    model = Own(kind)
    model.compile("sgd", "mse", penalty=lp.L1(0.2))
    y = X.astype(np.float64) @ np.ones((3, 2))
    mse, added = ((y - Y) ** 2).mean(), 3 * y.mean() + 0.1 * 6
    total = {"super": 2 * (mse + added), "sum": mse + 0.5 * added, "neither": mse + added}[kind]
    assert model.evaluate(X, Y)["loss"] == pytest.approx(total + 0.2 * 6, rel=1e-5)


def test_losses_of_a_model_are_those_of_its_last_call() -> None:
    model = network(Mean(), lp.Dense(1, kernel_regularizer=lp.L2(1.0), kernel_initializer="ones"))
    assert [float(loss) for loss in model.losses] == [2.0]
    model(X)
    model(2 * X)
    assert [float(loss) for loss in model.losses] == pytest.approx(
        [2 * outputs_of(model).mean(), 2.0], rel=1e-5
    )
    assert model.layers[0].losses == []


def test_a_step_of_ones_own_differentiates_them() -> None:
    model, other = network(Mean(3.0)), network()

    def loss(x: Any) -> Any:
        other(x)
        model(2 * x)
        model(x)
        return sum(model.losses)

    value, gradients = jax.tree.map(
        np.asarray, lp.jit(lp.value_and_grad(model, loss), state=model)(X)
    )
    assert value == pytest.approx(3 * outputs_of(model).mean(), rel=1e-5)
    np.testing.assert_allclose(
        gradients["dense_1/kernel"], 3 * X.mean(0)[:, None] / 2 * [1, 1], rtol=1e-5
    )


@pytest.mark.parametrize("value", [lambda: 1.0, "mse", object()])
def test_only_a_number_can_be_added(value: Any) -> None:
    class Wrong(lp.Layer):
        def forward(self, x: Any) -> Any:
            self.add_loss(value)
            return x

    with pytest.raises(lp.ArgumentError, match="add_loss takes a number that `forward` has comput"):
        Wrong()(X)


def test_a_call_outside_of_forward_is_told() -> None:
    with pytest.raises(lp.ArgumentError, match="add_loss was called outside of a call of the mod"):
        network().add_loss(1.0)


def test_a_loop_of_ones_own_around_them_is_told() -> None:
    class Loop(lp.Model):
        def __init__(self) -> None:
            self.mean = Mean()

        def forward(self, x: Any) -> Any:
            return jax.lax.scan(lambda carry, _: (self.mean(carry), None), x, None, length=2)[0]

    model = Loop()
    model.compile("sgd", "mse")
    with pytest.raises(jax.errors.UnexpectedTracerError) as caught:
        model.evaluate(X, X)
    assert "Use add_loss and layers" in caught.value.__notes__[0]


def test_half_precision_adds_in_float32() -> None:
    model = network(Mean())
    model.compile("sgd", precision="bfloat16")
    model.fit(X, verbose=0)
    assert np.isfinite(model.evaluate(X)["loss"])


def test_a_penalty_that_is_set_later_is_trained_on() -> None:
    model = network()
    model.compile("sgd", "mse")
    before = model.evaluate(X, Y)["loss"]
    model.layers[0].activity_regularizer = lp.L2(1.0)
    penalty = (outputs_of(model) ** 2).sum() / 7
    assert model.evaluate(X, Y)["loss"] == pytest.approx(before + penalty, rel=1e-5)
