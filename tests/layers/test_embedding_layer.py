from __future__ import annotations

import jax
import numpy as np
import pytest

import lampas
from lampas import ArgumentError, DataError, Embedding
from tests.oracles.layers import embed

IDS = np.array([[0, 2, 2], [4, 1, 0]])


@pytest.mark.parametrize("kind", [np.int32, np.uint8, np.float32])
def test_each_number_becomes_its_row(kind: type) -> None:
    layer = Embedding(5, 3)
    y = layer(IDS.astype(kind))
    np.testing.assert_array_equal(y, embed(IDS, layer.embeddings.numpy()))


def test_first_table_is_uniform_within_a_twentieth() -> None:
    layer = Embedding(200, 10)
    layer(IDS)
    assert 0.049 < np.abs(layer.embeddings.numpy()).max() <= 0.05
    assert not layer.embeddings.penalized


def test_gradient_of_a_row_is_the_sum_over_its_places() -> None:
    layer = Embedding(5, 3)
    layer(IDS)
    (params, state), apply = lampas.functional(layer)
    dy = np.random.default_rng(0).normal(size=(2, 3, 3)).astype(np.float32)
    grads = jax.jit(jax.grad(lambda p: (dy * apply(p, state, IDS)[0]).sum()))(params)
    expected = np.zeros((5, 3))
    np.add.at(expected, IDS, dy)
    np.testing.assert_allclose(grads["embeddings"], expected, atol=1e-6)


@pytest.mark.parametrize("wrong", [-1, 5, 99])
def test_number_outside_the_table_is_an_error(wrong: int) -> None:
    with pytest.raises(DataError, match=f"rows 0 to 4, the input contains {wrong}"):
        Embedding(5, 3)(np.array([[0, wrong]]))


def test_empty_table_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="at least 1 x 1, got 0 x 3"):
        Embedding(0, 3)
