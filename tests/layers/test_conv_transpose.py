from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import ArgumentError, Conv1DTranspose, Conv2DTranspose, ShapeError
from lampas.kernels.conv_transpose import output_sizes_and_padding
from tests.oracles import conv as oracle
from tests.oracles.differences import gradient

SHAPES = {1: (2, 5, 3), 2: (2, 5, 4, 3), 3: (1, 3, 2, 4, 3)}
INPUTS = {
    rank: np.random.default_rng(rank).normal(size=shape).astype(np.float32)
    for rank, shape in SHAPES.items()
}


def expected(layer: lampas.Layer, x: np.ndarray) -> np.ndarray:
    outs, around = output_sizes_and_padding(
        x.shape[1:-1], layer.kernel_size, layer.strides, layer.padding, layer.dilation_rate,
        layer.output_padding,
    )  # fmt: skip
    lows = [low for low, _ in around]
    kernel = layer.kernel.numpy()
    y = oracle.spread(x, kernel, outs, layer.strides, lows, layer.dilation_rate)
    return y if layer.bias is None else y + layer.bias.numpy()


@pytest.mark.long
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"strides": 2, "padding": "same"},
        {"strides": 2, "output_padding": 1},
        {"strides": 3, "padding": "same", "output_padding": 1, "use_bias": False},
        {"dilation_rate": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_output_is_that_of_the_definition(rank: int, options: dict) -> None:
    kind = getattr(lampas, f"Conv{rank}DTranspose")
    layer = kind(4, 3, **{"bias_initializer": "random_normal"} | options)
    x = INPUTS[rank]
    np.testing.assert_allclose(layer(x), expected(layer, x), atol=1e-5)


@pytest.mark.long
@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({}, 7),
        ({"strides": 2}, 11),
        ({"strides": 4}, 20),
        ({"strides": 2, "padding": "same"}, 10),
        ({"strides": 2, "output_padding": 0}, 11),
        ({"strides": 2, "output_padding": 1}, 12),
        ({"strides": 2, "padding": "same", "output_padding": 0}, 9),
        ({"dilation_rate": 3}, 11),
    ],
    ids=str,
)
def test_sizes_of_the_output(options: dict, size: int) -> None:
    assert Conv1DTranspose(4, 3, **options)(INPUTS[1]).shape == (2, size, 4)


@pytest.mark.long
def test_kernel_is_window_by_filters_by_channels() -> None:
    layer = Conv2DTranspose(6, (3, 2), kernel_regularizer="l2")
    layer(INPUTS[2])
    assert layer.kernel.shape == (3, 2, 6, 3)
    assert [(p.shape, p.regularized) for p in layer.parameters().values()] == [
        ((3, 2, 6, 3), True),
        ((6,), False),
    ]
    assert isinstance(layer.kernel.regularizer, lampas.L2)


@pytest.mark.long
def test_it_undoes_the_shape_of_a_convolution() -> None:
    x = np.zeros((1, 9, 8, 2), np.float32)
    y = lampas.Conv2D(4, 3, strides=2)(x)
    assert Conv2DTranspose(2, 3, strides=2, output_padding=(0, 1))(y).shape == x.shape


def test_axes_can_differ() -> None:
    layer = Conv2DTranspose(2, (3, 4), strides=(1, 2), padding="SAME", activation="relu")
    y = layer(INPUTS[2])
    assert y.shape == (2, 5, 8, 2)
    np.testing.assert_allclose(y, np.maximum(expected(layer, INPUTS[2]), 0), atol=1e-5)


@pytest.mark.long
def test_gradients_are_the_gradients_of_the_definition() -> None:
    x = INPUTS[1]
    layer = Conv1DTranspose(2, 3, strides=2, padding="same")
    dy = np.random.default_rng(1).normal(size=layer(x).shape).astype(np.float32)
    (params, state), apply = lampas.functional(layer)
    slopes, dx = jax.jit(jax.grad(lambda p, x: jnp.sum(dy * apply(p, state, x)[0]), (0, 1)))(
        params, x
    )
    by_x = gradient(lambda x: np.sum(dy * expected(layer, x)), x)
    by_kernel = gradient(
        lambda k: np.sum(dy * oracle.spread(x, k, (10,), (2,), (0,), (1,))), layer.kernel.numpy()
    )
    np.testing.assert_allclose(dx, by_x, atol=1e-4)
    np.testing.assert_allclose(slopes["kernel"], by_kernel, atol=1e-4)
    np.testing.assert_allclose(slopes["bias"], dy.sum((0, 1)), atol=1e-4)


def test_multiplications_are_counted_by_input_place() -> None:
    layer = Conv2DTranspose(6, 3, strides=2)
    y = layer(INPUTS[2])
    assert layer.multiplications(SHAPES[2], y.shape) == 2 * 5 * 4 * (9 * 6 * 3)


@pytest.mark.parametrize("wrong", [2, -1, (0, 3), (1,), (0, 0, 0), "1", 0.5, (0, None)], ids=str)
def test_output_padding_of_a_stride_or_more_is_an_error(wrong: object) -> None:
    message = r"output_padding must be, .* less than the stride \(2, 3\), got"
    with pytest.raises(ArgumentError, match=message):
        Conv2DTranspose(2, 3, strides=(2, 3), output_padding=wrong)


def test_empty_output_is_an_error_with_both_sizes() -> None:
    layer = Conv1DTranspose(2, 2, strides=2, padding="same", output_padding=0)
    with pytest.raises(ShapeError, match=r"empty output of \(0,\) from an input of \(1,\)"):
        layer(INPUTS[1][:, :1])


@pytest.mark.parametrize("name", ["filters", "kernel_size", "strides", "dilation_rate"])
def test_impossible_sizes_name_the_argument(name: str) -> None:
    with pytest.raises(
        ArgumentError, match=f"{name} must be (a positive integer|an integer of at least 1)"
    ):
        Conv1DTranspose(**{"filters": 2, "kernel_size": 2} | {name: 0})


def test_missing_axis_is_an_error() -> None:
    with pytest.raises(ShapeError, match=r"expects 4 axes \(batch, height"):
        Conv2DTranspose(2, 3)(INPUTS[1])
