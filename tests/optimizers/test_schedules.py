from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lampas.optimizers import schedules
from tests.oracles import schedules as oracle

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
