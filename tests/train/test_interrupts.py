"""Ctrl-C, threads, and a loss that becomes non-finite."""

import signal
import threading

import numpy as np
import pytest

import lampas as lp
from lampas.train.interrupts import interruptible
from tests.train.small_nets import numpy_twin, same_bits, weights_of


@pytest.fixture(scope="module")
def model():
    lp.set_seed(0)
    return numpy_twin()[0]


class PressAt(lp.Callback):
    """Presses Ctrl-C in a hook, as often as requested."""

    def __init__(self, batch=None, epoch=None, times=1):
        self.batch, self.epoch, self.times = batch, epoch, times

    def on_train_batch_end(self, batch, logs=None):
        if batch == self.batch:
            self._press()

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            self._press()

    def _press(self):
        for _ in range(self.times):
            signal.raise_signal(signal.SIGINT)


def fit(model, examples, *callbacks, epochs=50):
    return model.fit(*examples, 8, epochs=epochs, verbose=0, callbacks=callbacks)


def test_ctrl_c_ends_the_fit_and_returns_its_history(model, examples):
    before = weights_of(model)
    history = fit(model, examples, PressAt(epoch=2))
    assert history.interrupted
    assert history.epoch == [0, 1, 2]
    assert not same_bits(weights_of(model), before)
    assert all(np.isfinite(w).all() for w in weights_of(model).values())


def test_ctrl_c_within_an_epoch_ends_it_there(model, examples):
    class Count(lp.Callback):
        batches = 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1

    count = Count()
    history = fit(model, examples, count, PressAt(batch=1))
    assert history.interrupted
    assert history.epoch == []
    assert count.batches == 2


def test_the_next_fit_is_whole(model, examples):
    fit(model, examples, PressAt(batch=1))
    history = fit(model, examples, epochs=2)
    assert not history.interrupted
    assert history.epoch == [0, 1]


def test_a_second_ctrl_c_interrupts_at_once(model, examples):
    with pytest.raises(KeyboardInterrupt):
        fit(model, examples, PressAt(epoch=0, times=2))
    assert model.history.interrupted


@pytest.mark.parametrize("ending", ["whole", "pressed", "failed"])
def test_the_handler_of_before_is_back(model, examples, ending):
    def handler(number, frame):
        """A handler of the user."""

    class Fail(lp.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise RuntimeError("broken callback")

    before = signal.signal(signal.SIGINT, handler)
    try:
        if ending == "whole":
            fit(model, examples, epochs=1)
        elif ending == "pressed":
            fit(model, examples, PressAt(epoch=0))
        else:
            with pytest.raises(RuntimeError):
                fit(model, examples, Fail())
        assert signal.getsignal(signal.SIGINT) is handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_fit_works_in_a_thread(model, examples):
    histories = []
    thread = threading.Thread(target=lambda: histories.append(fit(model, examples, epochs=2)))
    thread.start()
    thread.join()
    assert histories[0].epoch == [0, 1]
    assert not histories[0].interrupted


@pytest.mark.long
def test_a_loss_that_diverges_is_an_error_with_the_history_kept(examples):
    x, _ = examples
    model = lp.Sequential([lp.Dense(8, "relu"), lp.Dense(1)])
    model.compile(lp.SGD(1e20), "mse")
    with pytest.raises(lp.DivergedError) as caught:
        model.fit(x, x[:, :1], 21, epochs=5, verbose=0)
    message = str(caught.value)
    assert "in epoch 2" in message
    assert "learning rate 1e+20" in message
    assert model.history.epoch == [0]
    assert np.isfinite(model.history.history["loss"]).all()


@pytest.mark.long
def test_a_divergence_within_an_epoch_is_found(examples):
    x, _ = examples
    model = lp.Sequential([lp.Dense(8, "relu"), lp.Dense(1)])
    model.compile(lp.SGD(1e20), "mse")
    with pytest.raises(lp.DivergedError, match="in epoch 1"):
        model.fit(x, x[:, :1], 8, epochs=5, verbose=0)
    assert model.history.epoch == []


def test_a_process_that_ignores_ctrl_c_goes_on_ignoring_it(monkeypatch):
    monkeypatch.setattr(signal, "getsignal", lambda number: signal.SIG_IGN)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interruptible() as interrupt:
            signal.raise_signal(signal.SIGINT)
        assert not interrupt.requested
    finally:
        signal.signal(signal.SIGINT, before)
