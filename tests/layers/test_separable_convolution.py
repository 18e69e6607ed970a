from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import (
    ArgumentError,
    DepthwiseConv1D,
    DepthwiseConv2D,
    SeparableConv1D,
    SeparableConv2D,
    ShapeError,
)
from tests.oracles import conv as oracle
from tests.oracles.differences import gradient

X1 = np.random.default_rng(0).normal(size=(2, 7, 4)).astype(np.float32)
X2 = np.random.default_rng(0).normal(size=(2, 7, 6, 4)).astype(np.float32)
RANKS = {1: X1, 2: X2}


def channel_by_channel(layer: lampas.Layer, x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    sizes, window = x.shape[1:-1], layer.kernel_size
    around = [(0, 0)] * len(window)
    if layer.padding == "same":
        around = oracle.same_pads(sizes, window, layer.strides, layer.dilation_rate)
    return oracle.depthwise(x, kernel, layer.strides, around, layer.dilation_rate)


def expected(layer: lampas.Layer, x: np.ndarray) -> np.ndarray:
    if hasattr(layer, "pointwise_kernel"):
        y = channel_by_channel(layer, x, layer.depthwise_kernel.numpy())
        y = y @ layer.pointwise_kernel.numpy().reshape(-1, layer.filters)
    else:
        y = channel_by_channel(layer, x, layer.kernel.numpy())
    return y if layer.bias is None else y + layer.bias.numpy()


@pytest.mark.long
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"strides": 2, "padding": "same"},
        {"dilation_rate": 2, "use_bias": False},
        {"depth_multiplier": 3, "padding": "same"},
    ],
    ids=str,
)
@pytest.mark.parametrize("rank", [1, 2])
def test_output_is_that_of_the_definition(rank: int, options: dict) -> None:
    x = RANKS[rank]
    drawn = {"bias_initializer": "random_normal"} | options
    for layer in (
        getattr(lampas, f"DepthwiseConv{rank}D")(3, **drawn),
        getattr(lampas, f"SeparableConv{rank}D")(5, 3, **drawn),
    ):
        np.testing.assert_allclose(layer(x), expected(layer, x), atol=1e-5)


@pytest.mark.long
def test_window_of_many_places_gives_the_same() -> None:
    layer = DepthwiseConv1D(65, padding="same")
    np.testing.assert_allclose(layer(X1), expected(layer, X1), atol=1e-5)


@pytest.mark.long
def test_shapes_of_kernels_and_outputs() -> None:
    depthwise = DepthwiseConv2D((3, 2), strides=(1, 2), padding="same", depth_multiplier=3)
    assert depthwise(X2).shape == (2, 7, 3, 12)
    assert {k: v.shape for k, v in depthwise.parameters().items()} == {
        "kernel": (3, 2, 4, 3),
        "bias": (12,),
    }
    separable = SeparableConv2D(5, (3, 2), depth_multiplier=3)
    assert separable(X2).shape == (2, 5, 5, 5)
    assert {k: v.shape for k, v in separable.parameters().items()} == {
        "depthwise_kernel": (3, 2, 4, 3),
        "pointwise_kernel": (1, 1, 12, 5),
        "bias": (5,),
    }


@pytest.mark.long
def test_each_kernel_has_its_regularizer_and_the_penalty_leaves_biases_alone() -> None:
    separable = SeparableConv1D(2, 3, depthwise_regularizer="l1", pointwise_regularizer="l2")
    separable(X1)
    assert isinstance(separable.depthwise_kernel.regularizer, lampas.L1)
    assert isinstance(separable.pointwise_kernel.regularizer, lampas.L2)
    depthwise = DepthwiseConv1D(3, depthwise_regularizer="l2")
    depthwise(X1)
    assert isinstance(depthwise.kernel.regularizer, lampas.L2)
    penalized = {
        name: p.regularized
        for layer in (separable, depthwise)
        for name, p in layer.parameters().items()
    }
    assert penalized == {
        "depthwise_kernel": True,
        "pointwise_kernel": True,
        "kernel": True,
        "bias": False,
    }


