"""EarlyStopping against Keras's rules written out, and in real fits; TerminateOnNaN."""

import inspect
import math
import signal
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas as lp
from lampas.train.callbacks.base import MonitorCallback
from lampas.train.multi_output import unique_names
from tests.train.small_nets import SPARSE, restart, same_bits, weights_of


def error(y_true, y_pred):
    return y_pred - y_true


class FakeModel:
    """Stands for a model whose weights are the number of the epoch."""

    stop_training = False
    weights = None
    compile_options = SimpleNamespace(
        metrics=unique_names(
            [
                *("mae", "rmse", "accuracy", "acc", "accuracy", "auc", "sensitivity", "precision"),
                *("specificity", "recall", "f1_score", "r2_score", "cosine_similarity"),
                *("sparse_categorical_accuracy", lp.losses.CosineSimilarity(), error),
            ]
        )
    )

    def copy_arrays(self):
        return self.weights

    def assign_arrays(self, arrays):
        self.weights = arrays


def drive(callback, values, monitor="val_loss"):
    """Feed a callback epoch by epoch until it stops."""
    model = FakeModel()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.weights = epoch
        callback.on_epoch_end(epoch, {monitor: value})
        if model.stop_training:
            break
    callback.on_train_end()
    return model


def keras_rules(
    values, sign, min_delta=0.0, patience=0, baseline=None, restore=False, start_from_epoch=0
):
    """What Keras does; a NaN never is an improvement. Returns (best, stopped, weights)."""
    best, best_weights, wait = None, None, 0

    def improves(value, reference):
        return sign * value + min_delta < sign * reference

    for epoch, value in enumerate(values):
        if epoch < start_from_epoch:
            continue
        if best_weights is None:
            best_weights = epoch
        wait += 1
        if not math.isnan(value) and (best is None or improves(value, best)):
            best, best_weights = value, epoch
            if baseline is None or improves(value, baseline):
                wait = 0
            continue
        if wait >= patience and epoch > 0:
            return best, epoch, best_weights if restore else epoch
    last = len(values) - 1
    return best, 0, best_weights if restore and best_weights is not None else last


values = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, 1.5, math.nan])


@given(
    logs=st.lists(values, min_size=1, max_size=12),
    mode=st.sampled_from(["min", "max"]),
    min_delta=st.sampled_from([0.0, 0.25, -0.25]),
    patience=st.integers(0, 4),
    baseline=st.sampled_from([None, 0.4, 0.75]),
    restore=st.booleans(),
    start_from_epoch=st.integers(0, 3),
)
def test_it_stops_and_restores_as_keras(
    logs, mode, min_delta, patience, baseline, restore, start_from_epoch
):
    callback = lp.EarlyStopping(
        min_delta=min_delta,
        patience=patience,
        mode=mode,
        baseline=baseline,
        restore_best_weights=restore,
        start_from_epoch=start_from_epoch,
    )
    model = drive(callback, logs)
    best, stopped, weights = keras_rules(
        logs,
        1.0 if mode == "min" else -1.0,
        abs(min_delta),
        patience,
        baseline,
        restore,
        start_from_epoch,
    )
    assert callback.best == best
    assert callback.stopped_epoch == stopped
    assert model.stop_training == bool(stopped)
    assert model.weights == weights


def test_names_and_defaults_are_those_of_keras():
    given_as = {
        name: parameter.default
        for name, parameter in inspect.signature(lp.EarlyStopping).parameters.items()
    }
    assert given_as == {
        "monitor": "val_loss",
        "min_delta": 0,
        "patience": 0,
        "verbose": 0,
        "mode": "auto",
        "baseline": None,
        "restore_best_weights": False,
        "start_from_epoch": 0,
    }
    assert list(given_as)[:3] == ["monitor", "min_delta", "patience"]


