"""Means over the batches of an epoch: masked steps, short batches, metrics beside logits."""

import numpy as np
import pytest

import lampas as lp

# One sequence of 3 steps, and three of padding alone.
X = np.zeros((4, 3, 1), np.float32)
X[0, :, 0] = [1, 2, 3]
Y = np.ones((4, 3, 1), np.float32)
MEANS = {"loss": 5 / 3, "mae": 1.0, "rmse": np.sqrt(5 / 3)}
"""Predictions are 1, 2, 3 for targets of 1."""


def masked_model():
    model = lp.Sequential([lp.Masking(), lp.Dense(1, kernel_initializer="ones", use_bias=False)])
    model.compile(lp.SGD(1e-9), "mse", metrics=["mae", "rmse"])
    return model


@pytest.mark.parametrize("batch_size", [1, 3, 4])
def test_rows_that_are_masked_altogether_count_for_nothing(batch_size):
    model = masked_model()
    assert model.evaluate(X, Y, batch_size) == pytest.approx(MEANS)
    history = model.fit(X, Y, batch_size, verbose=0, validation_data=(X, Y)).history
    expected = MEANS | {f"val_{name}": value for name, value in MEANS.items()}
    assert {name: value for name, (value,) in history.items()} == pytest.approx(expected)


def test_your_own_function_of_each_step_is_masked_too():
    model = masked_model()
    model.compile("sgd", lambda y, y_pred: ((y - y_pred) ** 2)[..., 0])
    assert model.evaluate(X, Y)["loss"] == pytest.approx(5 / 3)


def test_rows_that_are_masked_altogether_do_not_dilute_the_gradient():
    """The gradient of (1 - w)^2, (1 - 2w)^2, (1 - 3w)^2 at w = 1 is on average (0 + 4 + 12) / 3."""
    model = masked_model()
    model.compile(lp.SGD(0.3), "mse")
    model.fit(X, Y, 4, verbose=0)
    assert model.get_weights()[0].item() == pytest.approx(1 - 0.3 * 16 / 3)


def test_sample_weights_and_masks_are_multiplied():
    x = np.array([[[1.0], [2.0]], [[3.0], [0.0]]])
    found = masked_model().evaluate(x, Y[:2, :2], sample_weight=np.array([1.0, 10.0]))
    assert found["loss"] == pytest.approx((0 + 1 + 10 * 4) / 3)


def test_metrics_beside_a_loss_of_logits_are_those_of_probabilities():
    x = np.array([[-2.0], [0.3], [0.4], [-0.2]])
    y = np.array([[0], [1], [1], [0]])
    model = lp.Sequential([lp.Dense(1, kernel_initializer="ones", use_bias=False)])
    names = ["accuracy", "auc", "precision", "recall", "f1_score", "binary_crossentropy"]
    model.compile(lp.SGD(1e-9), lp.losses.BinaryCrossentropy(from_logits=True), metrics=names)
    for found in (model.evaluate(x, y), model.fit(x, y, verbose=0, shuffle=False).history):
        found = {name: np.squeeze(value) for name, value in found.items()}
        assert found.pop("binary_crossentropy") == pytest.approx(found.pop("loss"))
        assert found == dict.fromkeys(names[:-1], 1)


def test_a_metric_that_returns_the_mean_of_a_batch_is_an_error_before_training():
    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse", metrics=[lambda y, p: ((y - p) ** 2).mean()])
    before = model.optimizer.opt_state
    with pytest.raises(lp.ShapeError, match="must return one value for each of the 4 examples"):
        model.fit(X[:, 0], Y[:, 0], verbose=0)
    assert model.optimizer.opt_state is before


def test_update_of_a_metric_returns_a_vector():
    class Wrong(lp.Metric):
        def update(self, y_true, y_pred):
            return abs(y_true - y_pred).mean()

    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse", metrics=[Wrong()])
    with pytest.raises(lp.ShapeError, match=r"'wrong' must return a vector of sums"):
        model.evaluate(X[:, 0], Y[:, 0])
