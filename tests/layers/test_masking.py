from __future__ import annotations

import gc

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas
from lampas import (
    GRU,
    LSTM,
    Activation,
    ArgumentError,
    AttentionPool1D,
    AveragePool1D,
    Conv1D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePool1D,
    GlobalMaxPool1D,
    LayerNormalization,
    Masking,
    MaxPool1D,
    Sequential,
    ShapeError,
    SimpleRNN,
    TimeDistributed,
)
from lampas.core import masks
from lampas.core.masks import get_mask, set_mask
from tests.layers.recurrent.networks import quick
from tests.scale import examples

X = np.random.default_rng(0).normal(size=(4, 6, 2)).astype(np.float32)
MASK = np.array(
    [[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 0, 1], [0, 0, 0, 0, 0, 0]], bool
)


def masked() -> jnp.ndarray:
    return set_mask(jnp.asarray(X), MASK)


def test_mask_belongs_to_one_array_and_lives_as_long() -> None:
    x = masked()
    np.testing.assert_array_equal(get_mask(x), MASK)
    assert get_mask(jnp.asarray(X)) is None
    assert get_mask(X) is None
    assert set_mask(x, None) is x
    np.testing.assert_array_equal(get_mask(set_mask(x, ~MASK)), ~MASK)
    key = id(x)
    del x
    gc.collect()
    assert key not in masks._masks


@pytest.mark.parametrize(
    "mask", [MASK[0], MASK[:, :5], MASK[..., None]], ids=lambda m: str(m.shape)
)
def test_mask_of_another_shape_is_an_error(mask: np.ndarray) -> None:
    with pytest.raises(ShapeError, match=r"per step, shape \(batch, steps\): \(4, 6\) here, got"):
        set_mask(jnp.asarray(X), mask)


def test_masking_marks_steps_by_their_value() -> None:
    x = np.where(MASK[..., None], X, -1.0)
    x[0, 0, 0] = -1.0  # one feature alone is no mark
    y = Masking(-1.0)(x)
    np.testing.assert_array_equal(get_mask(y), MASK)
    np.testing.assert_array_equal(y, np.where(MASK[..., None], x, 0))
    again = Masking(0.0)(set_mask(jnp.ones((4, 6, 1)), MASK))
    np.testing.assert_array_equal(get_mask(again), MASK)


@pytest.mark.long
def test_embedding_masks_zeros_if_told_to() -> None:
    ids = np.array([[3, 0, 1], [0, 0, 2]])
    np.testing.assert_array_equal(get_mask(Embedding(4, 2, mask_zero=True)(ids)), ids != 0)
    assert get_mask(Embedding(4, 2)(ids)) is None


@pytest.mark.long
@pytest.mark.parametrize(
    "layer",
    [
        Dense(3), Dropout(0.5), Activation("relu"), LayerNormalization(), TimeDistributed(Dense(3)),
        quick(SimpleRNN, 2, return_sequences=True), Embedding(3, 2),
    ],
    ids=lambda layer: type(layer).__name__,
)  # fmt: skip
def test_mask_passes_through_layers_that_keep_the_steps(layer: lampas.Layer) -> None:
    x = set_mask(jnp.int32(MASK), MASK) if isinstance(layer, Embedding) else masked()
    np.testing.assert_array_equal(get_mask(layer(x)), MASK)


@pytest.mark.long
def test_mask_of_a_backward_layer_is_in_the_order_of_its_outputs() -> None:
    layer = quick(SimpleRNN, 2, return_sequences=True, go_backwards=True)
    np.testing.assert_array_equal(get_mask(layer(masked())), MASK[:, ::-1])


@pytest.mark.parametrize(
    "layer", [Flatten(), GlobalMaxPool1D(), AttentionPool1D(), quick(SimpleRNN, 2)], ids=repr
)
def test_mask_ends_where_the_steps_do(layer: lampas.Layer) -> None:
    assert get_mask(layer(masked())) is None


