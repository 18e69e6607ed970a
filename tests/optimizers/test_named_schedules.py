"""Schedules by name, against their formulas."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lampas as lp
from lampas.optimizers import schedules

STEPS, RATE = 40, 0.2


def one_cycle(step):
    """Cosine from a 25th up over 30 % of the steps, then down to a 10,000th of that."""
    top = int(0.3 * STEPS)
    if step < top:
        low, share = RATE / 25, step / top
        return low + (RATE - low) * (1 - math.cos(math.pi * share)) / 2
    end, share = RATE / 25 / 1e4, min(1.0, (step - top) / (STEPS - top))
    return end + (RATE - end) * (1 + math.cos(math.pi * share)) / 2


FORMULAS = {
    "constant": lambda step: RATE,
    "cosine": lambda step: RATE * (1 + math.cos(math.pi * min(step / STEPS, 1))) / 2,
    "exponential": lambda step: RATE * 0.01 ** (step / STEPS),
    "inverse_sqrt": lambda step: RATE / math.sqrt(1 + step / STEPS),
    "inverse_time": lambda step: RATE / (1 + step / STEPS),
    "linear": lambda step: RATE * (1 - min(step / STEPS, 1)),
    "one_cycle": one_cycle,
}


def test_all_names_have_a_formula():
    assert set(FORMULAS) == set(schedules.NAMED)


@pytest.mark.parametrize("name", FORMULAS)
def test_it_is_that_of_the_formula(name):
    schedule = jax.jit(jax.vmap(schedules.get(name, RATE, STEPS)))
    found = schedule(jnp.arange(STEPS + 5))
    np.testing.assert_allclose(
        found, [FORMULAS[name](step) for step in range(STEPS + 5)], rtol=1e-4, atol=1e-6
    )


@settings(deadline=None, max_examples=30)
@given(name=st.sampled_from(sorted(FORMULAS)), warmup=st.integers(1, STEPS - 1))
def test_a_warm_up_rises_to_the_schedule_and_never_above_the_rate(name, warmup):
    schedule = schedules.get(name, RATE, STEPS, warmup)
    rates = np.asarray(jax.vmap(schedule)(jnp.arange(STEPS)))
    after = np.asarray(jax.vmap(schedules.get(name, RATE, STEPS - warmup))(jnp.arange(STEPS)))
    np.testing.assert_allclose(rates[warmup:], after[: STEPS - warmup], rtol=1e-5, atol=1e-9)
    assert np.all(np.diff(rates[: warmup + 1]) > 0)
    assert rates.max() <= RATE * (1 + 1e-6)


def test_wrong_names_and_numbers_are_told():
    with pytest.raises(lp.UnknownNameError, match="Did you mean 'cosine'"):
        schedules.get("cosin", 0.1, 10)
    with pytest.raises(lp.ArgumentError, match="more steps than those of its warm-up"):
        schedules.get("cosine", 0.1, 10, warmup=10)
    with pytest.raises(lp.ArgumentError, match="positive rate"):
        schedules.get("cosine", 0.0, 10)
