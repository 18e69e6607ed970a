"""Fits on batches that come by themselves are the same as fits on arrays in their order."""

import os
import signal
import threading
import time

import numpy as np
import pytest

import lampas as lp
from lampas.train.inputs import prefetch_loader as feeds
from tests.train.small_nets import SPARSE, same_bits, weights_of

RNG = np.random.default_rng(4)
X = RNG.normal(size=(29, 4)).astype(np.float32)
Y = RNG.integers(0, 3, 29)
W = RNG.uniform(0.5, 2, 29)


def batches(*arrays, size=8):
    """A function that gives the batches of some arrays, the last one short."""
    return lambda: (
        tuple(array[start : start + size] for array in arrays)
        for start in range(0, len(arrays[0]), size)
    )


@pytest.fixture(scope="module")
def model():
    """One for all tests, so that its programs are compiled once."""
    net = lp.Sequential([lp.Dropout(0.3), lp.Dense(3, "softmax")])
    net.compile(lp.SGD(0.1), SPARSE, metrics=["accuracy"])
    net.build((4,))
    net.start = net.get_weights()
    return net


def fitted(model, *data, **options):
    model.set_weights(model.start)
    model.optimizer.opt_state = None
    options = {"epochs": 3, "verbose": 0, "seed": 5} | options
    history = model.fit(*data, **options)
    return weights_of(model), history.history


def of_arrays(model, *data, **options):
    return fitted(model, *data, batch_size=8, shuffle=False, **options)


def assert_same(ours, expected):
    assert same_bits(ours[0], expected[0])
    assert ours[1] == expected[1]


@pytest.mark.long
@pytest.mark.parametrize("length", [None, 1])
def test_a_generator_s_fit_is_that_of_its_arrays(model, monkeypatch, length):
    if length:
        monkeypatch.setattr(feeds, "MAX_STEPS", length)
    assert_same(fitted(model, batches(X, Y)), of_arrays(model, X, Y))


@pytest.mark.long
def test_weights_come_with_the_batches(model):
    x, y, weights = X[:24], Y[:24], W[:24]
    expected = of_arrays(model, x, y, sample_weight=weights, class_weight={0: 2.0})
    assert_same(fitted(model, batches(x, y, weights), class_weight={0: 2.0}), expected)


@pytest.mark.long
def test_validation_data_may_come_in_batches_too(model):
    expected = of_arrays(model, X, Y, validation_data=(X, Y))
    assert_same(of_arrays(model, X, Y, validation_data=batches(X, Y)), expected)
    assert_same(fitted(model, batches(X, Y), validation_data=batches(X, Y)), expected)


def test_batches_are_measured_and_predicted_as_arrays_are(model):
    assert model.evaluate(batches(X, Y)) == model.evaluate(X, Y, 8)
    for source in (batches(X), batches(X, Y)):
        np.testing.assert_allclose(model.predict(source), model.predict(X, 8), rtol=1e-6)


@pytest.mark.long
def test_an_endless_iterator_is_cut_into_epochs(model):
    def endless():
        while True:
            yield from batches(X, Y)()

    assert_same(fitted(model, endless(), steps_per_epoch=4), of_arrays(model, X, Y))


def test_named_targets_are_found_in_dicts(model):
    named = lambda: ({"x": x, "label": y} for x, y in batches(X, Y)())  # noqa: E731
    assert_same(fitted(model, named, "label"), of_arrays(model, X, Y))


@pytest.mark.long
def test_callbacks_hear_of_every_batch(model):
    heard = []

    class Listen(lp.Callback):
        def on_train_batch_end(self, batch, logs):
            heard.append(batch)

    fitted(model, batches(X, Y), callbacks=[Listen()])
    assert heard == list(range(4)) * 3


def test_an_error_of_the_source_ends_the_fit_after_the_batches_before_it(model):
    def breaking():
        yield from batches(X[:16], Y[:16])()
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone") as caught:
        fitted(model, breaking)
    assert "batch 2 of epoch 0" in caught.value.__notes__[0]
    trained = weights_of(model)
    assert same_bits(trained, fitted(model, batches(X[:16], Y[:16]), epochs=1)[0])


def test_ctrl_c_ends_the_wait_for_a_source_that_hangs(model, monkeypatch):
    monkeypatch.setattr(feeds, "JOIN_TIMEOUT", 0.05)
    wake = threading.Event()

    def hanging():
        yield from batches(X, Y)()
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        wake.wait(20)

    began = time.monotonic()
    fitted(model, hanging)
    assert model.history.interrupted
    assert time.monotonic() - began < 10
    wake.set()


