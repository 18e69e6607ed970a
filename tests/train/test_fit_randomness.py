"""The order of the examples, seeds, and what a fit leaves of its surroundings."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from tests.train.small_nets import (
    SPARSE,
    class_examples,
    compilations,
    numpy_twin,
    same_bits,
    weights_of,
)

COUNT, BATCH = 21, 8


class Batches(lp.Callback):
    """Which examples each step was trained on: each example moves a weight of its own."""

    def __init__(self):
        self.epochs = []

    def on_epoch_begin(self, epoch, logs=None):
        self.epochs.append([])

    def on_train_batch_begin(self, batch, logs=None):
        self.before = self.model.get_weights()[0]

    def on_train_batch_end(self, batch, logs=None):
        moved = self.model.get_weights()[0] - self.before
        self.epochs[-1].append(frozenset(np.flatnonzero(moved).tolist()))


@pytest.fixture(scope="module")
def visits():
    """Runs a fit and returns the set of examples of each step of each epoch."""
    model = lp.Sequential(
        [lp.Dense(1, use_bias=False, kernel_initializer="zeros", input_shape=(COUNT,))]
    )
    model.compile(lp.SGD(1.0), lambda y_true, y_pred: -y_pred[:, 0])

    def run(**options):
        recorder = Batches()
        options = {"epochs": 3, "batch_size": BATCH, "seed": 1} | options
        model.fit(np.eye(COUNT), np.zeros((COUNT, 1)), verbose=0, callbacks=[recorder], **options)
        return recorder.epochs

    return run


@pytest.mark.long
def test_each_example_is_seen_exactly_once_an_epoch(visits):
    for epoch in visits():
        assert [len(batch) for batch in epoch] == [8, 8, 5]
        assert frozenset.union(*epoch) == frozenset(range(COUNT))


def test_each_epoch_has_an_order_of_its_own(visits):
    first, second, third = visits()
    assert first != second
    assert second != third
    assert first != [frozenset(range(8)), frozenset(range(8, 16)), frozenset(range(16, 21))]


def test_the_order_depends_only_on_the_seed_and_the_epoch(visits):
    expected = visits()
    assert visits() == expected
    assert visits(epochs=2) == expected[:2]
    assert visits(initial_epoch=1) == expected[1:]
    assert visits(seed=2) != expected


def test_without_shuffling_the_order_is_that_of_the_data(visits):
    in_order = [frozenset(range(8)), frozenset(range(8, 16)), frozenset(range(16, 21))]
    assert visits(shuffle=False) == [in_order] * 3


def net(*layers):
    model = lp.Sequential([*layers, lp.Dense(3, "softmax")])
    model.compile("sgd", SPARSE)
    return model


def fitted(examples, **options):
    model = net(lp.Dense(4), lp.Dropout(0.3))
    history = model.fit(*examples, batch_size=8, epochs=2, verbose=0, **options)
    return weights_of(model), history.history


@pytest.mark.long
def test_the_same_seed_gives_the_same_bits(examples):
    (first, losses), (second, again) = fitted(examples, seed=7), fitted(examples, seed=7)
    assert same_bits(first, second)
    assert losses == again


@pytest.mark.long
def test_another_seed_gives_other_weights(examples):
    assert not same_bits(fitted(examples, seed=7)[0], fitted(examples, seed=8)[0])


@pytest.mark.long
def test_a_script_gives_the_same_result_each_time_after_set_seed(examples):
    first = fitted(examples)[0]
    assert not same_bits(fitted(examples)[0], first)
    lp.set_seed(0)
    assert same_bits(fitted(examples)[0], first)


@pytest.mark.long
@pytest.mark.parametrize("built", [True, False], ids=["built", "unbuilt"])
def test_line_by_line_equals_compiled(built):
    x, y = class_examples(6)

    def run(eagerly):
        lp.set_seed(2)
        model = lp.Sequential([lp.Dense(4, "relu"), lp.BatchNormalization()])
        model.add(lp.Dropout(0.3))
        model.add(lp.Dense(3, "softmax"))
        if built:
            model.build((4,))
        model.compile(lp.SGD(0.1, momentum=0.9), SPARSE, metrics=["accuracy"], run_eagerly=eagerly)
        history = model.fit(x, y, batch_size=3, shuffle=False, verbose=0, seed=4)
        return weights_of(model), history.history, model.evaluate(x, y, 3)

    weights, history, measured = run(False)
    other_weights, other_history, other_measured = run(True)
    for path in weights:
        np.testing.assert_allclose(other_weights[path], weights[path], atol=2e-6, err_msg=path)
    assert other_history["loss"] == pytest.approx(history["loss"], rel=1e-6)
    assert list(other_measured) == pytest.approx(list(measured), rel=1e-6)


@pytest.mark.long
def test_line_by_line_shows_real_numbers_to_forward():
    seen = []

    class Watch(lp.Layer):
        def forward(self, x):
            if lp.is_training():
                seen.append(float(x[0, 0]))
            return x

    x, y = class_examples(4)
    model = lp.Sequential([Watch(), lp.Dense(3, "softmax")])
    model.compile("sgd", SPARSE, run_eagerly=True)
    model.fit(x, y, batch_size=2, shuffle=False, verbose=0)
    assert seen == [x[0, 0], x[2, 0]]


@pytest.mark.long
def test_a_second_fit_of_the_same_shapes_compiles_nothing(examples):
    model = net(lp.Dense(4))

    def fit():
        with compilations() as compiled:
            model.fit(
                *examples, batch_size=8, epochs=3, verbose=0, validation_data=examples, seed=1
            )
        return compiled

    assert any("train_steps" in name for name in fit())
    assert fit() == []


@pytest.mark.long
def test_the_number_of_epochs_compiles_nothing_new(examples):
    model = net(lp.Dense(4))
    model.fit(*examples, batch_size=8, epochs=1, verbose=0)
    with compilations() as compiled:
        model.fit(*examples, batch_size=8, epochs=20, verbose=0)
    assert not [name for name in compiled if "train_steps" in name]


@pytest.mark.long
def test_what_the_optimizer_remembers_goes_on_in_a_second_fit(examples):
    start = None

    def run(*epochs):
        nonlocal start
        model = net(lp.Dense(4, input_shape=(4,)))
        model.compile(lp.Adam(0.05), SPARSE)
        start = start or model.get_weights()
        model.set_weights(start)
        for count in epochs:
            model.fit(*examples, batch_size=8, epochs=count, shuffle=False, verbose=0)
        return weights_of(model)

    assert same_bits(run(4), run(1, 3))


@pytest.mark.long
def test_what_the_user_holds_stays_valid(examples):
    x, y = (jnp.asarray(part) for part in examples)
    model, _ = numpy_twin()
    held = {path: variable.value for path, variable in model.variables().items()}
    copies = {path: np.array(value) for path, value in held.items()}
    model.fit(x, y, batch_size=8, epochs=2, verbose=0)
    between = {path: variable.value for path, variable in model.variables().items()}
    model.fit(x, y, batch_size=8, epochs=2, verbose=0)
    np.testing.assert_array_equal(x, examples[0])
    np.testing.assert_array_equal(y, examples[1])
    assert same_bits({path: np.array(value) for path, value in held.items()}, copies)
    assert all(np.isfinite(value).all() for value in between.values())


@pytest.mark.long
def test_arrays_of_the_user_are_not_changed(examples):
    x, y = examples
    copies = x.copy(), y.copy()
    numpy_twin()[0].fit(x, y, batch_size=8, verbose=0)
    np.testing.assert_array_equal(x, copies[0])
    np.testing.assert_array_equal(y, copies[1])


class Sampling(lp.Layer):
    """Draws also outside of training, as the code of a variational autoencoder does."""

    def call(self, inputs):
        mean, deviation = inputs
        return mean + deviation * jax.random.normal(lp.random_key(), mean.shape)


@pytest.mark.long
def test_a_layer_may_always_draw():
    x = lp.Input((3,))
    model = lp.Model(x, Sampling()([x, 0.0 * x + 1.0]))
    model.compile("sgd", "mse")
    rows = np.zeros((2000, 3), np.float32)
    history = model.fit(rows, rows, 100, verbose=0, validation_data=(rows, rows)).history
    # Squares of standard normal numbers have the mean 1.
    for value in (history["loss"][0], history["val_loss"][0], model.evaluate(rows, rows, 100)[0]):
        assert value == pytest.approx(1, abs=0.1)
    first, second = model.predict(rows), model.predict(rows)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.1
    assert model(rows).std() == pytest.approx(1, abs=0.1)