def test_initializers_are_those_given() -> None:
    separable = SeparableConv1D(
        2, 3, depthwise_initializer="ones", pointwise_initializer="zeros", bias_initializer="ones"
    )
    np.testing.assert_array_equal(separable(X1), np.ones((2, 5, 2)))
    np.testing.assert_array_equal(separable.depthwise_kernel.numpy(), 1)


def test_activation_follows_the_bias() -> None:
    layer = DepthwiseConv2D(2, activation="relu", bias_initializer="random_normal")
    np.testing.assert_allclose(layer(X2), np.maximum(expected(layer, X2), 0), atol=1e-5)


@pytest.mark.long
@pytest.mark.parametrize(
    "layer", [DepthwiseConv1D(3, strides=2, depth_multiplier=2), SeparableConv1D(3, 2)]
)
def test_gradients_are_the_gradients_of_the_definition(layer: lampas.Layer) -> None:
    dy = np.random.default_rng(1).normal(size=layer(X1).shape).astype(np.float32)
    (params, state), apply = lampas.functional(layer)

    def error_with(parameter: lampas.Parameter, value: np.ndarray) -> float:
        before, parameter.value = parameter.value, jnp.asarray(value)
        error = np.sum(dy * expected(layer, X1))
        parameter.value = before
        return error

    slopes, dx = jax.jit(jax.grad(lambda p, x: jnp.sum(dy * apply(p, state, x)[0]), (0, 1)))(
        params, X1
    )
    by_x = gradient(lambda x: np.sum(dy * expected(layer, x)), X1)
    np.testing.assert_allclose(dx, by_x, atol=1e-4)
    with jax.enable_x64(True):
        for name, parameter in layer.parameters().items():
            by_weight = gradient(lambda value, p=parameter: error_with(p, value), parameter.numpy())
            np.testing.assert_allclose(slopes[name], by_weight, atol=1e-4, err_msg=name)


def test_bytes_of_a_picture_become_numbers() -> None:
    x = np.random.default_rng(0).integers(0, 256, (1, 5, 5, 2), np.uint8)
    layer = DepthwiseConv2D(3)
    y = layer(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, expected(layer, x), rtol=1e-5, atol=1e-3)


@pytest.mark.long
def test_multiplications_are_counted_by_place_and_weight() -> None:
    depthwise, separable = DepthwiseConv2D(3), SeparableConv2D(5, 3)
    outputs = depthwise(X2).shape
    assert depthwise.multiplications(X2.shape, outputs) == 2 * 5 * 4 * (9 * 4)
    outputs = separable(X2).shape
    assert separable.multiplications(X2.shape, outputs) == 2 * 5 * 4 * (9 * 4 + 4 * 5)


@pytest.mark.parametrize(
    "wrong",
    [{"kernel_size": 0}, {"strides": (1, 2)}, {"dilation_rate": 0}, {"depth_multiplier": 0}],
    ids=str,
)
def test_impossible_sizes_name_the_argument(wrong: dict) -> None:
    (name,) = wrong
    for kind, sizes in ((DepthwiseConv1D, {}), (SeparableConv1D, {"filters": 2})):
        with pytest.raises(
            ArgumentError, match=f"{name} must be (a positive integer|an integer of at least 1)"
        ):
            kind(**{"kernel_size": 2} | sizes | wrong)


def test_no_filters_are_an_error() -> None:
    with pytest.raises(ArgumentError, match="filters must be an integer of at least 1"):
        SeparableConv2D(0, 3)


def test_window_larger_than_the_input_is_an_error_with_both_sizes() -> None:
    with pytest.raises(ShapeError, match=r"spans \(9, 9\) does not fit into an input of \(7, 6\)"):
        DepthwiseConv2D(9)(X2)


def test_other_channels_or_axes_than_expected_are_an_error() -> None:
    layer = DepthwiseConv1D(3)
    layer(X1)
    with pytest.raises(ShapeError, match=r"with 4 in the last axis, got .* \(2, 7, 3\)"):
        layer(X1[..., :3])
    with pytest.raises(ShapeError, match=r"expects 4 axes \(batch, height"):
        SeparableConv2D(2, 3)(X1)
