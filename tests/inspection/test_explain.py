"""The six stages of one step: against NumPy, against a real fit, and nothing is changed by them."""

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.core import random as seeds
from lampas.inspection.explain import MAX_ROWS, MAX_WEIGHTS, explain
from lampas.inspection.explanation import format_array

pytestmark = pytest.mark.long  # nearly all of it is compilation

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
Y = np.array([[0], [1], [1], [0]], np.float32)


def xor_net(optimizer=None):
    model = lp.Sequential([lp.Dense(3, "tanh"), lp.Dense(1, "sigmoid")])
    model.compile(optimizer or lp.SGD(0.5), "mse")
    return model


def arrays(model):
    return {path: variable.numpy() for path, variable in model.variables().items()}


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[path], b[path]) for path in a)


@pytest.fixture(scope="module")
def explained():
    return explain(xor_net(), X, Y, steps=3)


def test_every_stage_is_what_numpy_says(explained):
    w1, b1, w2, b2 = (explained.initialization[path].astype(np.float64) for path in (
        "dense_1/kernel", "dense_1/bias", "dense_2/kernel", "dense_2/bias"))  # fmt: skip
    hidden = np.tanh(X @ w1 + b1)
    p = 1 / (1 + np.exp(-(hidden @ w2 + b2)))
    to_p = 2 * (p - Y) / 4
    to_z = to_p * p * (1 - p)
    to_hidden = to_z @ w2.T
    to_first = to_hidden * (1 - hidden**2)
    gradients = {
        "dense_1/kernel": X.T @ to_first,
        "dense_1/bias": to_first.sum(0),
        "dense_2/kernel": hidden.T @ to_z,
        "dense_2/bias": to_z.sum(0),
    }
    first, second = explained.calls
    assert (first.path, first.kind) == ("dense_1", "Dense")
    assert first.formula == "tanh(z), z = x @ kernel + bias"
    np.testing.assert_array_equal(first.inputs, X)
    for result, true in (
        (first.output, hidden),
        (second.output, p),
        (second.output_gradient, to_p),
        (first.output_gradient, to_hidden),
        (first.z, X @ w1 + b1),
        (second.z_gradient, to_z),
        (first.z_gradient, to_first),
        (explained.row_losses, ((p - Y) ** 2)[:, 0]),
        (explained.loss, ((p - Y) ** 2).mean()),
    ):
        np.testing.assert_allclose(result, true, rtol=1e-5, atol=1e-7)
    assert explained.gradients.keys() == gradients.keys()
    for path, true in gradients.items():
        np.testing.assert_allclose(explained.gradients[path], true, rtol=1e-4, atol=1e-7)
        after = explained.initialization[path] - 0.5 * true
        np.testing.assert_allclose(explained.update[path], after, rtol=1e-5, atol=1e-7)


def test_the_update_and_the_losses_are_those_of_fit_bit_for_bit(explained):
    model = xor_net()
    model.fit(X, Y, 4, 1, 0, seed=0)
    assert same(arrays(model), explained.update)
    losses = xor_net().fit(X, Y, 4, 3, 0, seed=0).history["loss"]
    np.testing.assert_array_equal(losses, explained.losses)


@pytest.mark.parametrize("optimizer", ["adam", lambda: lp.SGD(0.5, ema_momentum=0.9)])
def test_that_holds_for_optimizers_that_remember_and_for_weighted_rows(optimizer):
    make = optimizer if callable(optimizer) else lambda: optimizer
    weights, model, whole = np.array([1, 2, 0, 3]), xor_net(make()), xor_net(make())
    explained = explain(model, X, Y, sample_weight=weights, steps=3)
    model.fit(X, Y, 4, 1, 0, sample_weight=weights, seed=0)
    assert same(arrays(model), explained.update)
    losses = whole.fit(X, Y, 4, 3, 0, sample_weight=weights, seed=0).history["loss"]
    np.testing.assert_array_equal(losses, explained.losses)


def test_what_layers_add_to_the_loss_is_among_the_penalties():
    model = lp.Sequential([lp.Dense(1, activity_regularizer="l1")])
    model.compile("sgd", "mse")
    explained = explain(model, X, Y, steps=1)
    assert explained.loss == pytest.approx(explained.row_losses.mean())
    assert explained.penalty > 0
    assert explained.losses[0] == pytest.approx(explained.loss + explained.penalty)


def test_it_goes_on_from_earlier_fits_and_changes_nothing():
    model = lp.Sequential([lp.Dense(3), lp.BatchNormalization(), lp.Dropout(0.5), lp.Dense(1)])
    model.compile(lp.Adam(0.1), "mse", penalty=lp.L2(0.01))
    model.fit(X, Y, 4, 3, 0, seed=1)
    before, optimizer = arrays(model), model.optimizer.opt_state.value
    lp.set_seed(7)
    drawn = seeds.next_seed()
    lp.set_seed(7)
    explained = explain(model, X, Y, steps=2, seed=5)
    assert seeds.next_seed() == drawn
    assert same(arrays(model), before)
    assert model.optimizer.opt_state.value is optimizer
    assert len(model.history.epoch) == 3
    assert not any("forward" in vars(module) for _, module in model.modules())
    assert explained.penalty > 0
    np.testing.assert_allclose(explained.losses[0], explained.loss + explained.penalty, rtol=1e-5)
    model.fit(X, Y, 4, 1, 0, seed=5)
    assert same({path: arrays(model)[path] for path in explained.update}, explained.update)