@pytest.mark.parametrize(
    "monitor", ["loss", "val_loss", "val_mae", "val_rmse", "cosine_similarity_2"]
)
def test_auto_takes_errors_to_be_better_when_small(monitor):
    assert drive(lp.EarlyStopping(monitor), [1.0, 0.5, 0.6], monitor).stop_training
    assert not drive(lp.EarlyStopping(monitor), [1.0, 0.5, 0.4], monitor).stop_training


@pytest.mark.parametrize(
    "monitor",
    [
        *("acc", "val_accuracy", "val_sparse_categorical_accuracy", "auc"),
        *("val_precision", "recall", "val_f1_score", "r2_score", "val_accuracy_2"),
        *("val_sensitivity", "specificity", "cosine_similarity"),
    ],
)
def test_auto_takes_scores_to_be_better_when_large(monitor):
    assert drive(lp.EarlyStopping(monitor), [0.5, 0.9, 0.8], monitor).stop_training
    assert not drive(lp.EarlyStopping(monitor), [0.5, 0.8, 0.9], monitor).stop_training


@pytest.mark.parametrize(
    "callback",
    [
        *(lp.EarlyStopping("val_error"), lp.ReduceLROnPlateau("val_error")),
        lp.ModelCheckpoint("net", "val_error", save_best_only=True),
    ],
    ids=lambda callback: type(callback).__name__,
)
def test_auto_asks_for_the_mode_of_your_own_function(callback):
    callback.set_model(FakeModel())
    with pytest.raises(lp.ArgumentError, match=r"'val_error', .* give mode=\"max\" or"):
        MonitorCallback.on_train_begin(callback)


def test_auto_names_the_metrics_where_there_is_no_such_one():
    callback = lp.EarlyStopping("val_f2")
    callback.set_model(FakeModel())
    with pytest.raises(lp.ArgumentError, match="Metrics of the model: loss, mae, rmse, accuracy"):
        callback.on_train_begin()


def test_an_unknown_mode_is_an_error():
    with pytest.raises(lp.ArgumentError, match="'auto' or 'min' or 'max', got 'up'"):
        lp.EarlyStopping(mode="up")


def test_verbose_says_when_it_stopped_and_what_was_best(capsys):
    drive(lp.EarlyStopping(patience=1, verbose=1), [1.0, 0.5, 0.6])
    assert capsys.readouterr().out == "Epoch 3: stopped early; val_loss was best in epoch 2.\n"


def test_it_is_silent_by_default(capsys):
    drive(lp.EarlyStopping(), [1.0, 2.0])
    assert capsys.readouterr().out == ""


def test_each_fit_starts_afresh():
    callback = lp.EarlyStopping(patience=2)
    assert drive(callback, [0.1, 0.2, 0.3]).stop_training
    assert not drive(callback, [5.0, 4.0, 3.0]).stop_training
    assert (callback.best, callback.best_epoch, callback.stopped_epoch) == (3.0, 2, 0)


def test_a_value_that_is_not_logged_is_named_with_those_that_are():
    callback = lp.EarlyStopping("val_los")
    with pytest.raises(lp.ArgumentError) as caught:
        callback.on_epoch_end(0, {"loss": 1.0, "mae": 1.0})
    message = str(caught.value)
    assert "EarlyStopping monitors 'val_los'" in message
    assert "logged are: loss, mae" in message
    assert "validation_split=" in message


@pytest.fixture(scope="module")
def learner():
    """A model that gets worse with every epoch: its rate is far too large."""
    lp.set_seed(0)
    model = lp.Sequential([lp.Dense(1, use_bias=False, input_shape=(1,))])
    model.compile(lp.SGD(1.2), "mse")
    return model, weights_of(model)


