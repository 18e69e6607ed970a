"""How much of the data fit, evaluate and predict use, and when they validate."""

import warnings

import numpy as np
import pytest

import lampas as lp

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3)).astype(np.float32)
Y = X[:, 0] + 1


@pytest.fixture(scope="module")
def model():
    """A model that a fit hardly changes, whose loss is the mean of ``(1 + x w)**2`` or so."""
    model = lp.Sequential([lp.Dense(1, input_shape=(3,))])
    model.compile(lp.SGD(1e-9), "mse", metrics=["mae"])
    return model


@pytest.fixture
def errors(model):
    return model.predict(X)[:, 0] - Y


def test_a_column_and_a_vector_of_targets_are_the_same(model, errors):
    assert model.evaluate(X, Y) == model.evaluate(X, Y[:, None])
    assert model.evaluate(X, Y)[0] == pytest.approx((errors**2).mean(), rel=1e-5)


@pytest.mark.long
def test_some_steps_are_the_first_batches(model, errors):
    loss, mae = model.evaluate(X, Y, 4, steps=3)
    assert loss == pytest.approx((errors[:12] ** 2).mean(), rel=1e-5)
    assert mae == pytest.approx(np.abs(errors[:12]).mean(), rel=1e-5)
    np.testing.assert_array_equal(model.predict(X, 4, 0, 3), model.predict(X)[:12])
    assert model.evaluate(X, Y, 6, steps=4)[0] == pytest.approx((errors**2).mean(), rel=1e-5)
    with pytest.warns(UserWarning, match="5 steps of 6 examples are more than the 20 examples"):
        model.evaluate(X, Y, 6, steps=5)


@pytest.mark.long
def test_an_epoch_of_some_steps_goes_on_where_the_last_ended(model, errors):
    history = model.fit(X, Y, 6, 3, 0, shuffle=False, steps_per_epoch=2)
    squares = np.append(errors, errors) ** 2  # pass after pass, batches of 6, 6, 6, 2
    expected = [squares[:12].mean(), squares[12:20].mean(), squares[20:32].mean()]
    assert history.history["loss"] == pytest.approx(expected, rel=1e-4)
    assert history.params["steps"] == 2


def test_each_pass_of_some_steps_has_an_order_of_its_own(model):
    def losses(seed):
        fit = model.fit(X, Y, 5, 4, 0, steps_per_epoch=2, seed=seed)
        return np.array(fit.history["loss"])

    first = losses(1)
    assert first[:2].mean() == pytest.approx(first[2:].mean(), rel=1e-4)
    assert first[0] != pytest.approx(first[2], rel=1e-4)
    np.testing.assert_allclose(losses(1), first, rtol=1e-6)
    assert losses(2)[0] != pytest.approx(first[0], rel=1e-4)


@pytest.mark.long
@pytest.mark.parametrize(
    ("frequency", "epochs"), [(1, [0, 1, 2, 3]), (2, [1, 3]), (3, [2]), ([1, 4], [0, 3]), ([9], [])]
)
def test_validation_is_due_in_some_epochs(model, frequency, epochs):
    seen = []

    class Watch(lp.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if "val_loss" in logs:
                seen.append(epoch)

    history = model.fit(
        *(X, Y, 10, 4, 0, Watch()), validation_data=(X, Y), validation_freq=frequency
    )
    assert seen == epochs
    assert len(history.history.get("val_loss", ())) == len(epochs)
    assert len(history.history["loss"]) == 4


def test_callbacks_wait_for_the_next_validation(model, tmp_path):
    stopping = lp.EarlyStopping(patience=1, min_delta=10)
    log = lp.CSVLogger(tmp_path / "log.csv")
    callbacks = [stopping, log, lp.ReduceLROnPlateau(patience=9), lp.LambdaCallback()]
    history = model.fit(*(X, Y, 20, 9, 0, callbacks), validation_data=(X, Y), validation_freq=2)
    assert stopping.stopped_epoch == 3
    assert history.epoch == [0, 1, 2, 3]
    lines = (tmp_path / "log.csv").read_text().splitlines()
    header, *rows = (line.split(",") for line in lines)
    column = header.index("val_loss")
    assert [row[column] == "" for row in rows] == [True, False, True, False]


@pytest.mark.long
def test_the_batches_of_a_validation_have_a_size_of_their_own(model):
    sizes = []

    class Watch(lp.Callback):
        def on_test_batch_end(self, batch, logs=None):
            sizes.append(batch)

    options = {"validation_data": (X, Y), "validation_batch_size": 5, "callbacks": Watch()}
    model.fit(X, Y, 10, 1, 0, **options)
    assert sizes == [0, 1, 2, 3]
    for held_out in ({}, {"validation_data": None, "validation_split": 0.5}):
        sizes.clear()
        model.fit(X, Y, 10, 1, 0, **options | held_out, validation_steps=2)
        assert sizes == [0, 1]


def test_arguments_of_keras_without_a_meaning_are_told():
    model = lp.Sequential([lp.Dense(1)])
    with pytest.warns(UserWarning, match="steps_per_execution=10 has no meaning here"):
        model.compile("adam", "mse", steps_per_execution=10)
    with pytest.warns(UserWarning, match="jit_compile=False has no effect.*run_eagerly=True"):
        model.compile("adam", "mse", jit_compile=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.compile("adam", "mse", None, ["mae"], None, False, 1, True, True)
        model.compile("adam", "mse", jit_compile=False, run_eagerly=True, auto_scale_loss=False)


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (lambda m: m.fit(X, Y, nb_epoch=2), r"fit: unknown argument 'nb_epoch'. Write epochs="),
        (lambda m: m.fit(X, Y, workers=2), "'workers'. It has no meaning here"),
        (lambda m: m.predict(X, use_multiprocessing=True), "'use_multiprocessing'. It has no"),
        (lambda m: m.evaluate(X, Y, batchsize=2), "'batchsize'. Did you mean 'batch_size'?"),
        (lambda m: m.compile("adam", "mse", metric=["mae"]), "Did you mean 'metrics'?"),
    ],
)
def test_unknown_arguments_are_answered_with_what_to_write(model, call, advice):
    with pytest.raises(lp.UnknownNameError, match=advice):
        call(model)
