"""``fit`` against the same training written out in NumPy."""

import numpy as np
import pytest

import lampas as lp
from tests.train.small_nets import NumpyNet, compilations, numpy_twin, restart, weights_of

CLOSE = {"rtol": 1e-5, "atol": 1e-5}


@pytest.fixture(scope="module")
def shared():
    """One compiled model for all tests of this file; each begins at the same weights."""
    lp.set_seed(0)
    model, _ = numpy_twin()
    return model, weights_of(model)


@pytest.fixture
def twin(shared):
    model, start = shared
    restart(model, start)
    model.optimizer.learning_rate = 0.1
    return model, NumpyNet(list(start.values()))


def fit(model, examples, **options):
    options = {"batch_size": 8, "epochs": 3, "shuffle": False, "verbose": 0} | options
    return model.fit(*examples, **options).history


def assert_equal(model, net):
    for (path, ours), theirs in zip(weights_of(model).items(), net.arrays, strict=True):
        np.testing.assert_allclose(ours, theirs, **CLOSE, err_msg=path)


def test_losses_and_weights_agree_with_a_ragged_last_batch(twin, examples):
    model, net = twin
    history = fit(model, examples)
    np.testing.assert_allclose(history["loss"], net.fit(*examples, 3, 8), **CLOSE)
    assert_equal(model, net)


def test_losses_and_weights_agree_when_one_batch_holds_everything(twin, examples):
    model, net = twin
    history = fit(model, examples, batch_size=100)
    np.testing.assert_allclose(history["loss"], net.fit(*examples, 3, 21), **CLOSE)
    assert_equal(model, net)


def test_the_logged_accuracy_is_that_of_each_batch_before_its_step(twin, examples):
    model, net = twin
    history = fit(model, examples, epochs=1)
    x, y = examples
    right = 0
    for start in range(0, 21, 8):
        part = slice(start, start + 8)
        right += np.sum(net.predict(x[part]).argmax(1) == y[part])
        net.learn(x[part], y[part], np.ones(len(y[part])))
    assert history["accuracy"] == pytest.approx([right / 21])


def balanced(y):
    return len(y) / (len(np.unique(y)) * np.bincount(y))[y]


SAMPLE = np.linspace(0.0, 2.0, 21)


@pytest.mark.parametrize(
    ("options", "weigh"),
    [
        ({"class_weight": {0: 2.0, 2: 0.5}}, lambda y: np.array([2.0, 1.0, 0.5])[y]),
        ({"class_weight": "balanced"}, balanced),
        ({"sample_weight": SAMPLE}, lambda y: SAMPLE),
        (
            {"sample_weight": SAMPLE, "class_weight": {1: 3.0}},
            lambda y: SAMPLE * np.array([1.0, 3.0, 1.0])[y],
        ),
    ],
    ids=["class_weight", "balanced", "sample_weight", "both"],
)
def test_weights_multiply_the_errors_and_the_sum_is_divided_by_the_count(
    twin, examples, options, weigh
):
    model, net = twin
    history = fit(model, examples, **options)
    expected = net.fit(*examples, 3, 8, weigh(examples[1]))
    np.testing.assert_allclose(history["loss"], expected, **CLOSE)
    assert_equal(model, net)


def test_sample_weights_may_be_a_list(twin, examples):
    model, net = twin
    history = fit(model, examples, epochs=1, sample_weight=SAMPLE.tolist())
    np.testing.assert_allclose(history["loss"], net.fit(*examples, 1, 8, SAMPLE), **CLOSE)


def test_initial_epoch_counts_the_epochs_from_there(twin, examples):
    model, net = twin
    history = model.fit(
        *examples, batch_size=8, epochs=5, initial_epoch=3, shuffle=False, verbose=0
    )
    assert history.epoch == [3, 4]
    np.testing.assert_allclose(history.history["loss"], net.fit(*examples, 2, 8), **CLOSE)


@pytest.mark.parametrize("initial_epoch", [3, 5])
def test_an_initial_epoch_at_the_end_trains_nothing(twin, examples, initial_epoch):
    model, net = twin
    message = f"no epoch runs: initial_epoch={initial_epoch} is not before epochs=3"
    with pytest.warns(UserWarning, match=message) as warned:
        history = model.fit(*examples, epochs=3, initial_epoch=initial_epoch, verbose=0)
    assert warned[0].filename == __file__
    assert history.epoch == []
    assert_equal(model, net)


def test_a_rate_assigned_by_a_callback_holds_from_the_next_epoch_and_compiles_nothing(
    twin, examples
):
    model, net = twin

    class Halve(lp.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.optimizer.learning_rate *= 0.5

    fit(model, examples, epochs=1)
    net.fit(*examples, 1, 8)
    with compilations() as compiled:
        fit(model, examples, epochs=3, callbacks=[Halve()])
    assert not [name for name in compiled if "train_steps" in name]
    for epoch in range(3):
        net.rate = 0.1 * 0.5**epoch
        net.fit(*examples, 1, 8)
    assert_equal(model, net)
    assert model.optimizer.learning_rate == pytest.approx(0.1 / 8)


def test_a_schedule_gives_the_rate_of_each_step(examples):
    schedule = lp.schedules.ExponentialDecay(0.5, decay_steps=2, decay_rate=0.7)
    model, net = numpy_twin(optimizer=lp.SGD(schedule))
    net.rate = lambda step: 0.5 * 0.7 ** (step / 2)
    history = fit(model, examples)
    np.testing.assert_allclose(history["loss"], net.fit(*examples, 3, 8), **CLOSE)
    assert_equal(model, net)
    assert model.optimizer.learning_rate == pytest.approx(0.5 * 0.7 ** (9 / 2))


def test_a_penalty_adds_to_the_loss_and_pulls_at_kernels_only(examples):
    x, y = examples
    model = lp.Sequential([lp.Dense(3, "softmax", input_shape=(4,))])
    model.compile(lp.SGD(0.1), "sparse_categorical_crossentropy", penalty=lp.L2(0.5))
    kernel, bias = model.get_weights()
    history = fit(model, examples, epochs=1, batch_size=21)
    scores = x @ kernel + bias
    p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    error = np.mean(-np.log(p[np.arange(21), y])) + 0.5 * np.sum(kernel**2)
    grad = (p - np.eye(3)[y]) / 21
    assert history["loss"] == pytest.approx([error], rel=1e-5)
    after = model.get_weights()
    np.testing.assert_allclose(after[0], kernel - 0.1 * (x.T @ grad + kernel), **CLOSE)
    np.testing.assert_allclose(after[1], bias - 0.1 * grad.sum(0), **CLOSE)