def diverge(learner, *callbacks, epochs=6):
    model, start = learner
    restart(model, start)
    x = np.ones((8, 1), np.float32)
    seen = []

    class Record(lp.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(weights_of(self.model))

    history = None
    error = None
    try:
        history = model.fit(
            x, 0 * x, batch_size=8, epochs=epochs, verbose=0, callbacks=[Record(), *callbacks]
        )
    except Exception as caught:
        error = caught
    return history, error, seen, weights_of(model)


def test_the_best_weights_are_back_after_a_stop(learner):
    stopping = lp.EarlyStopping("loss", patience=2, restore_best_weights=True)
    history, error, seen, weights = diverge(learner, stopping)
    assert error is None
    assert history.epoch == [0, 1, 2]
    assert stopping.stopped_epoch == 2
    assert same_bits(weights, seen[0])


def test_the_best_weights_are_back_after_a_fit_that_did_not_stop(learner):
    stopping = lp.EarlyStopping("loss", patience=99, restore_best_weights=True)
    history, _, seen, weights = diverge(learner, stopping)
    assert len(history.epoch) == 6
    assert stopping.stopped_epoch == 0
    assert same_bits(weights, seen[0])


def test_without_restoring_the_last_weights_stay(learner):
    _, _, seen, weights = diverge(learner, lp.EarlyStopping("loss", patience=2))
    assert same_bits(weights, seen[-1])


def test_the_best_weights_are_back_after_an_interrupt(learner):
    class Interrupt(lp.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 3:
                signal.raise_signal(signal.SIGINT)

    stopping = lp.EarlyStopping("loss", patience=99, restore_best_weights=True)
    history, error, seen, weights = diverge(learner, stopping, Interrupt())
    assert error is None
    assert history.interrupted
    assert history.epoch == [0, 1, 2, 3]
    assert same_bits(weights, seen[0])


@pytest.mark.parametrize("hook", ["on_epoch_begin", "on_train_batch_end", "on_epoch_end"])
def test_the_best_weights_are_back_after_another_callback_failed(learner, hook):
    def fail(self, number, logs=None):
        self.calls = getattr(self, "calls", 0) + 1
        if self.calls == 3:
            raise RuntimeError("broken callback")

    broken = type("Broken", (lp.Callback,), {hook: fail})()
    stopping = lp.EarlyStopping("loss", patience=99, restore_best_weights=True)
    _, error, seen, weights = diverge(learner, stopping, broken)
    assert str(error) == "broken callback"
    assert same_bits(weights, seen[0])


@pytest.mark.long
def test_the_best_weights_are_back_after_a_divergence(learner):
    stopping = lp.EarlyStopping("loss", patience=9999, restore_best_weights=True)
    _, error, seen, weights = diverge(learner, stopping, epochs=500)
    assert isinstance(error, lp.DivergedError)
    assert same_bits(weights, seen[0])
    model, _ = learner
    assert len(model.history.epoch) == len(seen)
    assert np.isfinite(model.history.history["loss"]).all()


def test_a_missing_monitor_ends_the_fit_with_the_error(learner):
    _, error, _, _ = diverge(learner, lp.EarlyStopping())
    assert isinstance(error, lp.ArgumentError)
    assert "val_loss" in str(error)


@pytest.mark.long
def test_it_stops_a_fit_with_validation(examples):
    model = lp.Sequential([lp.Dense(3, "softmax")])
    model.compile(lp.SGD(1e-9), SPARSE, metrics=["accuracy"])
    stopping = lp.EarlyStopping("val_accuracy", patience=3)
    history = model.fit(
        *examples, 8, epochs=50, verbose=0, validation_split=0.3, callbacks=[stopping]
    )
    assert len(history.epoch) == 4


@pytest.mark.long
def test_terminate_on_nan_ends_a_fit_that_diverges(capsys: pytest.CaptureFixture[str]) -> None:
    x = np.ones((4, 1), np.float32)
    model = lp.Sequential([lp.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, x, epochs=1, verbose=0)
    before = model.get_weights()
    history = model.fit(x * 1e30, x, epochs=3, verbose=0, callbacks=[lp.TerminateOnNaN()])
    assert model.stop_training
    assert len(history.epoch) < 3
    assert "The fit ends early." in capsys.readouterr().out
    for value, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(value, now)
