"""Means over the batches of an epoch: masked steps, short batches, metrics beside logits."""

import jax.numpy as jnp
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


@pytest.mark.long
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


@pytest.mark.long
@pytest.mark.parametrize("batch_size", [1, 3])
def test_steps_of_your_own_function_count_the_same_in_every_batch(batch_size):
    model = masked_model()
    model.compile(lp.SGD(1e-9), lambda y, y_pred: ((y - y_pred) ** 2)[..., 0])
    assert model.evaluate(X, Y, batch_size)["loss"] == pytest.approx(5 / 3)
    loss = model.fit(X, Y, batch_size, verbose=0).history["loss"]
    assert loss == pytest.approx([5 / 3])


@pytest.mark.long
def test_a_loss_of_rows_beside_a_mask_of_steps_counts_rows():
    """A distribution over steps has one crossentropy for each row, masked steps or not."""

    class Pointer(lp.Model):
        def __init__(self):
            self.mask, self.score = lp.Masking(), lp.Dense(1, use_bias=False)

        def forward(self, x):
            x = self.mask(x)
            return lp.set_mask(self.score(x)[..., 0], lp.get_mask(x))

    x = np.array([[[1.0], [2.0], [3.0]], [[1.0], [0.0], [0.0]], [[2.0], [1.0], [0.0]]])
    y = np.array([0, 0, 1])
    model = Pointer()
    loss = lp.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss)
    scores = model.predict(x)
    expected = np.log(np.exp(scores).sum(1)) - scores[np.arange(3), y]
    assert model.evaluate(x, y, 2)["loss"] == pytest.approx(expected.mean(), rel=1e-5)


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


STEPS = np.array([[1, 2, 3, 0], [4, 0, 0, 0], [0, 0, 0, 0], [1, 1, 5, 2], [3.0, 0, 0, 0]])
STEPS = STEPS[..., None]
WEIGHTS = np.array([0.5, 2.0, 7.0, 0.0, 3.0])
VALID = STEPS[..., 0] != 0


def weighted_steps(values, mask, weights):
    return (values * mask * weights[:, None]).sum() / (mask * weights[:, None]).sum()


LONG = pytest.mark.long
BATCH_SIZES = [pytest.param(2, marks=LONG), 3, pytest.param(5, marks=LONG)]


@pytest.mark.long
@pytest.mark.parametrize("batch_size", BATCH_SIZES)
def test_weighted_metrics_of_uneven_batches_and_masked_steps(batch_size):
    """Predictions are the inputs, targets 1: the mean over all steps by the weight of their row."""
    model, y = masked_model(), np.ones_like(STEPS)
    accuracy = lp.metrics.BinaryAccuracy(threshold=2.5)
    weighted = ["mae", "rmse", accuracy, lambda y, p: (p - y)[..., 0]]
    model.compile(lp.SGD(1e-9), "mse", metrics=["mae"], weighted_metrics=weighted)
    error = STEPS[..., 0] - 1
    expected = {
        "loss": (error**2 * VALID * WEIGHTS[:, None]).sum() / VALID.sum(),
        "mae": np.abs(error)[VALID].mean(),
        "weighted_mae": weighted_steps(np.abs(error), VALID, WEIGHTS),
        "rmse": np.sqrt(weighted_steps(error**2, VALID, WEIGHTS)),
        "binary_accuracy": weighted_steps(STEPS[..., 0] > 2.5, VALID, WEIGHTS),
        "<lambda>": weighted_steps(error, VALID, WEIGHTS),
    }
    found = model.evaluate(STEPS, y, batch_size, sample_weight=WEIGHTS)
    assert found == pytest.approx(expected, rel=1e-5)
    history = model.fit(
        STEPS, y, batch_size, verbose=0, sample_weight=WEIGHTS, validation_data=(STEPS, y, WEIGHTS)
    ).history
    assert {name: value for name, (value,) in history.items()} == pytest.approx(
        expected | {f"val_{name}": value for name, value in expected.items()}, rel=1e-5
    )
    unweighted = model.evaluate(STEPS, y, batch_size)
    assert unweighted["weighted_mae"] == unweighted["mae"]


