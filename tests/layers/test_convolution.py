from __future__ import annotations

import math

import jax
import numpy as np
import pytest

import lampas
from lampas import ArgumentError, Conv1D, Conv2D, Conv3D, ShapeError
from tests.oracles import conv as oracle

X1 = np.random.default_rng(0).normal(size=(2, 7, 4)).astype(np.float32)
X2 = np.random.default_rng(0).normal(size=(2, 7, 6, 4)).astype(np.float32)
X3 = np.random.default_rng(0).normal(size=(1, 5, 6, 5, 4)).astype(np.float32)


def expected(layer: lampas.Layer, x: np.ndarray) -> np.ndarray:
    sizes, window = x.shape[1:-1], layer.kernel_size
    options = (layer.strides, layer.dilation_rate)
    around = [(0, 0)] * len(window)
    if layer.padding == "same":
        around = oracle.same_pads(sizes, window, *options)
    kernel = layer.kernel.numpy()
    y = oracle.convolve(x, kernel, layer.strides, around, layer.dilation_rate, layer.groups)
    return y if layer.bias is None else y + layer.bias.numpy()


@pytest.mark.long
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"strides": 2, "padding": "same"},
        {"dilation_rate": 2, "use_bias": False},
        {"groups": 2, "padding": "same"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("kind", "x"), [(Conv1D, X1), (Conv2D, X2), (Conv3D, X3)], ids=["1-D", "2-D", "3-D"]
)
def test_output_is_that_of_the_definition(kind: type, x: np.ndarray, options: dict) -> None:
    layer = kind(6, 3, bias_initializer="random_normal", **options)
    np.testing.assert_allclose(layer(x), expected(layer, x), atol=1e-5)


def test_axes_can_differ_in_window_and_stride() -> None:
    layer = Conv2D(2, (3, 2), strides=(1, 2), padding="SAME")
    assert layer(X2).shape == (2, 7, 3, 2)
    np.testing.assert_allclose(layer(X2), expected(layer, X2), atol=1e-5)


def test_activation_follows_the_bias() -> None:
    layer = Conv1D(3, 2, activation="relu", bias_initializer="random_normal")
    np.testing.assert_allclose(layer(X1), np.maximum(expected(layer, X1), 0), atol=1e-5)


@pytest.mark.long
def test_kernel_is_window_by_channels_of_a_group_by_filters() -> None:
    layer = Conv2D(6, (3, 2), groups=2)
    layer(X2)
    assert layer.kernel.shape == (3, 2, 2, 6)
    assert layer.bias.shape == (6,)
    assert [(p.shape, p.regularized) for p in layer.parameters().values()] == [
        ((3, 2, 2, 6), True),
        ((6,), False),
    ]


def test_first_kernel_is_glorot_uniform_over_the_whole_window() -> None:
    layer = Conv2D(8, 3)
    layer(X2)
    limit = math.sqrt(6 / (9 * 4 + 9 * 8))
    assert 0.9 * limit < np.abs(layer.kernel.numpy()).max() <= limit
    np.testing.assert_array_equal(layer.bias.numpy(), 0)


def test_gradient_reaches_kernel_and_bias() -> None:
    layer = Conv2D(6, 3, strides=2, padding="same")
    layer(X2)
    (params, state), apply = lampas.functional(layer)
    dy = np.random.default_rng(1).normal(size=layer(X2).shape).astype(np.float32)
    grads = jax.jit(jax.grad(lambda p: (dy * apply(p, state, X2)[0]).sum()))(params)
    around = oracle.same_pads((7, 6), (3, 3), (2, 2), (1, 1))
    _, dkernel = oracle.gradients(dy, X2, layer.kernel.numpy(), (2, 2), around, (1, 1))
    np.testing.assert_allclose(grads["kernel"], dkernel, atol=1e-4)
    np.testing.assert_allclose(grads["bias"], dy.sum((0, 1, 2)), atol=1e-4)


def test_bytes_of_a_picture_become_numbers() -> None:
    layer = Conv2D(2, 3)
    x = np.random.default_rng(0).integers(0, 256, (1, 5, 5, 1), np.uint8)
    y = layer(x)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, expected(layer, x), rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("groups", [2, 4])
def test_filters_that_groups_do_not_divide_are_an_error(groups: int) -> None:
    with pytest.raises(
        ArgumentError, match=f"filters=3 cannot be divided .* groups={groups}. Make"
    ):
        Conv2D(3, 2, groups=groups)


def test_channels_that_groups_do_not_divide_are_an_error() -> None:
    with pytest.raises(ShapeError, match=r"4 channels cannot be divided among 3 groups\. Choose"):
        Conv1D(6, 2, groups=3)(X1)


def test_window_larger_than_the_input_is_an_error_with_both_sizes() -> None:
    with pytest.raises(ShapeError, match=r"spans \(9, 9\) does not fit into an input of \(7, 6\)"):
        Conv2D(2, 5, dilation_rate=2)(X2)


def test_other_channels_than_at_first_are_an_error_with_both_numbers() -> None:
    layer = Conv1D(2, 3)
    layer(X1)
    with pytest.raises(ShapeError, match=r"with 4 in the last axis, got .* \(2, 7, 3\)"):
        layer(X1[..., :3])
    assert layer(X1[:1, :5]).shape == (1, 3, 2)


def test_missing_channel_axis_is_an_error_with_the_change_to_make() -> None:
    with pytest.raises(ShapeError, match=r"expects 4 axes \(batch, height.*x\[\.\.\., None\]"):
        Conv2D(2, 3)(X1)


@pytest.mark.parametrize(
    "wrong", [{"kernel_size": 0}, {"kernel_size": (1, 2)}, {"strides": -1}, {"dilation_rate": 0}]
)
def test_impossible_sizes_name_the_argument(wrong: dict) -> None:
    (name,) = wrong
    with pytest.raises(
        ArgumentError, match=f"{name} must be (a positive integer|an integer of at least 1)"
    ):
        Conv1D(2, **{"kernel_size": 2} | wrong)
