"""Learning rate schedules, against their formulas."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas as lp
from lampas.optimizers import schedules
from tests.oracles import schedules as oracle
from tests.scale import examples

STEPS = range(26)
CASES = {
    "exponential": (
        schedules.ExponentialDecay(0.5, 4, 0.7),
        lambda t: oracle.exponential(t, 0.5, 4, 0.7, False),
    ),
    "exponential in stairs": (
        schedules.ExponentialDecay(0.5, 4, 0.7, staircase=True),
        lambda t: oracle.exponential(t, 0.5, 4, 0.7, True),
    ),
    "inverse time": (
        schedules.InverseTimeDecay(0.5, 4, 0.7),
        lambda t: oracle.inverse_time(t, 0.5, 4, 0.7, False),
    ),
    "inverse time in stairs": (
        schedules.InverseTimeDecay(0.5, 4, 0.7, staircase=True),
        lambda t: oracle.inverse_time(t, 0.5, 4, 0.7, True),
    ),
    "polynomial": (
        schedules.PolynomialDecay(0.5, 20),
        lambda t: oracle.polynomial(t, 0.5, 20, 1e-4, 1),
    ),
    "square root": (
        schedules.PolynomialDecay(0.5, 20, 0.1, power=0.5),
        lambda t: oracle.polynomial(t, 0.5, 20, 0.1, 0.5),
    ),
    "piecewise": (
        schedules.PiecewiseConstantDecay([3, 10], [1.0, 0.5, 0.1]),
        lambda t: oracle.piecewise(t, [3, 10], [1.0, 0.5, 0.1]),
    ),
    "cosine": (
        schedules.CosineDecay(0.5, 20, alpha=0.1),
        lambda t: oracle.cosine(t, 0.5, 20, 0.1),
    ),
    "cosine with warm-up": (
        schedules.CosineDecay(0.1, 15, 0.1, warmup_target=0.5, warmup_steps=5),
        lambda t: oracle.warm_cosine(t, 0.1, 15, 0.5, 5, 0.1),
    ),
    "cosine with target but no warm-up": (
        schedules.CosineDecay(0.1, 15, warmup_target=0.5),
        lambda t: oracle.cosine(t, 0.5, 15),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_rate_is_that_of_the_formula_at_every_step(case: str) -> None:
    schedule, define = CASES[case]
    expected = [define(t) for t in STEPS]
    compiled = jax.jit(jax.vmap(schedule))(jnp.arange(len(STEPS)))
    np.testing.assert_allclose(compiled, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("case", CASES)
def test_rate_of_a_single_step_is_a_single_number(case: str) -> None:
    schedule, define = CASES[case]
    rate = schedule(jnp.int32(7))
    assert rate.shape == ()
    assert float(rate) == pytest.approx(define(7), rel=1e-5)


# Warm-up.


def test_a_rate_is_reached_in_a_straight_line() -> None:
    rates = jax.jit(jax.vmap(schedules.WarmUp(0.5, 4)))(jnp.arange(7))
    np.testing.assert_allclose(rates, [0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.5], rtol=1e-6)


def test_a_schedule_begins_after_the_rise() -> None:
    rates = jax.vmap(schedules.WarmUp(schedules.ExponentialDecay(1.0, 1, 0.5), 1))(jnp.arange(4))
    np.testing.assert_allclose(rates, [0.5, 1.0, 0.5, 0.25], rtol=1e-6)


def test_an_optimizer_follows_it() -> None:
    assert lp.SGD(schedules.WarmUp(1.0, 3)).learning_rate == pytest.approx(0.25)


# Schedules by name.


TOTAL, RATE = 40, 0.2


def one_cycle(step):
    """Cosine from a 25th up over 30 % of the steps, then down to a 10,000th of that."""
    top = int(0.3 * TOTAL)
    if step < top:
        low, share = RATE / 25, step / top
        return low + (RATE - low) * (1 - math.cos(math.pi * share)) / 2
    end, share = RATE / 25 / 1e4, min(1.0, (step - top) / (TOTAL - top))
    return end + (RATE - end) * (1 + math.cos(math.pi * share)) / 2


FORMULAS = {
    "constant": lambda step: RATE,
    "cosine": lambda step: RATE * (1 + math.cos(math.pi * min(step / TOTAL, 1))) / 2,
    "exponential": lambda step: RATE * 0.01 ** (step / TOTAL),
    "inverse_sqrt": lambda step: RATE / math.sqrt(1 + step / TOTAL),
    "inverse_time": lambda step: RATE / (1 + step / TOTAL),
    "linear": lambda step: RATE * (1 - min(step / TOTAL, 1)),
    "one_cycle": one_cycle,
}


def test_all_names_have_a_formula():
    assert set(FORMULAS) == set(schedules.SCHEDULES)


@pytest.mark.parametrize("name", FORMULAS)
def test_it_is_that_of_the_formula(name):
    schedule = jax.jit(jax.vmap(schedules.get(name, RATE, TOTAL)))
    found = schedule(jnp.arange(TOTAL + 5))
    np.testing.assert_allclose(
        found, [FORMULAS[name](step) for step in range(TOTAL + 5)], rtol=1e-4, atol=1e-6
    )


@pytest.mark.long
@examples(30)
@given(name=st.sampled_from(sorted(FORMULAS)), warmup=st.integers(1, TOTAL - 1))
def test_a_warm_up_rises_to_the_schedule_and_never_above_the_rate(name, warmup):
    schedule = schedules.get(name, RATE, TOTAL, warmup)
    rates = np.asarray(jax.vmap(schedule)(jnp.arange(TOTAL)))
    after = np.asarray(jax.vmap(schedules.get(name, RATE, TOTAL - warmup))(jnp.arange(TOTAL)))
    np.testing.assert_allclose(rates[warmup:], after[: TOTAL - warmup], rtol=1e-5, atol=1e-9)
    assert np.all(np.diff(rates[: warmup + 1]) > 0)
    assert rates.max() <= RATE * (1 + 1e-6)


def test_wrong_names_and_numbers_are_reported():
    with pytest.raises(lp.UnknownNameError, match="Did you mean 'cosine'"):
        schedules.get("cosin", 0.1, 10)
    with pytest.raises(lp.ArgumentError, match="more steps than its warm-up"):
        schedules.get("cosine", 0.1, 10, warmup=10)
    with pytest.raises(lp.ArgumentError, match=r"get: learning_rate must be above 0, got 0\.0"):
        schedules.get("cosine", 0.0, 10)