def test_a_model_without_weights_has_none_afterwards():
    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse")
    explain(model, X, Y, steps=1)
    assert model.variables() == {}


class Twice(lp.Model):
    """Uses a layer twice, and computes between layers."""

    def __init__(self):
        self.same = lp.Dense(2, use_bias=False)
        self.out = lp.Dense(1)

    def forward(self, x):
        return self.out(jnp.square(self.same(self.same(x))))


def test_free_models_and_layers_that_run_twice():
    model = Twice()
    model.compile("adam", "mse")
    explained = explain(model, X, Y, steps=1)
    assert [call.path for call in explained.calls] == ["same", "same", "out"]
    first, second, out = explained.calls
    assert first.formula == "x @ kernel"
    assert first.z is first.z_gradient is None
    assert "dL/d out/bias (1,)  the sum of dL/d out over the rows" in str(explained)
    np.testing.assert_array_equal(second.inputs, first.output)
    kernel = explained.initialization["same/kernel"]
    np.testing.assert_allclose(
        first.output_gradient, second.output_gradient @ kernel.T, rtol=1e-5, atol=1e-7
    )
    np.testing.assert_allclose(out.inputs, second.output**2, rtol=1e-5)
    from_both = first.inputs.T @ first.output_gradient + second.inputs.T @ second.output_gradient
    np.testing.assert_allclose(explained.gradients["same/kernel"], from_both, rtol=1e-4, atol=1e-7)


class TwoOutputs(lp.Model):
    """A recurrent layer and two heads."""

    def __init__(self):
        self.body, self.p, self.q = lp.LSTM(2), lp.Dense(1), lp.Dense(1)

    def forward(self, x):
        h = self.body(x)
        return {"p": self.p(h), "q": self.q(h)}


def test_several_outputs_and_recurrent_layers():
    model = TwoOutputs()
    model.compile("sgd", {"p": "mse", "q": "mae"})
    explained = explain(model, X[..., None], {"p": Y, "q": Y}, steps=1)
    body, p, q = explained.calls
    kernels = [explained.initialization[f"{head}/kernel"] for head in "pq"]
    to_body = p.output_gradient @ kernels[0].T + q.output_gradient @ kernels[1].T
    np.testing.assert_allclose(body.output_gradient, to_body, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(q.output_gradient, np.sign(q.output - Y) / 4)
    assert explained.y is None


def test_it_prints_all_six_stages_for_80_columns(explained):
    text = str(explained)
    for number, stage in enumerate(
        ("Initialization", "Forward propagation", "Loss function", "Backpropagation",
         "Weight update", "Iterate"), 1
    ):  # fmt: skip
        assert f"\n{number}  {stage}" in text
    assert "  dense_1: z (4, 3)" in text
    assert "  dense_1 (4, 3)  tanh(z), z = x @ kernel + bias" in text
    assert "  dL/d dense_1/kernel (2, 3)  x.T @ dL/dz" in text
    assert f"mean loss L = {explained.loss:.6g}" in text
    assert "dL/d dense_2/kernel (3, 1)" in text
    assert f"step      3    {explained.losses[2]:.6f}" in text
    assert max(map(len, text.splitlines())) <= 80


def test_wide_layers_and_long_formulas_are_wrapped():
    model = lp.Sequential([lp.Dense(20, "relu"), lp.Dropout(0.1), lp.Dense(1, "sigmoid")])
    model.compile(lp.SGD(0.1, clipnorm=1.0), "binary_crossentropy")
    text = str(explain(model, X, Y, steps=1))
    assert max(map(len, text.splitlines())) <= 80
    assert "\n  BinaryCrossentropy: -y log(p) - (1 - y) log(1 - p)" in text


def test_numbers_are_written_to_be_read():
    assert format_array(np.array([0.5, -1.25])) == "[  0.5000  -1.2500]"
    assert format_array(np.array([1e-5, 0.0])) == "[  1.00e-05   0.00e+00]"
    assert format_array(np.array([1, 2])) == "[1 2]"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: explain(m, np.zeros((21, 2)), np.zeros((21, 1))),
         f"at most {MAX_ROWS} rows; got 21"),
        (lambda m: explain(m, np.zeros((4, 300)), Y),
         f"at most {MAX_WEIGHTS} weights; Sequential has 907"),
        (lambda m: explain(m, X, Y, steps=0), "explain: steps must be an integer of at least 1"),
        (lambda m: explain(m, iter([(X, Y)])), "a few rows as arrays"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(call, message):
    with pytest.raises(lp.ArgumentError, match=message):
        call(xor_net())


def test_a_model_must_be_compiled():
    with pytest.raises(lp.NotBuiltError, match="compiled first"):
        explain(lp.Sequential([lp.Dense(1)]), X, Y)