@pytest.mark.parametrize(
    ("layer", "pool"),
    [(GlobalAveragePool1D(), np.mean), (GlobalMaxPool1D(), np.max)],
    ids=["mean", "max"],
)
def test_global_pools_leave_masked_steps_out(layer: lampas.Layer, pool) -> None:
    expected = [
        pool(row[mask], 0) if mask.any() else [0, 0] for row, mask in zip(X, MASK, strict=True)
    ]
    np.testing.assert_allclose(layer(masked()), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "pool"),
    [(AveragePool1D(2), np.mean), (MaxPool1D(2), np.max)],
    ids=["mean", "max"],
)
def test_pools_leave_masked_steps_out_of_their_windows(layer: lampas.Layer, pool) -> None:
    y = layer(masked())
    windows, counts = X.reshape(4, 3, 2, 2), MASK.reshape(4, 3, 2)
    for place in np.ndindex(4, 3):
        seen = windows[place][counts[place]]
        expected = pool(seen, 0) if len(seen) else 0
        np.testing.assert_allclose(y[place], expected, atol=1e-6)
    np.testing.assert_array_equal(get_mask(y), counts.any(-1))


def test_attention_weighs_only_the_steps_that_count() -> None:
    layer = AttentionPool1D(query_initializer="ones")
    y = layer(masked())
    weights = np.exp(X.sum(-1) / np.sqrt(2)) * MASK
    total = np.maximum(weights.sum(1, keepdims=True), 1e-9)
    np.testing.assert_allclose(y, np.einsum("bt,btf->bf", weights / total, X), atol=1e-6)


@pytest.mark.long
def test_convolution_takes_masked_steps_as_zeros() -> None:
    same, valid = Conv1D(3, 3, padding="same", strides=2), Conv1D(3, 3)
    zeroed = np.where(MASK[..., None], X, 0)
    for layer in (same, valid):
        np.testing.assert_allclose(layer(masked()), layer(zeroed), atol=1e-6)
    np.testing.assert_array_equal(get_mask(same(masked())), MASK[:, ::2])
    whole = MASK[:, :-2] & MASK[:, 1:-1] & MASK[:, 2:]
    np.testing.assert_array_equal(get_mask(valid(masked())), whole)


@pytest.mark.long
def test_time_distributed_applies_one_layer_to_every_step() -> None:
    films = np.random.default_rng(0).normal(size=(2, 3, 5, 4, 1)).astype(np.float32)
    inner = Sequential([lampas.Conv2D(2, 3), Flatten()])
    layer = TimeDistributed(inner)
    y = layer(films)
    assert y.shape == (2, 3, 12)
    np.testing.assert_allclose(y[:, 1], inner(films[:, 1]), atol=1e-6)
    assert set(layer.parameters()) == {"layer/conv2d_1/kernel", "layer/conv2d_1/bias"}


def test_time_distributed_needs_steps_and_a_layer() -> None:
    with pytest.raises(ShapeError, match=r"\(batch, steps, ...\) with at least 3 axes.* \(4, 6\)"):
        TimeDistributed(Dense(2))(X[..., 0])
    with pytest.raises(ArgumentError, match="TimeDistributed takes a layer, got 3"):
        TimeDistributed(3)


class Free(lampas.Model):
    """A network in the free style, with code of its own between the layers."""

    def __init__(self) -> None:
        self.embed = Embedding(9, 3, mask_zero=True)
        self.read = quick(LSTM, 2, return_sequences=True)
        self.read_again = quick(GRU, 2)

    def forward(self, ids):
        x = self.embed(ids)
        x = set_mask(2 * x, get_mask(x))
        return self.read_again(self.read(x))


def chain() -> Sequential:
    return Sequential(
        [
            Embedding(9, 3, mask_zero=True),
            lampas.Bidirectional(quick(LSTM, 2, return_sequences=True)),
            Dropout(0.0),
            quick(GRU, 2),
        ]
    )


@pytest.fixture(scope="module", params=[Free, chain], ids=["free", "sequential"])
def model(request: pytest.FixtureRequest) -> lampas.Model:
    return request.param()