@pytest.mark.long
def test_many_fits_leave_no_thread(model):
    before = set(threading.enumerate())
    for _ in range(20):
        fitted(model, batches(X, Y), epochs=1, validation_data=batches(X, Y))
    assert set(threading.enumerate()) <= before


def test_a_fit_that_cannot_begin_leaves_no_thread(model):
    before = set(threading.enumerate())
    with pytest.raises(lp.ShapeError):
        model.fit(batches(X[:, :2], Y))
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive()


def test_the_bar_of_a_terminal_shows_epochs_of_unknown_length(monkeypatch, capsys):
    monkeypatch.setenv("TTY_COMPATIBLE", "1")

    def batches():
        for _ in range(3):
            yield np.ones((4, 2), np.float32), np.ones((4, 1), np.float32)

    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(batches, epochs=2, verbose=1)
    shown = capsys.readouterr().out
    assert "epoch 2/2" in shown
    assert "loss" in shown


class SeededLoader:
    """Batches in an order that a generator draws anew in each pass, as a PyTorch loader does."""

    def __init__(self, seed=7):
        self.random = np.random.default_rng(seed)
        self.passes = 0

    def __iter__(self):
        self.passes += 1
        for rows in np.array_split(self.random.permutation(len(X)), 4):
            yield X[rows], Y[rows]


def generator_of(loader):
    """The same as a function that makes a generator."""

    def batches():
        yield from loader

    return batches


class StopError(Exception):
    """Ends a fit from a callback."""


def stop_in(epoch, batch=None):
    def at_batch(number, logs=None):
        if (stop.epoch, number) == (epoch, batch):
            raise StopError

    def at_end(number, logs=None):
        if batch is None and number == epoch:
            raise StopError

    stop = lp.LambdaCallback(
        on_epoch_begin=lambda number, logs=None: setattr(stop, "epoch", number),
        on_epoch_end=at_end,
        on_train_batch_end=at_batch,
    )
    return stop


@pytest.mark.long
@pytest.mark.parametrize("wrap", [lambda loader: loader, generator_of])
@pytest.mark.parametrize("stop", [(0, None), (0, 2), (1, None), (2, 0), (3, 3)])
def test_a_seeded_loader_resumes_to_the_same_bits(model, tmp_path, wrap, stop):
    options = {"epochs": 5, "seed": 1}
    expected = fitted(model, wrap(SeededLoader()), **options)
    checkpoint = lp.Checkpoint(tmp_path, every_seconds=0)
    with pytest.raises(StopError):
        fitted(
            model,
            wrap(SeededLoader()),
            callbacks=[stop_in(*stop)],
            checkpoint=checkpoint,
            **options,
        )
    resumed = fitted(model, wrap(SeededLoader()), checkpoint=checkpoint, **options)
    assert_same(resumed, expected)


def test_passes_that_are_all_the_same_are_not_drawn_again(model, tmp_path):
    drawn = []

    def same():
        drawn.append(0)
        yield from batches(X, Y)()

    checkpoint = lp.Checkpoint(tmp_path, every_seconds=0)
    with pytest.raises(StopError):
        fitted(model, same, epochs=6, callbacks=[stop_in(4)], checkpoint=checkpoint)
    drawn.clear()
    fitted(model, same, epochs=6, checkpoint=checkpoint)
    assert len(drawn) == 3  # the first batch of all, and the last two epochs


@pytest.mark.parametrize("stop", [(1, None), (2, 1)])
def test_a_loader_that_cannot_repeat_its_order_is_refused(model, tmp_path, stop):
    class Unseeded(SeededLoader):
        def __iter__(self):
            first = self.passes == 0
            yield from (super().__iter__() if first else SeededLoader(None))
            self.passes = 1

    checkpoint = lp.Checkpoint(tmp_path, every_seconds=0)
    with pytest.raises(StopError):
        fitted(model, Unseeded(), epochs=4, callbacks=[stop_in(*stop)], checkpoint=checkpoint)
    with pytest.raises(lp.DataError, match=r"begins with a different batch .* same seed"):
        fitted(model, Unseeded(), epochs=4, checkpoint=checkpoint)


def test_a_function_of_the_epoch_s_number_starts_there(model, tmp_path):
    asked = []

    def shuffled(epoch):
        asked.append(epoch)
        yield from SeededLoader(epoch)

    expected = fitted(model, shuffled, epochs=4)
    checkpoint = lp.Checkpoint(tmp_path, every_seconds=0)
    with pytest.raises(StopError):
        fitted(model, shuffled, epochs=4, callbacks=[stop_in(2)], checkpoint=checkpoint)
    asked.clear()
    assert_same(fitted(model, shuffled, epochs=4, checkpoint=checkpoint), expected)
    assert asked == [0, 2, 3]
