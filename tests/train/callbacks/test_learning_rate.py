"""Callbacks that change the learning rate, and those made of functions."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import lampas as lp

X, Y = np.ones((4, 1)), np.ones((4, 1))


def small_model(**options: object) -> lp.Sequential:
    model = lp.Sequential([lp.Dense(1)])
    model.compile(lp.SGD(0.1, **options), "mse")
    return model


def test_scheduler_sets_the_rate_of_each_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[tuple[int, float]] = []

    def schedule(epoch: int, rate: float) -> float:
        seen.append((epoch, pytest.approx(rate)))
        return rate / 2

    model = small_model()
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[lp.LearningRateScheduler(schedule, verbose=1)])
    assert seen == [(0, 0.1), (1, 0.05), (2, 0.025)]
    assert model.optimizer.learning_rate == pytest.approx(0.0125)
    assert capsys.readouterr().out.splitlines()[-1] == "Epoch 3: learning rate 0.0125."


def test_scheduler_trains_at_its_rates() -> None:
    model = small_model()
    model.build((1,))
    weight, bias = model.layers[0].kernel, model.layers[0].bias
    before = float(weight.value[0, 0])
    model.fit(
        X, Y, epochs=1, verbose=0, callbacks=[lp.LearningRateScheduler(lambda epoch, rate: 0.01)]
    )
    grad = 2 * (before - 1)
    assert float(weight.value[0, 0]) == pytest.approx(before - 0.01 * grad, rel=1e-5)
    assert float(bias.value[0]) == pytest.approx(-0.01 * grad, rel=1e-5)


def test_scheduler_says_when_the_optimizer_has_a_schedule_of_its_own() -> None:
    model = lp.Sequential([lp.Dense(1)])
    model.compile(lp.SGD(lp.schedules.ExponentialDecay(0.1, 10, 0.5)), "mse")
    with pytest.raises(
        lp.ArgumentError,
        match="LearningRateScheduler changes the learning rate, which follows the schedule",
    ):
        model.fit(X, Y, verbose=0, callbacks=[lp.LearningRateScheduler(lambda epoch, rate: rate)])


def rates(values: list[float], **options: object) -> list[float]:
    """The rate after each epoch whose watched value was this."""
    callback = lp.ReduceLROnPlateau("loss", **options)
    optimizer = SimpleNamespace(learning_rate=1.0, schedule=None)
    callback.set_model(SimpleNamespace(optimizer=optimizer))
    callback.on_train_begin()
    found = []
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"loss": value})
        found.append(optimizer.learning_rate)
    return found


def test_rate_falls_after_epochs_without_improvement() -> None:
    assert rates([3, 2, 2, 2, 1, 1, 1], patience=2, factor=0.5) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]


def test_small_changes_do_not_count() -> None:
    assert rates([1, 0.95, 0.9, 0.85], patience=2, factor=0.5, min_delta=0.2) == [1, 1, 0.5, 0.5]


def test_epochs_of_cooldown_are_not_counted() -> None:
    found = rates([1] * 7, patience=1, factor=0.5, cooldown=2)
    assert found == [1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]


def test_rate_does_not_fall_below_the_least() -> None:
    assert rates([1] * 4, patience=1, factor=0.1, min_lr=0.05) == [1, 0.1, 0.05, 0.05]


def test_larger_can_be_better() -> None:
    assert rates([1, 2, 3, 3], patience=1, factor=0.5, mode="max") == [1, 1, 1, 0.5]


def test_a_plateau_of_the_fit_lowers_the_rate(capsys: pytest.CaptureFixture[str]) -> None:
    model = small_model()
    plateau = lp.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=1e9, verbose=1)
    model.fit(X, Y, epochs=3, verbose=0, callbacks=[plateau])
    assert model.optimizer.learning_rate == pytest.approx(0.025)
    assert capsys.readouterr().out.splitlines()[0] == "Epoch 2: learning rate reduced to 0.05."


def test_wrong_arguments_are_reported() -> None:
    with pytest.raises(
        lp.ArgumentError, match=r"monitors 'val_loss', .* Give fit validation_data="
    ):
        small_model().fit(X, Y, verbose=0, callbacks=[lp.ReduceLROnPlateau()])


@pytest.mark.long
def test_functions_are_called_at_their_hooks() -> None:
    calls: list[object] = []
    callback = lp.LambdaCallback(
        on_epoch_end=lambda epoch, logs: calls.append((epoch, sorted(logs))),
        on_train_batch_end=lambda batch, logs: calls.append(batch),
        on_train_end=None,
    )
    small_model().fit(X, Y, batch_size=2, epochs=2, verbose=0, callbacks=[callback])
    assert calls == [0, 1, (0, ["loss"]), 0, 1, (1, ["loss"])]


def test_a_hook_may_be_any_function() -> None:
    """A method of a builtin type has no module."""
    logs: dict[int, object] = {}
    callback = lp.LambdaCallback(on_epoch_end=logs.__setitem__)
    small_model().fit(X, Y, verbose=0, callbacks=[callback, lp.EarlyStopping("loss")])
    assert logs.keys() == {0}


def test_a_hook_that_is_none_is_reported() -> None:
    with pytest.raises(lp.UnknownNameError, match="Did you mean 'on_epoch_end'"):
        lp.LambdaCallback(on_epoch_ends=print)
    with pytest.raises(lp.ArgumentError, match="on_epoch_end must be a function, got 3"):
        lp.LambdaCallback(on_epoch_end=3)


def test_the_history_has_the_rate_of_each_epoch() -> None:
    """As in Keras: that of the epoch, before the callback reduces it."""
    x, y = np.ones((4, 2), np.float32), np.ones((4, 1), np.float32)
    schedule = lp.LearningRateScheduler(lambda epoch, rate: rate / 2)
    plateau = lp.ReduceLROnPlateau("loss", factor=0.5, patience=1, min_delta=100.0)
    for callback, rates in ((schedule, [0.5, 0.25]), (plateau, [1.0, 1.0, 0.5])):
        model = lp.Sequential([lp.Dense(1, kernel_initializer="zeros")])
        model.compile(lp.SGD(1.0, clipvalue=1e-6), "mse")
        history = model.fit(x, y, epochs=len(rates), verbose=0, callbacks=[callback]).history
        np.testing.assert_allclose(history["learning_rate"], rates)


def test_a_schedule_that_returns_no_number() -> None:
    callback = lp.LearningRateScheduler(lambda epoch: None)
    with pytest.raises(lp.ArgumentError, match="must return a number, got None for epoch 0"):
        small_model().fit(X, Y, verbose=0, callbacks=[callback])
