"""Embedding and EmbeddingBag against sums in NumPy."""

from __future__ import annotations

from itertools import pairwise

import jax
import numpy as np
import pytest

import lampas
import lampas as lp
from lampas import (
    DataError,
    Dense,
    Embedding,
    GlobalAveragePooling1D,
    Sequential,
    ShapeError,
    load,
)
from lampas.initializers import Constant
from lampas.layers.embedding import EmbeddingBag
from tests.oracles.layers import embed

IDS = np.array([[0, 2, 2], [4, 1, 0]])


@pytest.mark.long
@pytest.mark.parametrize("kind", [np.int32, np.uint8, np.float32])
def test_each_number_becomes_its_row(kind: type) -> None:
    layer = Embedding(5, 3)
    y = layer(IDS.astype(kind))
    np.testing.assert_array_equal(y, embed(IDS, layer.embeddings.numpy()))


def test_first_table_is_uniform_within_a_twentieth() -> None:
    layer = Embedding(200, 10)
    layer(IDS)
    assert 0.049 < np.abs(layer.embeddings.numpy()).max() <= 0.05
    assert not layer.embeddings.regularized


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
    with pytest.raises(
        DataError, match=f"index {wrong} in row 0 .* 5 rows has the integer indices 0 to 4"
    ):
        Embedding(5, 3)(np.array([[0, wrong]]))


TEXTS = np.array([[3, 1, 4, 0], [2, 2, 0, 0], [0, 0, 0, 0], [4, 3, 2, 1]], np.int32)


def bucket(first: int, second: int, buckets: int) -> int:
    return ((first * 2654435761 + second * 40503) % 2**32 >> 7) % buckets


def expected(layer: EmbeddingBag, ids: np.ndarray) -> np.ndarray:
    words = layer.words.embeddings.numpy().astype(np.float64)
    pairs = layer.pairs.embeddings.numpy().astype(np.float64)
    rows = []
    for text in ids:
        known = [n for n in text.tolist() if n]
        vectors = [words[n] for n in known]
        vectors += [pairs[bucket(a, b, len(pairs))] for a, b in pairwise(known)]
        rows.append(np.sum(vectors, 0) / np.sqrt(len(vectors)) if vectors else 0 * words[0])
    return np.array(rows)


@pytest.mark.long
def test_it_sums_words_and_pairs_and_divides_by_the_root_of_their_number():
    lp.set_seed(0)
    layer = EmbeddingBag(5, 3, buckets=64)
    output = np.asarray(layer(TEXTS))
    np.testing.assert_allclose(output, expected(layer, TEXTS), rtol=1e-5, atol=1e-7)
    assert not output[2].any()


@pytest.mark.long
def test_without_buckets_it_is_a_bag_of_words():
    layer = EmbeddingBag(5, 3, buckets=0)
    words = np.asarray(layer(TEXTS[1:2])) / np.sqrt(2)
    np.testing.assert_allclose(words[0], layer.words.embeddings.numpy()[2], rtol=1e-6)
    assert set(layer.variables()) == {"words/embeddings"}


@pytest.mark.long
def test_padding_changes_nothing_and_order_does():
    layer = EmbeddingBag(5, 3, buckets=64)
    short, long = np.asarray(layer(TEXTS[:1, :3])), np.asarray(layer(TEXTS[:1]))
    np.testing.assert_allclose(short, long, rtol=1e-6)
    assert not np.allclose(layer(TEXTS[:1, :3]), layer(TEXTS[:1, 2::-1]))
    assert np.asarray(layer(np.array([[3]]))).shape == (1, 3)


@pytest.mark.long
def test_dropout_leaves_out_that_share_in_training_and_keeps_the_mean():
    import jax

    layer = EmbeddingBag(3, 1, 1, dropout=0.25, pair_dropout=0.5, embeddings_initializer="ones")
    ids = np.ones((4000, 2), np.int32)
    plain = np.asarray(layer(ids))
    np.testing.assert_allclose(plain, np.sqrt(3), rtol=1e-6)
    with lp.forward_pass(training=True, key=jax.random.key(0)):
        dropped = np.asarray(layer(ids))[:, 0] * np.sqrt(3)
    assert abs(dropped.mean() - 3) < 0.1
    # Two words of 4/3 or nothing, one pair of 2 or nothing.
    values, counts = np.unique(dropped.round(3), return_counts=True)
    np.testing.assert_allclose(values, [0, 4 / 3, 2, 8 / 3, 10 / 3, 14 / 3], atol=1e-3)
    chances = np.array([1, 6, 1, 9, 6, 9]) / 32
    assert np.abs(counts / 4000 - chances).max() < 0.03


def test_arguments_that_are_not_right_are_told():
    with pytest.raises(
        lp.ArgumentError, match="pair_dropout must be at least 0 and less than 1, got 1"
    ):
        EmbeddingBag(5, 3, pair_dropout=1)
    with pytest.raises(lp.ShapeError, match=r"expects 2 axes \(batch, steps\)"):
        EmbeddingBag(5, 3)(TEXTS[..., None])


@pytest.mark.long
def test_table_of_word_vectors_is_not_trained(tmp_path):
    table = np.arange(10, dtype=np.float32).reshape(5, 2)
    makers = (
        lambda: Embedding(5, 2, weights=[table], trainable=False),
        lambda: Embedding(5, 2, embeddings_initializer=Constant(table), trainable=False),
    )
    for make in makers:
        model = Sequential([make(), GlobalAveragePooling1D(), Dense(1)])
        model.compile("sgd", "mse")
        model.fit(np.array([[1, 2], [0, 4]]), np.ones((2, 1)), verbose=0)
        np.testing.assert_array_equal(model.layers[0].embeddings.numpy(), table)
    model.save(tmp_path / "model.lampas")
    loaded = load(tmp_path / "model.lampas")
    np.testing.assert_array_equal(loaded.get_weights()[0], table)
    assert loaded.layers[0].trainable is False
    with pytest.raises(ShapeError, match=r"array of shape \(5, 2\) for weights of shape \(6, 2\)"):
        Embedding(6, 2, weights=table)(np.array([[1]]))