@pytest.mark.long
def test_weighted_metrics_of_batches_with_weights():
    model, y = masked_model(), np.ones_like(STEPS)
    model.compile(lp.SGD(1e-9), "mse", weighted_metrics=["mae"])

    def batches():
        for rows in (slice(0, 3), slice(3, 5)):
            yield STEPS[rows], y[rows], WEIGHTS[rows]

    expected = weighted_steps(np.abs(STEPS[..., 0] - 1), VALID, WEIGHTS)
    assert model.evaluate(batches)["mae"] == pytest.approx(expected, rel=1e-5)
    history = model.fit(batches, verbose=0, validation_data=batches).history
    assert history["mae"] + history["val_mae"] == pytest.approx([expected] * 2, rel=1e-5)


@pytest.mark.long
def test_a_callback_knows_whether_more_of_a_weighted_metric_is_better():
    model = lp.Sequential([lp.Dense(1, "sigmoid")])
    model.compile("sgd", "mse", metrics=["accuracy"], weighted_metrics=["accuracy", "mae"])
    better = {m.name: m.larger_is_better for m in model.compile_options.metrics}
    assert better == {"accuracy": True, "weighted_accuracy": True, "mae": False}
    stop = lp.EarlyStopping("val_weighted_accuracy", patience=3)
    x, y = X[:, 0], Y[:, 0]
    weights = np.ones(4)
    history = model.fit(x, y, verbose=0, validation_data=(x, y, weights), callbacks=[stop])
    assert stop.best == history.history["val_weighted_accuracy"][0]


@pytest.mark.long
def test_weighted_metrics_count_class_weights():
    """Class 1 is predicted, rightly for two of four rows of weight 3 each."""
    x, y = np.full((4, 1), 5.0), np.array([[1.0], [0.0], [1.0], [0.0]])
    model = lp.Sequential([lp.Dense(1, "sigmoid", kernel_initializer="ones")])
    model.compile(lp.SGD(1e-9), "mse", metrics=["accuracy"], weighted_metrics=["accuracy", "auc"])
    history = model.fit(x, y, 3, verbose=0, class_weight={0: 1.0, 1: 3.0}).history
    assert history["accuracy"] == [0.5]
    assert history["weighted_accuracy"] == [0.75]
    assert history["auc"] == [0.5]


def test_a_weighted_metric_of_your_own_takes_weights():
    class Unweighted(lp.Metric):
        def update(self, y_true, y_pred):
            return jnp.stack([y_true.sum()])

        def result(self, sums):
            return sums[0]

    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse", weighted_metrics=[Unweighted()])
    x, y = X[:, 0], Y[:, 0]
    assert model.evaluate(x, y)["unweighted"] == 4
    with pytest.raises(lp.ArgumentError, match="'unweighted' takes no weights; write update"):
        model.evaluate(x, y, sample_weight=np.ones(4))


class TwoOutputs(lp.Model):
    """Its outputs are twice and three times its inputs, at the steps that are not masked."""

    def __init__(self):
        self.mask = lp.Masking()
        self.twice, self.thrice = (
            lp.Dense(1, kernel_initializer=lp.initializers.Constant(k), use_bias=False)
            for k in (2.0, 3.0)
        )

    def forward(self, x):
        steps = self.mask(x["steps"])
        return {"steps": self.twice(steps), "rows": self.thrice(x["rows"])}


