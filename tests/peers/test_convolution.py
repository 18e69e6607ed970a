from __future__ import annotations

from types import ModuleType

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}
SHAPES = {1: (2, 9, 4), 2: (2, 9, 8, 4), 3: (2, 5, 6, 7, 4)}


@pytest.fixture(scope="module")
def torch() -> ModuleType:
    return pytest.importorskip("torch")


def drawn(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def compare(keras: ModuleType, name: str, x: np.ndarray, *sizes, **options) -> None:
    """The same layer in both with the same weights: its output, and its gradients by torch."""
    import torch

    theirs = getattr(keras.layers, name)(*sizes, **options)
    mine = getattr(lampas, name)(*sizes, **options)
    theirs.build(x.shape)
    mine(x)
    for parameter, weight in zip(mine.parameters().values(), theirs.weights, strict=True):
        value = drawn(tuple(weight.shape))
        assert parameter.shape == value.shape
        parameter.value = jnp.asarray(value)
        weight.assign(value)
    inputs = torch.tensor(x, requires_grad=True)
    y = theirs(inputs)
    dy = np.random.default_rng(1).normal(size=tuple(y.shape)).astype(np.float32)
    y.backward(torch.tensor(dy))

    (params, state), apply = lampas.functional(mine)

    def run(params, x):
        y, _ = apply(params, state, x)
        return jnp.sum(dy * y), y

    (_, output), (grads, dx) = jax.jit(jax.value_and_grad(run, (0, 1), has_aux=True))(params, x)
    pairs = [(output, y), (dx, inputs.grad)]
    for name, weight in zip(mine.parameters(), theirs.weights, strict=True):
        pairs.append((grads[name], weight.value.grad))
    for ours, right in pairs:
        right = right.detach().cpu().numpy()
        scale = max(1.0, np.abs(right).max())
        np.testing.assert_allclose(ours / scale, right / scale, **TOLERANCE)


WAYS = [
    {},
    {"strides": 2, "padding": "same"},
    {"strides": 3},
    {"dilation_rate": 2, "padding": "same"},
]


@pytest.mark.parametrize("options", [*WAYS, {"groups": 2}], ids=str)
def test_three_axes_convolution_is_kerass(keras, options: dict) -> None:
    compare(keras, "Conv3D", drawn(SHAPES[3]), 6, 3, **options)


@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize("options", WAYS, ids=str)
@pytest.mark.parametrize("rank", [1, 2])
def test_depthwise_convolution_is_kerass(keras, rank, options: dict, multiplier: int) -> None:
    options = options | {"depth_multiplier": multiplier}
    compare(keras, f"DepthwiseConv{rank}D", drawn(SHAPES[rank]), 3, **options)


@pytest.mark.parametrize("options", [*WAYS, {"depth_multiplier": 2}], ids=str)
@pytest.mark.parametrize("rank", [1, 2])
def test_separable_convolution_is_kerass(keras, rank: int, options: dict) -> None:
    compare(keras, f"SeparableConv{rank}D", drawn(SHAPES[rank]), 5, 3, **options)


@pytest.mark.filterwarnings("ignore:You might experience inconsistencies across backends")
@pytest.mark.parametrize(
    "options",
    [
        *WAYS,
        {"strides": 2, "output_padding": 1},
        {"strides": 3, "padding": "same", "output_padding": 1},
        {"strides": 4},
    ],
    ids=str,
)
@pytest.mark.parametrize("window", [2, 3])
@pytest.mark.parametrize("rank", [1, 2, 3])
def test_transposed_convolution_is_kerass(keras, rank: int, window: int, options: dict) -> None:
    compare(keras, f"Conv{rank}DTranspose", drawn(SHAPES[rank]), 5, window, **options)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("UpSampling2D", {"size": (2, 3)}),
        ("UpSampling2D", {"size": (2, 3), "interpolation": "bilinear"}),
        ("ZeroPadding2D", {}),
        ("ZeroPadding2D", {"padding": ((1, 2), (0, 3))}),
        ("Cropping2D", {"cropping": (1, 2)}),
        ("Cropping2D", {"cropping": ((1, 2), (0, 3))}),
        ("MaxPooling3D", {}),
        ("MaxPooling3D", {"pool_size": 3, "strides": 2, "padding": "same"}),
        ("AveragePooling3D", {"pool_size": (2, 3, 2), "strides": 1}),
        ("GlobalMaxPooling3D", {}),
        ("GlobalAveragePooling3D", {"keepdims": True}),
    ],
    ids=str,
)
def test_layer_without_weights_is_kerass(keras, name: str, arguments: dict) -> None:
    compare(keras, name, drawn(SHAPES[3 if "3D" in name else 2]), **arguments)


def test_transposed_convolution_is_torchs(torch) -> None:
    x, layer = drawn(SHAPES[2]), lampas.Conv2DTranspose(3, 4, strides=2, use_bias=False)
    y = layer(x)
    kernel = np.moveaxis(layer.kernel.numpy(), (-1, -2), (0, 1))
    theirs = torch.nn.functional.conv_transpose2d(
        torch.tensor(np.ascontiguousarray(np.moveaxis(x, -1, 1))),
        torch.tensor(np.ascontiguousarray(kernel)),
        stride=2,
    )
    np.testing.assert_allclose(y, np.moveaxis(theirs.numpy(), 1, -1), **TOLERANCE)
