import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp
from lampas.optimizers.schedules import ExponentialDecay, WarmUp


def test_a_rate_is_reached_in_a_straight_line() -> None:
    rates = jax.jit(jax.vmap(WarmUp(0.5, 4)))(jnp.arange(7))
    np.testing.assert_allclose(rates, [0.1, 0.2, 0.3, 0.4, 0.5, 0.5, 0.5], rtol=1e-6)


def test_a_schedule_begins_after_the_rise() -> None:
    rates = jax.vmap(WarmUp(ExponentialDecay(1.0, 1, 0.5), 1))(jnp.arange(4))
    np.testing.assert_allclose(rates, [0.5, 1.0, 0.5, 0.25], rtol=1e-6)


def test_an_optimizer_follows_it() -> None:
    assert lp.SGD(WarmUp(1.0, 3)).learning_rate == pytest.approx(0.25)


@pytest.mark.parametrize("steps", [0, -1])
def test_no_steps_are_an_error(steps: int) -> None:
    with pytest.raises(lp.ArgumentError, match=f"at least 1 step, got steps={steps}"):
        WarmUp(0.1, steps)