@pytest.mark.long
@pytest.mark.parametrize("batch_size", BATCH_SIZES)
@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("own", [False, True])
def test_losses_of_several_masked_outputs(batch_size, weights, own):
    """Each loss is a mean of its own: over all steps that are not masked, and over all rows."""
    rows = np.arange(5.0)[:, None]
    x, y = {"steps": STEPS, "rows": rows}, {"steps": np.ones_like(STEPS), "rows": rows}
    model = TwoOutputs()
    steps_loss = (lambda t, p: ((t - p) ** 2)[..., 0]) if own else "mse"
    model.compile(
        lp.SGD(1e-9), {"steps": steps_loss, "rows": "mae"}, {"steps": 0.5, "rows": 2.0},
        {"steps": "mae"}, {"steps": "mae", "rows": ["mae", "mse"]}, penalty=lp.L2(0.1),
    )  # fmt: skip
    w = np.ones(5) if weights is None else weights
    error = (2 * STEPS - 1)[..., 0]
    steps = (error**2 * VALID * w[:, None]).sum() / VALID.sum()
    expected = {
        "loss": 0.5 * steps + 2 * np.mean(2 * rows[:, 0] * w) + 0.1 * (4 + 9),
        "steps_loss": steps,
        "rows_loss": np.mean(2 * rows[:, 0] * w),
        "steps_mae": np.abs(error)[VALID].mean(),
        "steps_weighted_mae": weighted_steps(np.abs(error), VALID, w),
        "rows_mae": np.average(2 * rows[:, 0], weights=w),
        "rows_mse": np.average(4 * rows[:, 0] ** 2, weights=w),
    }
    found = model.evaluate(x, y, batch_size, sample_weight=weights)
    assert found == pytest.approx(expected, rel=1e-5)
    history = model.fit(x, y, batch_size, verbose=0, sample_weight=weights, shuffle=False).history
    assert {name: value for name, (value,) in history.items()} == pytest.approx(expected, rel=1e-5)


@pytest.mark.long
def test_the_gradient_of_several_masked_outputs_is_that_of_their_means():
    """d/dw of mean((w x - 1)**2) over the 9 valid steps, at w = 2."""
    model = TwoOutputs()
    model.compile(lp.SGD(0.01), {"steps": lambda t, p: (t - p) ** 2, "rows": "mae"})
    x = {"steps": STEPS, "rows": np.zeros((5, 1))}
    model.fit(x, {"steps": np.ones_like(STEPS), "rows": np.zeros((5, 1))}, 5, verbose=0)
    slope = (2 * (2 * STEPS - 1) * STEPS)[VALID].mean()
    assert model.twice.kernel.numpy().item() == pytest.approx(2 - 0.01 * slope, rel=1e-5)


@pytest.mark.long
def test_a_fit_with_weighted_metrics_resumes_exactly(tmp_path):
    def fit(epochs, checkpoint=None):
        lp.set_seed(0)
        model = masked_model()
        model.compile(lp.SGD(0.01), "mse", weighted_metrics=["mae"])
        options = {"sample_weight": WEIGHTS, "seed": 1, "verbose": 0, "checkpoint": checkpoint}
        return model.fit(STEPS, np.ones_like(STEPS), 2, epochs, **options).history

    fit(2, tmp_path)
    assert fit(4, tmp_path) == fit(4)


@pytest.mark.long
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


class MeanSquare(lp.Loss):
    def call(self, y_true, y_pred):
        return jnp.mean((y_true - y_pred) ** 2)


@pytest.mark.long
@pytest.mark.parametrize("loss", [MeanSquare(), MeanSquare().call])
def test_a_loss_and_a_metric_may_return_the_mean_of_a_batch(loss):
    x, y = np.arange(5.0)[:, None], np.ones((5, 1))
    model = lp.Sequential([lp.Dense(1, kernel_initializer="ones")])
    model.compile(lp.SGD(1e-9), loss, metrics=[lambda y, p: ((y - p) ** 2).mean()])
    history = model.fit(x, y, batch_size=2, shuffle=False, verbose=0).history
    expected = ((x - 1) ** 2).mean()
    values = [value for name in history for value in history[name]]
    np.testing.assert_allclose([*values, *model.evaluate(x, y, 2, verbose=0)], expected, rtol=1e-5)
    with pytest.raises(lp.ShapeError, match=r"return.* one number for each example"):
        model.fit(x, y, sample_weight=np.ones(5), verbose=0)


def test_a_metric_that_returns_another_shape_is_an_error_before_training():
    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse", metrics=[lambda y, p: ((y - p) ** 2).mean(0)])
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
