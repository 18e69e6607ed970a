from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lampas
from lampas import (
    AveragePool1D,
    AveragePool2D,
    AveragePool3D,
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    ShapeError,
)
from tests.oracles import conv, pool
from tests.scale import examples

X1 = np.random.default_rng(0).normal(size=(2, 7, 3)).astype(np.float32)
X2 = np.random.default_rng(0).normal(size=(2, 7, 5, 3)).astype(np.float32)
X3 = np.random.default_rng(0).normal(size=(2, 5, 4, 6, 3)).astype(np.float32)
LAYERS = [
    (MaxPool1D, X1, pool.max_pool),
    (AveragePool1D, X1, pool.average_pool),
    (MaxPool2D, X2, pool.max_pool),
    (AveragePool2D, X2, pool.average_pool),
    (MaxPool3D, X3, pool.max_pool),
    (AveragePool3D, X3, pool.average_pool),
]


@pytest.mark.long
@pytest.mark.parametrize(
    "options",
    [{}, {"pool_size": 3, "strides": 2, "padding": "same"}, {"pool_size": 3, "strides": 1}],
    ids=str,
)
@pytest.mark.parametrize(("kind", "x", "define"), LAYERS)
def test_output_is_that_of_the_definition(kind, x, define, options: dict) -> None:
    layer = kind(**options)
    sizes, window, strides = x.shape[1:-1], layer.pool_size, layer.strides
    around = [(0, 0)] * len(window)
    if layer.padding == "same":
        around = conv.same_pads(sizes, window, strides, [1] * len(window))
    np.testing.assert_allclose(layer(x), define(x, window, strides, around), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "reduce"),
    [("GlobalMaxPool1D", np.max), ("GlobalAveragePool1D", np.mean),
     ("GlobalMaxPool2D", np.max), ("GlobalAveragePool2D", np.mean),
     ("GlobalMaxPool3D", np.max), ("GlobalAveragePool3D", np.mean)],
)  # fmt: skip
def test_global_pool_leaves_one_number_for_each_channel(name: str, reduce) -> None:
    x = {"1D": X1, "2D": X2, "3D": X3}[name[-2:]]
    axes = tuple(range(1, x.ndim - 1))
    np.testing.assert_allclose(getattr(lampas, name)()(x), reduce(x, axes), atol=1e-6)
    kept = getattr(lampas, name)(keepdims=True)(x)
    np.testing.assert_allclose(kept, reduce(x, axes, keepdims=True), atol=1e-6)


@pytest.mark.parametrize("kind", ["Max", "Average", "GlobalMax", "GlobalAverage"])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_keras_long_name_is_the_same_layer(kind: str, rank: int) -> None:
    long, short = f"{kind}Pooling{rank}D", f"{kind}Pool{rank}D"
    assert getattr(lampas, long) is getattr(lampas, short)


def test_strides_are_the_window_unless_given() -> None:
    assert MaxPool2D((2, 3)).strides == (2, 3)
    assert MaxPool2D()(X2).shape == (2, 3, 2, 3)
    assert MaxPool2D(padding="same")(X2).shape == (2, 4, 3, 3)


@pytest.mark.long
@given(value=st.floats(-100, 100, width=32))
@examples(20)
def test_pool_of_a_constant_is_the_constant(value: float) -> None:
    x = np.full((1, 5, 5, 1), value, np.float32)
    for kind in (MaxPool2D, AveragePool2D):
        y = kind(3, strides=2, padding="same")(x)
        np.testing.assert_allclose(y, value, rtol=1e-5, atol=1e-6)


@pytest.mark.long
@given(seed=st.integers(0, 2**32 - 1))
@examples(20)
def test_maximum_is_never_below_the_mean(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=(1, 6, 6, 2)).astype(np.float32)
    assert np.all(np.asarray(MaxPool2D(2)(x)) >= np.asarray(AveragePool2D(2)(x)) - 1e-6)


@pytest.mark.long
def test_bytes_of_a_picture_are_pooled_as_numbers() -> None:
    x = np.arange(200, 216, dtype=np.uint8).reshape(1, 4, 4, 1)
    np.testing.assert_array_equal(MaxPool2D(4)(x), [[[[215]]]])
    np.testing.assert_array_equal(AveragePool2D(4)(x), [[[[207.5]]]])


def test_window_larger_than_the_input_is_an_error() -> None:
    with pytest.raises(ShapeError, match=r"spans \(6, 6\) does not fit into an input of \(7, 5\)"):
        MaxPool2D(6)(X2)


@pytest.mark.parametrize("kind", [MaxPool2D, lampas.GlobalAveragePool2D])
def test_wrong_number_of_axes_is_an_error(kind: type) -> None:
    with pytest.raises(ShapeError, match=r"expects 4 axes .* \(2, 7, 3\)"):
        kind()(X1)
