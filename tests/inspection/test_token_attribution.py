"""The influence of words against what happens when their vectors become 0."""

import numpy as np
import pytest

import lampas as lp
from lampas.inspection.token_attribution import token_attributions
from lampas.layers import AttentionPool1D, Bidirectional, Embedding
from lampas.layers.embedding import EmbeddingBag

IDS = np.array([[3, 1, 4, 0], [2, 2, 0, 0], [0, 0, 0, 0]], np.int32)
CLASSES = np.array([0, 2, 1])


def odds(model, ids, classes):
    p = np.asarray(model(ids), np.float64)[np.arange(len(ids)), classes]
    return np.log(p / (1 - p))


@pytest.mark.long
def test_of_two_classes_and_a_bag_the_shares_add_up():
    lp.set_seed(0)
    model = lp.Sequential([EmbeddingBag(5, 3, 64), lp.Dropout(0.5), lp.Dense(2, "softmax")])
    model.predict(IDS)
    shares = token_attributions(model, IDS, np.array([0, 1, 0]))
    # The bag is linear, so log odds are the bias and the sum of all shares.
    result = odds(model, IDS, [0, 1, 0])
    np.testing.assert_allclose(shares.sum(1), result, rtol=1e-3, atol=1e-5)
    assert not shares[2].any()
    assert not shares[0, 3]


@pytest.mark.long
def test_pairs_are_shared_by_their_words():
    lp.set_seed(0)
    model = lp.Sequential([EmbeddingBag(5, 3, 64), lp.Dense(2, "softmax")])
    model.predict(IDS)
    bag = model.layers[0]
    bag.words.embeddings.value = bag.words.embeddings.value * 0
    first, second = token_attributions(model, IDS, np.zeros(3, int))[1, :2]
    assert first == pytest.approx(second)
    assert abs(first) > 0


@pytest.mark.long
def test_a_recurrent_network_is_differentiated_at_its_embedding():
    lp.set_seed(0)
    model = lp.Sequential(
        [
            Embedding(5, 3, mask_zero=True),
            Bidirectional(lp.layers.LSTM(2, return_sequences=True)),
            AttentionPool1D(),
            lp.Dense(3, "softmax"),
        ]
    )
    model.predict(IDS)
    shares = token_attributions(model, IDS, CLASSES)
    assert shares.shape == IDS.shape
    assert not shares[IDS == 0].any()
    in_pieces = token_attributions(model, IDS, CLASSES, batch_size=len(IDS) - 1)
    np.testing.assert_allclose(in_pieces, shares, atol=1e-6)
    # The gradient along all vectors at once, by a difference.
    embedding, step = model.layers[0].embeddings, 1e-2
    table = embedding.value
    embedding.value = table * (1 + step)
    above = odds(model, IDS, CLASSES)
    embedding.value = table * (1 - step)
    below = odds(model, IDS, CLASSES)
    np.testing.assert_allclose(shares.sum(1), (above - below) / (2 * step), rtol=0.02, atol=1e-4)


def test_a_model_without_an_embedding_is_reported():
    model = lp.Sequential([lp.Dense(2, "softmax")])
    model.predict(IDS)
    with pytest.raises(lp.ArgumentError, match="has no Embedding"):
        token_attributions(model, IDS, np.zeros(3, int))
