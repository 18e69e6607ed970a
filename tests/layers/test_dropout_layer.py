from __future__ import annotations

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lampas
from lampas import ArgumentError, Dropout, LampasError, Sequential

ONES = np.ones((100, 100), np.float32)


def dropped(layer: lampas.Module, x: np.ndarray = ONES, seed: int = 0) -> np.ndarray:
    with lampas.forward_pass(training=True, key=jax.random.key(seed)):
        return np.asarray(layer(x))


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 0.9])
def test_survivors_are_scaled_so_that_the_expectation_stays(rate: float) -> None:
    y = dropped(Dropout(rate))
    np.testing.assert_allclose(y[y != 0], 1 / (1 - rate), rtol=1e-6)
    five_deviations = 5 * np.sqrt(rate * (1 - rate) / y.size)
    assert abs(np.mean(y == 0) - rate) < five_deviations
    assert abs(y.mean() - 1) < five_deviations / (1 - rate)


@given(rate=st.floats(0.01, 0.99))
@settings(max_examples=10, deadline=None)
def test_keep_is_what_rate_leaves(rate: float) -> None:
    by_rate, by_keep = dropped(Dropout(rate), ONES[:10]), dropped(Dropout(keep=1 - rate), ONES[:10])
    np.testing.assert_allclose(by_rate, by_keep, rtol=1e-5)


def test_outside_training_nothing_happens() -> None:
    assert np.array_equal(Dropout(0.5)(ONES), ONES)
    with lampas.forward_pass(training=False, key=jax.random.key(0)):
        assert np.array_equal(Dropout(0.5)(ONES), ONES)


@pytest.mark.parametrize("none", [Dropout(0.0), Dropout(keep=1.0)])
def test_rate_0_drops_nothing_and_asks_for_no_randomness(none: Dropout) -> None:
    with lampas.forward_pass(training=True):
        assert np.array_equal(none(ONES), ONES)


def test_the_key_decides_what_is_dropped() -> None:
    layer = Dropout(0.5)
    assert np.array_equal(dropped(layer), dropped(layer))
    assert not np.array_equal(dropped(layer), dropped(layer, seed=1))


def test_two_layers_and_two_calls_drop_different_nodes() -> None:
    layer = Dropout(0.5)
    with lampas.forward_pass(training=True, key=jax.random.key(0)):
        assert not np.array_equal(layer(ONES), layer(ONES))
    pair = dropped(Sequential([Dropout(0.5), Dropout(0.5)]))
    assert abs(np.mean(pair != 0) - 0.25) < 0.03


def test_gradient_passes_where_nodes_are_kept() -> None:
    layer, x = Dropout(0.25), ONES[:4, :5]
    _, apply = lampas.functional(layer)
    key = jax.random.key(0)
    slope = jax.grad(lambda x: apply({}, {}, x, training=True, rng=key)[0].sum())(x)
    np.testing.assert_allclose(slope, apply({}, {}, x, training=True, rng=key)[0], rtol=1e-6)


def test_training_without_a_key_says_how_to_give_one() -> None:
    with (
        lampas.forward_pass(training=True),
        pytest.raises(LampasError, match=r"forward_pass\(training=True, key=key\)"),
    ):
        Dropout(0.5)(ONES)


@pytest.mark.parametrize("given", [{}, {"rate": 0.2, "keep": 0.8}])
def test_exactly_one_of_rate_and_keep_is_needed(given: dict) -> None:
    with pytest.raises(ArgumentError, match="either the rate dropped or keep="):
        Dropout(**given)


@pytest.mark.parametrize(
    "given", [{"rate": 1.0}, {"rate": -0.1}, {"rate": 2}, {"keep": 0.0}, {"keep": 1.5}], ids=str
)
def test_probability_out_of_range_is_named_as_it_was_given(given: dict) -> None:
    ((name, value),) = given.items()
    with pytest.raises(ArgumentError, match=f"got {name}={value}. A rate is 0 or more"):
        Dropout(**given)
