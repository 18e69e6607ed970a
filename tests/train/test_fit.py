"""How the steps are cut into compiled calls makes no difference."""

import itertools

import numpy as np
import pytest

import lampas as lp
from lampas.train import fit as fitting
from tests.train.small_nets import SPARSE, class_examples, restart, same_bits, weights_of


class EachBatch(lp.Callback):
    def on_train_batch_end(self, batch, logs=None):
        pass


class EachEpoch(lp.Callback):
    def on_epoch_end(self, epoch, logs=None):
        pass


@pytest.fixture(scope="module")
def noisy():
    """A compiled net with dropout, batch statistics and momenta, and how it started."""
    lp.set_seed(0)
    model = lp.Sequential([lp.Dense(6, input_shape=(4,)), lp.BatchNormalization()])
    model.add(lp.Dropout(0.5))
    model.add(lp.Dense(3, "softmax"))
    model.compile("adam", SPARSE, metrics=["accuracy"])
    return model, weights_of(model)


def train(noisy, count, callbacks=()):
    model, start = noisy
    restart(model, start)
    history = model.fit(
        *class_examples(count), batch_size=8, epochs=4, seed=3, verbose=0, callbacks=callbacks
    )
    return weights_of(model), history.history


@pytest.fixture(scope="module", params=[21, 24], ids=["ragged", "whole"])
def count_and_expected(request, noisy):
    return request.param, train(noisy, request.param)


def assert_as_expected(noisy, count_and_expected, callbacks=()):
    count, (weights, history) = count_and_expected
    other_weights, other_history = train(noisy, count, callbacks)
    assert same_bits(weights, other_weights)
    assert history == other_history


@pytest.mark.parametrize("seconds", [1e-9, 1e9])
def test_the_length_of_a_chunk_changes_no_bit(noisy, count_and_expected, monkeypatch, seconds):
    monkeypatch.setattr(fitting, "CHUNK_SECONDS", seconds)
    assert_as_expected(noisy, count_and_expected)


@pytest.mark.parametrize("lengths", [[2], [3], [1, 5, 2, 1, 1]], ids=str)
def test_chunks_that_cross_epochs_change_no_bit(noisy, count_and_expected, monkeypatch, lengths):
    turn = itertools.cycle(lengths)
    monkeypatch.setattr(
        fitting.FitLoop,
        "adapt_chunk_steps",
        lambda self, steps, seconds: setattr(self, "chunk_steps", next(turn)),
    )
    assert_as_expected(noisy, count_and_expected)


@pytest.mark.parametrize("callback", [EachBatch, EachEpoch])
def test_a_callback_that_listens_changes_no_bit(noisy, count_and_expected, callback):
    assert_as_expected(noisy, count_and_expected, [callback()])


@pytest.mark.parametrize("count", [21, 24])
def test_a_fit_in_two_parts_of_one_seed_is_one_fit(noisy, count):
    model, start = noisy
    expected, history = train(noisy, count)
    restart(model, start)
    data = class_examples(count)
    first = model.fit(*data, batch_size=8, epochs=2, seed=3, verbose=0)
    second = model.fit(*data, batch_size=8, epochs=4, initial_epoch=2, seed=3, verbose=0)
    assert same_bits(weights_of(model), expected)
    assert first.history["loss"] + second.history["loss"] == history["loss"]


@pytest.mark.long
def test_many_short_epochs_have_a_line_each(noisy):
    model, start = noisy
    x, y = class_examples(24)

    def losses(callbacks=()):
        restart(model, start)
        history = model.fit(
            x, y, batch_size=24, epochs=1100, seed=3, verbose=0, callbacks=callbacks
        )
        assert history.epoch == list(range(1100))
        return history.history["loss"]

    together = losses()
    assert np.isfinite(together).all()
    assert together == losses([EachEpoch()])