@pytest.mark.long
@given(
    words=st.lists(st.integers(1, 8), min_size=1, max_size=6), before=st.integers(0, 6),
    inside=st.integers(0, 6),
)  # fmt: skip
@examples(20)
def test_padding_anywhere_changes_nothing(
    model: lampas.Model, words: list[int], before: int, inside: int
) -> None:
    behind = np.array([*words, *[0] * (7 - len(words))])
    padded = np.insert(behind, [0] * before + [min(inside, len(words))] * (6 - before), 0)
    plain = np.pad(behind, (0, 6))
    expected, found = model.predict(np.stack([plain, padded]))
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.long
def test_empty_sequence_leaves_the_states_as_they_begin(model: lampas.Model) -> None:
    np.testing.assert_array_equal(model.predict(np.zeros((2, 13), int)), 0)


WORDS = np.array([[1, 2, 3], [4, 0, 0], [5, 6, 0], [7, 8, 1]])


@pytest.mark.long
def test_padding_takes_no_part_in_the_gradient() -> None:
    model = Sequential([Embedding(9, 3, mask_zero=True), quick(SimpleRNN, 2), Dense(1)])
    model.build((3,))
    (params, state), apply = lampas.functional(model)
    slope = jax.jit(jax.grad(lambda p, words: jnp.sum(apply(p, state, words)[0] ** 2)))
    expected = slope(params, WORDS)
    for padding in ((0, 2), (2, 0)):
        found = slope(params, np.pad(WORDS, ((0, 0), padding)))
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-6), found, expected)
    assert not np.any(expected["embedding_1/embeddings"][0])


def test_loss_and_accuracy_of_steps_leave_masked_ones_out() -> None:
    model = Sequential([Embedding(9, 3, mask_zero=True), Dense(4, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    labels = np.random.default_rng(0).integers(0, 4, WORDS.shape)
    found = model.evaluate(WORDS, labels)
    p, counts = model.predict(WORDS), WORDS != 0
    error = -np.log(np.take_along_axis(p, labels[..., None], -1))[..., 0]
    assert found["loss"] == pytest.approx(np.mean(error[counts]), rel=1e-5)
    assert found["accuracy"] == pytest.approx(np.mean((p.argmax(-1) == labels)[counts]))


@pytest.mark.parametrize("name", ["precision", "recall", "auc", "r2_score", "sensitivity", "rmse"])
def test_metrics_leave_masked_steps_out(name: str) -> None:
    metric = lampas.metrics.get(name)
    true, said = np.array([[1, 0, 1], [0, 1, 0]], float), np.array([[0.9, 0.6, 0], [0.3, 1, 0]])
    mask = np.array([[True, True, False], [True, True, False]])
    kept = metric(true[:, :2].reshape(-1, 1), said[:, :2].reshape(-1, 1))
    masked = set_mask(jnp.asarray(said[..., None]), mask)
    assert metric(true[..., None], masked) == pytest.approx(kept)


@pytest.mark.long
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_as_many_steps_count_as_without_padding(padding: str, stride: int) -> None:
    layer, x = Conv1D(1, 3, stride, padding), jnp.ones((1, 9, 1))
    for length in range(3, 10):
        mask = np.arange(9)[None] < length
        counted = get_mask(layer(set_mask(x + 0, mask)))
        assert int(counted.sum()) == layer(x[:, :length]).shape[1]


def test_other_steps_have_no_mask() -> None:
    x = set_mask(jnp.ones((2, 4, 3)), np.ones((2, 4), bool))
    assert get_mask(lampas.Reshape((4, 3, 1))(x)) is None


def test_batch_statistics_leave_masked_steps_out() -> None:
    layer, x = lampas.BatchNormalization(), np.random.default_rng(0).normal(size=(2, 3, 2))
    mask = np.array([[True, True, False], [True, False, False]])
    x[~mask] = 100
    with lampas.forward_pass(training=True):
        y = np.asarray(layer(set_mask(jnp.asarray(x, jnp.float32), mask)))[mask]
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(y.var(0), x[mask].var(0) / (x[mask].var(0) + 1e-3), rtol=1e-5)
