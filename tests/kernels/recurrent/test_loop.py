"""A batch is computed in blocks of rows that fit into the cache."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lampas.kernels.recurrent import ScanOptions, in_row_blocks, loop, lstm

RNG = np.random.default_rng(0)
BATCH, STEPS, FEATURES, UNITS = 50, 3, 2, 4


def array(*shape: int) -> jax.Array:
    return jnp.asarray(RNG.normal(size=shape), jnp.float32)


@pytest.mark.long
@pytest.mark.parametrize("sequences", [False, True])
def test_blocks_of_a_batch_give_the_results_of_the_batch(
    sequences: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, kernel, recurrent = array(BATCH, STEPS, FEATURES), array(FEATURES, 16), array(UNITS, 16)
    arrays = (array(BATCH, UNITS), array(BATCH, UNITS), jnp.ones((BATCH, STEPS)), None)
    operands = (x, loop.Weights(kernel, recurrent, array(16)), *arrays)

    def total(*operands: jax.Array) -> jax.Array:
        return sum(
            jnp.sum(a**2)
            for a in in_row_blocks(lstm, ScanOptions(return_sequences=sequences), *operands)
        )

    at_once = jax.value_and_grad(total, argnums=(0, 1, 2, 3))(*operands)
    monkeypatch.setattr(loop, "BLOCK_BYTES", 4 * STEPS * 16 * 17)
    assert loop.num_row_blocks(x, 16) == 3
    in_blocks = jax.value_and_grad(total, argnums=(0, 1, 2, 3))(*operands)
    for a, b in zip(jax.tree.leaves(at_once), jax.tree.leaves(in_blocks), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("batch", "steps", "width", "count"),
    [(64, 200, 512, 4), (64, 100, 256, 1), (8, 10_000, 512, 1), (1, 1, 1, 1), (4096, 200, 256, 8)],
)
def test_blocks_fit_into_the_cache_and_are_not_too_small(
    batch: int, steps: int, width: int, count: int
) -> None:
    assert loop.num_row_blocks(jnp.zeros((batch, steps, 1)), width) == count
