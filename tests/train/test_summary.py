from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import Conv2D, Dense, NotBuiltError, Sequential


def test_3x3_filter_over_6x6x3_takes_432_multiplications() -> None:
    summary = Sequential([Conv2D(1, 3, input_shape=(6, 6, 3))]).summary()
    assert summary.multiplications == 432
    assert summary.parameters == 28
    assert summary.rows[0].output == "(*, 4, 4, 1)"


@pytest.mark.parametrize(
    ("layer", "shape", "parameters", "multiplications"),
    [
        (Dense(4), (3,), 16, 12),
        (Dense(4, use_bias=False), (5, 3), 12, 60),
        (Conv2D(6, 3, strides=2, padding="same", groups=2), (7, 5, 4), 114, 12 * 108),
        (lampas.Conv1D(2, 3, dilation_rate=2), (9, 4), 26, 5 * 24),
        (lampas.Embedding(10, 3), (4,), 30, 0),
        (lampas.LayerNormalization(), (4,), 8, 0),
        (lampas.MaxPool2D(), (4, 4, 2), 0, 0),
        (lampas.Dropout(0.5), (4,), 0, 0),
    ],
    ids=lambda value: repr(value),
)
def test_layer_is_counted(layer, shape, parameters: int, multiplications: int) -> None:
    summary = Sequential([layer]).summary(shape)
    assert (summary.parameters, summary.multiplications) == (parameters, multiplications)
    assert summary.bytes == 4 * parameters


def test_running_statistics_are_counted_apart() -> None:
    summary = Sequential([lampas.BatchNormalization(input_shape=(5,))]).summary()
    assert (summary.parameters, summary.states, summary.bytes) == (10, 10, 80)
    assert str(summary).endswith("10 parameters are trained, 10 not.")


def test_totals_are_the_sums_of_the_rows_and_of_the_variables() -> None:
    model = Sequential([
        Conv2D(4, 3, input_shape=(8, 8, 1)), lampas.BatchNormalization(), lampas.MaxPool2D(),
        lampas.Flatten(), Dense(3),
    ])  # fmt: skip
    summary = model.summary()
    assert [row.path for row in summary.rows] == [
        "conv2d_1", "batch_normalization_1", "max_pool2d_1", "flatten_1", "dense_1",
    ]  # fmt: skip
    assert summary.parameters == sum(p.size for p in model.parameters().values())
    assert summary.states == sum(s.size for s in model.state_variables().values())


class Twins(lampas.Model):
    """One layer used twice, a parameter of its own, and a chain inside."""

    def __init__(self) -> None:
        self.shared = Dense(3)
        self.head = Sequential([Dense(2)])
        self.scale = lampas.Parameter(jnp.ones(2))

    def forward(self, x):
        return self.head(self.shared(self.shared(x))) * self.scale.value


def test_shared_layer_is_counted_once_but_multiplies_each_time() -> None:
    summary = Twins().summary((3,))
    assert [row.path for row in summary.rows] == ["shared", "shared", "head/dense_1", "Twins"]
    assert [row.parameters for row in summary.rows] == [12, 0, 8, 2]
    assert [row.multiplications for row in summary.rows] == [9, 9, 6, 0]
    assert summary.parameters == sum(p.size for p in Twins.parameters(_built()).values())


def _built() -> Twins:
    model = Twins()
    model(np.ones((1, 3)))
    return model


def test_model_that_was_called_keeps_its_weights() -> None:
    model = _built()
    before = model.get_weights()
    model.summary((3,))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_printed_table_names_every_layer_and_the_total() -> None:
    text = str(Sequential([Dense(1000, input_shape=(20,)), Dense(1, name="out")]).summary())
    for word in ("Sequential", "dense_1", "out", "(*, 1000)", "21,000", "22,001", "total"):
        assert word in text


def test_unknown_input_shape_says_what_to_give() -> None:
    with pytest.raises(NotBuiltError, match=r"model\.summary\(\(28, 28, 1\)\)"):
        Sequential([Dense(2)]).summary()
