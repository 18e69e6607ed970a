"""The range test of the learning rate."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas import plots
from lampas.inspection import lr_finder
from lampas.train.epoch import shuffled_order

RNG = np.random.default_rng(0)
X = RNG.normal(size=(96, 4)).astype(np.float32)
Y = X @ RNG.normal(size=(4, 1)).astype(np.float32)


def model(optimizer="sgd"):
    lp.set_seed(0)
    made = lp.Sequential([lp.Dense(1, input_shape=(4,)), lp.Dropout(0.0)])
    made.compile(optimizer, "mse")
    made.variables()  # draws the first weights
    return made


@pytest.fixture(scope="module")
def result():
    return lp.lr_find(model(), X, Y, 8, lowest=1e-4, highest=10.0, steps=60)


def test_the_losses_are_those_of_one_rate_after_the_other(result):
    """Linear regression by NumPy: gradient descent with a growing rate."""
    first = model()
    kernel, bias = (w.astype(np.float64) for w in first.get_weights())
    rates, losses = np.geomspace(1e-4, 10.0, 60), []
    for step in range(len(result.losses)):
        epoch, place = divmod(step, 12)
        if place == 0:
            order = np.asarray(shuffled_order(jax.random.key(0), jnp.int32(epoch), jnp.arange(96)))
        rows = order[place * 8 : place * 8 + 8]
        error = X[rows] @ kernel + bias - Y[rows]
        losses.append(np.square(error).mean())
        kernel -= rates[step] * 2 * X[rows].T @ error / 8
        bias -= rates[step] * 2 * error.mean(0)
    np.testing.assert_allclose(result.losses[:40], losses[:40], rtol=1e-2, atol=1e-4)


def test_it_ends_where_the_loss_climbs_and_suggests_a_rate_that_learns(result):
    assert len(result.rates) < 60
    assert result.smoothed_losses[-1] > 4 * result.smoothed_losses.min()
    least = result.rates[result.smoothed_losses.argmin()]
    assert result.suggestion == pytest.approx(least / 10, rel=0.05)
    learner = model(lp.SGD(result.suggestion))
    losses = learner.fit(X, Y, 8, 10, verbose=0).history["loss"]
    assert losses[-1] < 0.1 * losses[0]
    assert f"learning rate {result.suggestion:.2g}" in str(result)


def test_smoothed_losses_are_means_that_forget(result):
    weights = 0.9 ** np.arange(len(result.losses))[::-1]
    assert result.smoothed_losses[-1] == pytest.approx(np.average(result.losses, weights=weights))


@pytest.mark.long
@pytest.mark.parametrize("trained", [False, True])
def test_nothing_is_changed(trained):
    def all_of(it):
        slots = it.optimizer.opt_state
        kept = [] if slots is None else [np.asarray(a) for a in jax.tree.leaves(slots.value)]
        return [*it.get_weights(), *kept]

    it, twin = model(lp.Adam(0.01)), model(lp.Adam(0.01))
    if trained:
        for one in (it, twin):
            one.fit(X, Y, 8, 2, verbose=0, seed=3)
    history = it.history
    lp.lr_find(it, X, Y, 8, steps=20)
    assert it.history is history
    assert it.optimizer.learning_rate == pytest.approx(0.01)
    for one in (it, twin):
        one.fit(X, Y, 8, 2, verbose=0, seed=4)
    assert all(map(np.array_equal, all_of(it), all_of(twin)))


@pytest.mark.long
def test_a_short_last_batch_counts_by_its_rows():
    """All targets are 19 and all predictions 0, so that each batch has the loss 361."""
    constant = lp.Sequential([lp.Dense(1, kernel_initializer="zeros")])
    constant.compile("sgd", "mse")
    x, y = np.ones((19, 1)), np.full((19, 1), 19.0)
    found = lp.lr_find(constant, x, y, 10, lowest=1e-12, highest=1e-11, steps=4)
    np.testing.assert_allclose(found.losses, 361, rtol=1e-6)


@pytest.mark.long
def test_the_loss_of_several_outputs_is_their_sum():
    class Both(lp.Model):
        def __init__(self):
            self.dense = lp.Dense(1, kernel_initializer="zeros")

        def forward(self, x):
            return {"a": self.dense(x), "b": x}

    both = Both()
    both.compile("sgd", {"a": "mse", "b": "mae"}, {"a": 1.0, "b": 0.5})
    x, y = np.ones((19, 1)), {"a": np.full((19, 1), 19.0), "b": np.full((19, 1), 5.0)}
    found = lp.lr_find(both, x, y, 10, lowest=1e-12, highest=1e-11, steps=4)
    np.testing.assert_allclose(found.losses, 361 + 0.5 * 4, rtol=1e-6)


def test_batches_will_do():
    def batches():
        for start in range(0, 96, 8):
            yield X[start : start + 8], Y[start : start + 8]

    assert lp.lr_find(model(), batches, steps=30).suggestion > 0


def test_wrong_rates_and_schedules_are_reported():
    with pytest.raises(lp.ArgumentError, match=r"lowest must be below highest, got 1\.0 and 0\.1"):
        lp.lr_find(model(), X, Y, lowest=1.0, highest=0.1)
    scheduled = model(lp.SGD(lp.schedules.get("cosine", 0.1, 100)))
    with pytest.raises(lp.ArgumentError, match="follows a schedule"):
        lp.lr_find(scheduled, X, Y)


@pytest.mark.long
def test_a_loss_that_is_never_finite_is_reported():
    made = model()
    made.compile("sgd", lambda t, p: (t - p)[:, 0] / 0.0)
    with pytest.raises(lp.DataError, match="not finite at the lowest learning rate, 1e-06"):
        lp.lr_find(made, X, Y)


def test_the_figure_marks_the_suggestion(result):
    pytest.importorskip("matplotlib")
    figure = plots.lr_range(result.rates, result.losses, result.smoothed_losses, result.suggestion)
    axes = figure.axes[0]
    assert axes.get_xscale() == "log"
    assert [line.get_xdata()[0] for line in axes.lines][-1] == result.suggestion
    figure = plots.lr_range(result.rates, result.losses, result.smoothed_losses, None)
    assert len(figure.axes[0].lines) == len(axes.lines) - 1
    with pytest.raises(lp.DataError, match="one loss per rate"):
        plots.lr_range([1.0, 2.0], [1.0], [1.0], 0.1)


def constant_loss():
    made = model()
    made.compile("sgd", lambda y, y_pred: 0 * y_pred[:, 0] + 3.0)
    return made


def loss_of_chance():
    """The loss of a batch is a random number of its inputs, which no weight changes."""

    class Chance(lp.Sequential):
        def compute_loss(self, x, y, y_pred, sample_weight=None):
            return jnp.abs(x).mean() + 0 * y_pred.mean()

    made = Chance([lp.Dense(1, input_shape=(4,))])
    made.compile("adam")
    return made


def rates_that_are_too_high():
    return model(lp.SGD(1.0, clipnorm=1e6))


@pytest.mark.long
@pytest.mark.parametrize(
    ("make", "options"),
    [
        (constant_loss, {}),
        (constant_loss, {"steps": 2}),
        (loss_of_chance, {}),
        (rates_that_are_too_high, {"lowest": 5.0, "steps": 10}),
    ],
)
def test_a_loss_that_does_not_fall_suggests_nothing(make, options):
    found = lp.lr_find(make(), X, Y, 8, **options)
    assert found.suggestion is None
    assert str(found).startswith("inconclusive, no learning rate lowered the loss")


@pytest.mark.long
def test_losses_that_vary_by_chance_are_seldom_conclusive():
    """A rate of 1 in 100 is the design; of 300 tests more than 9 have a chance of 1 in 1,000."""
    random, conclusive = np.random.default_rng(0), 0
    for draw in (random.normal, random.exponential, random.standard_normal) * 100:
        losses = 5 + draw(size=100)
        smoothed = [
            np.average(losses[: n + 1], weights=0.9 ** np.arange(n + 1)[::-1]) for n in range(100)
        ]
        conclusive += lr_finder._is_lower(losses, lr_finder._best_step(np.array(smoothed)))
    assert conclusive <= 9
