from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lampas.kernels.recurrent import Way, in_parts, lstm
from lampas.kernels.recurrent import loop as parts

RNG = np.random.default_rng(0)
BATCH, STEPS, FEATURES, UNITS = 50, 3, 2, 4


def array(*shape: int) -> jax.Array:
    return jnp.asarray(RNG.normal(size=shape), jnp.float32)


@pytest.mark.long
@pytest.mark.parametrize("sequences", [False, True])
def test_parts_of_a_batch_give_what_the_whole_gives(
    sequences: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, kernel, recurrent = array(BATCH, STEPS, FEATURES), array(FEATURES, 16), array(UNITS, 16)
    others = (array(BATCH, UNITS), array(BATCH, UNITS), jnp.ones((BATCH, STEPS)), None)
    operands = (x, kernel, recurrent, array(16), *others)

    def total(*operands: jax.Array) -> jax.Array:
        return sum(jnp.sum(a**2) for a in in_parts(lstm, Way(sequences=sequences), *operands))

    whole = jax.value_and_grad(total, argnums=(0, 1, 2, 3, 4))(*operands)
    monkeypatch.setattr(parts, "PART_BYTES", 4 * STEPS * 16 * 17)
    assert parts.parts(x, 16) == 3
    cut = jax.value_and_grad(total, argnums=(0, 1, 2, 3, 4))(*operands)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5), whole, cut)


@pytest.mark.parametrize(
    ("batch", "steps", "width", "count"),
    [(64, 200, 512, 4), (64, 100, 256, 1), (8, 10_000, 512, 1), (1, 1, 1, 1), (4096, 200, 256, 8)],
)
def test_parts_fit_into_the_cache_and_are_not_too_small(
    batch: int, steps: int, width: int, count: int
) -> None:
    assert parts.parts(jnp.zeros((batch, steps, 1)), width) == count
