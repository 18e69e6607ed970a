from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import layers, losses, metrics

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

TOLERANCE = {"rtol": 1e-5, "atol": 1e-5}


@pytest.fixture(scope="module")
def torch() -> ModuleType:
    return pytest.importorskip("torch")


def ours(layer: lampas.Module, x: np.ndarray, dy: np.ndarray, training: bool = False) -> dict:
    """Output, and gradients of ``sum(dy * output)`` for the input and every parameter."""
    (params, state), apply = lampas.functional(layer)

    def run(params, x):
        y, moved = apply(params, state, x, training=training)
        return jnp.sum(dy * y), (y, moved)

    (_, (y, moved)), (grads, dx) = jax.jit(jax.value_and_grad(run, (0, 1), has_aux=True))(params, x)
    return {"y": y, "x": dx, **grads, **moved}


def channels_first(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(x, -1, 1))


def channels_last(x: np.ndarray) -> np.ndarray:
    return np.moveaxis(x, 1, -1)


def torch_conv(torch: ModuleType, x, kernel, bias, dy, **options) -> dict:
    rank = x.ndim - 2
    tensors = {
        "x": torch.tensor(channels_first(x), requires_grad=True),
        "kernel": torch.tensor(
            np.ascontiguousarray(np.moveaxis(kernel, (-1, -2), (0, 1))), requires_grad=True
        ),
        "bias": torch.tensor(bias, requires_grad=True),
    }
    function = getattr(torch.nn.functional, f"conv{rank}d")
    y = function(tensors["x"], tensors["kernel"], tensors["bias"], **options)
    y.backward(torch.tensor(channels_first(dy)))
    return {
        "y": channels_last(y.detach().numpy()),
        "x": channels_last(tensors["x"].grad.numpy()),
        "kernel": np.moveaxis(tensors["kernel"].grad.numpy(), (0, 1), (-1, -2)),
        "bias": tensors["bias"].grad.numpy(),
    }


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"strides": 2},
        {"padding": "same"},
        {"padding": "same", "dilation_rate": 2},
        {"strides": 3, "groups": 2},
        {"dilation_rate": 2, "groups": 4},
    ],
    ids=str,
)
@pytest.mark.parametrize("shape", [(2, 11, 4), (2, 9, 8, 4)], ids=["1-D", "2-D"])
def test_convolution_and_gradients_are_torchs(torch, shape: tuple[int, ...], options: dict) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=shape).astype(np.float32)
    kind = lampas.Conv1D if len(shape) == 3 else lampas.Conv2D
    layer = kind(8, 3, bias_initializer="random_normal", **options)
    dy = random.normal(size=layer(x).shape).astype(np.float32)
    theirs = torch_conv(
        torch, x, layer.kernel.numpy(), layer.bias.numpy(), dy,
        stride=options.get("strides", 1), padding=options.get("padding", "valid"),
        dilation=options.get("dilation_rate", 1), groups=options.get("groups", 1),
    )  # fmt: skip
    for name, value in ours(layer, x, dy).items():
        scale = max(1.0, np.abs(theirs[name]).max())
        np.testing.assert_allclose(value / scale, theirs[name] / scale, **TOLERANCE, err_msg=name)


@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize(("window", "strides"), [(2, 2), (3, 2), (3, 1)])
@pytest.mark.parametrize("shape", [(2, 9, 3), (2, 8, 7, 3)], ids=["1-D", "2-D"])
@pytest.mark.parametrize("ties", [False, True], ids=["distinct", "ties"])
def test_pool_and_gradient_are_torchs(torch, kind, window, strides, shape, ties: bool) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=shape).astype(np.float32)
    x = np.round(x) if ties else x
    rank = len(shape) - 2
    name = {"max": "MaxPool", "avg": "AveragePool"}[kind]
    layer = getattr(lampas, f"{name}{rank}D")(window, strides)
    dy = random.normal(size=layer(x).shape).astype(np.float32)
    tensor = torch.tensor(channels_first(x), requires_grad=True)
    y = getattr(torch.nn.functional, f"{kind}_pool{rank}d")(tensor, window, strides)
    y.backward(torch.tensor(channels_first(dy)))
    mine = ours(layer, x, dy)
    np.testing.assert_allclose(mine["y"], channels_last(y.detach().numpy()), **TOLERANCE)
    np.testing.assert_allclose(mine["x"], channels_last(tensor.grad.numpy()), **TOLERANCE)


def test_batch_normalization_and_gradients_are_torchs(torch) -> None:
    random = np.random.default_rng(0)
    x = random.normal(2, 3, size=(4, 5, 6, 3)).astype(np.float32)
    dy = random.normal(size=x.shape).astype(np.float32)
    layer = lampas.BatchNormalization(gamma_initializer="random_normal", beta_initializer="ones")
    layer(x)
    tensors = [
        torch.tensor(a, requires_grad=True)
        for a in (channels_first(x), layer.gamma.numpy(), layer.beta.numpy())
    ]
    y = torch.nn.functional.batch_norm(
        tensors[0], None, None, *tensors[1:], training=True, eps=1e-3
    )
    y.backward(torch.tensor(channels_first(dy)))
    mine = ours(layer, x, dy, training=True)
    np.testing.assert_allclose(mine["y"], channels_last(y.detach().numpy()), **TOLERANCE)
    np.testing.assert_allclose(mine["x"], channels_last(tensors[0].grad.numpy()), **TOLERANCE)
    np.testing.assert_allclose(mine["gamma"], tensors[1].grad.numpy(), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(mine["beta"], tensors[2].grad.numpy(), rtol=1e-4, atol=1e-4)


def test_layer_normalization_and_gradients_are_torchs(torch) -> None:
    random = np.random.default_rng(0)
    x = random.normal(2, 3, size=(4, 5, 6)).astype(np.float32)
    dy = random.normal(size=x.shape).astype(np.float32)
    layer = lampas.LayerNormalization(gamma_initializer="random_normal", beta_initializer="ones")
    layer(x)
    tensors = [
        torch.tensor(a, requires_grad=True) for a in (x, layer.gamma.numpy(), layer.beta.numpy())
    ]
    y = torch.nn.functional.layer_norm(tensors[0], (6,), *tensors[1:], eps=1e-3)
    y.backward(torch.tensor(dy))
    mine = ours(layer, x, dy)
    np.testing.assert_allclose(mine["y"], y.detach().numpy(), **TOLERANCE)
    for name, tensor in zip(("x", "gamma", "beta"), tensors, strict=True):
        np.testing.assert_allclose(mine[name], tensor.grad.numpy(), **TOLERANCE, err_msg=name)


def test_embedding_and_gradient_are_torchs(torch) -> None:
    ids = np.array([[0, 3, 3], [4, 1, 0]])
    layer = lampas.Embedding(5, 4)
    layer(ids)
    table = torch.tensor(layer.embeddings.numpy(), requires_grad=True)
    y = torch.nn.functional.embedding(torch.tensor(ids), table)
    dy = np.random.default_rng(0).normal(size=y.shape).astype(np.float32)
    y.backward(torch.tensor(dy))
    (params, state), apply = lampas.functional(layer)
    grads = jax.grad(lambda p: jnp.sum(dy * apply(p, state, ids)[0]))(params)
    np.testing.assert_allclose(layer(ids), y.detach().numpy(), **TOLERANCE)
    np.testing.assert_allclose(grads["embeddings"], table.grad.numpy(), **TOLERANCE)


def test_dense_and_gradients_are_torchs(torch) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(4, 5, 6)).astype(np.float32)
    layer = lampas.Dense(3, bias_initializer="random_normal")
    dy = random.normal(size=layer(x).shape).astype(np.float32)
    tensors = [
        torch.tensor(a, requires_grad=True) for a in (x, layer.kernel.numpy(), layer.bias.numpy())
    ]
    y = tensors[0] @ tensors[1] + tensors[2]
    y.backward(torch.tensor(dy))
    mine = ours(layer, x, dy)
    np.testing.assert_allclose(mine["y"], y.detach().numpy(), **TOLERANCE)
    for name, tensor in zip(("x", "kernel", "bias"), tensors, strict=True):
        np.testing.assert_allclose(mine[name], tensor.grad.numpy(), **TOLERANCE, err_msg=name)


# Keras shortens MaxPooling to MaxPool but not AveragePooling to AveragePool; here both are short.
OWN_NAMES = {f"{kind}Pool{rank}D" for kind in ("Average", "GlobalAverage") for rank in (1, 2, 3)}
OWN_NAMES |= {"LocalResponseNormalization"}
OWN_NAMES |= {"AttentionPool1D", "Cell", "EmbeddingBag"}
OWN_NAMES |= {"Autoregression", "LastValueResidual", "TableEncoding", "TableReader"}


@pytest.mark.parametrize("name", sorted(set(layers.__all__) - OWN_NAMES))
def test_layer_has_a_name_that_keras_has(keras, name: str) -> None:
    assert hasattr(keras.layers, name)


SAME_IN_KERAS = {
    "strides": {"strides": 2, "padding": "valid"},
    "same": {"padding": "same"},
    "dilated": {"dilation_rate": 2, "padding": "valid"},
    "groups": {"groups": 2},
    "same with strides": {"strides": 2, "padding": "same"},
}


@pytest.mark.parametrize("case", SAME_IN_KERAS)
@pytest.mark.parametrize("size", [7, 8])
def test_convolution_layer_is_kerass(keras, case: str, size: int) -> None:
    x = np.random.default_rng(0).normal(size=(2, size, size + 1, 4)).astype(np.float32)
    options = SAME_IN_KERAS[case]
    theirs = keras.layers.Conv2D(6, 3, **options)
    expected = keras.ops.convert_to_numpy(theirs(x))
    layer = lampas.Conv2D(6, 3, **options)
    layer(x)
    layer.kernel.value = jnp.asarray(theirs.get_weights()[0])
    np.testing.assert_allclose(layer(x), expected, **TOLERANCE)


# Keras on torch counts padding in a mean, against its own documentation.
@pytest.mark.parametrize(
    ("name", "padding"),
    [("MaxPooling2D", "valid"), ("MaxPooling2D", "same"), ("AveragePooling2D", "valid")],
)
@pytest.mark.parametrize(("window", "strides"), [(2, 2), (3, 2), ((2, 3), 1)], ids=str)
def test_pool_layer_is_kerass(keras, name: str, padding: str, window, strides) -> None:
    x = np.random.default_rng(0).normal(size=(2, 7, 8, 3)).astype(np.float32)
    theirs = getattr(keras.layers, name)(window, strides, padding)
    mine = getattr(lampas, name)(window, strides, padding)
    np.testing.assert_allclose(mine(x), keras.ops.convert_to_numpy(theirs(x)), **TOLERANCE)


def test_batch_normalization_moves_like_kerass(keras) -> None:
    random = np.random.default_rng(0)
    theirs, mine = keras.layers.BatchNormalization(), lampas.BatchNormalization()
    for _ in range(3):
        x = random.normal(1, 2, size=(8, 4)).astype(np.float32)
        expected = keras.ops.convert_to_numpy(theirs(x, training=True))
        with lampas.forward_pass(training=True):
            np.testing.assert_allclose(mine(x), expected, **TOLERANCE)
    np.testing.assert_allclose(mine(x), keras.ops.convert_to_numpy(theirs(x)), **TOLERANCE)
    for value, expected in zip(
        mine.state_variables().values(), theirs.get_weights()[2:], strict=True
    ):
        np.testing.assert_allclose(value.numpy(), expected, **TOLERANCE)


@pytest.mark.parametrize(
    "name",
    ["celu", "elu", "exponential", "gelu", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu",
     "linear", "log_sigmoid", "log_softmax", "mish", "relu", "relu6", "selu", "sigmoid", "silu",
     "softmax", "softplus", "softsign", "tanh"],
)  # fmt: skip
def test_activation_is_kerass(keras, name: str) -> None:
    x = np.linspace(-6, 6, 24, dtype=np.float32).reshape(2, 12)
    theirs = keras.activations.get(name)(keras.ops.convert_to_tensor(x))
    expected = keras.ops.convert_to_numpy(theirs)
    np.testing.assert_allclose(lampas.activations.get(name)(x), expected, **TOLERANCE)


def drawn(name: str) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    values = random.normal(size=(2, 8, 4)).astype(np.float32)
    probabilities = np.exp(values) / np.exp(values).sum(-1, keepdims=True)
    labels = random.integers(0, 4, 8).astype(np.int32)
    if "sparse" in name:
        return labels, probabilities[1]
    if "categorical" in name or name == "kl_divergence":
        return np.eye(4, dtype=np.float32)[labels], probabilities[1]
    if "binary" in name:
        return np.float32(values[0] > 0), 1 / (1 + np.exp(-values[1]))
    if "hinge" in name:
        return np.sign(values[0]), values[1]
    if name in ("poisson", "mean_squared_logarithmic_error", "msle"):
        return np.abs(values[0]), np.abs(values[1])
    return values[0], values[1]


@pytest.mark.parametrize("name", sorted(losses.LOSSES))
def test_loss_is_kerass(keras, name: str) -> None:
    y, p = drawn(name)
    theirs = keras.ops.convert_to_numpy(keras.losses.get(name)(y, keras.ops.convert_to_tensor(p)))
    np.testing.assert_allclose(losses.get(name)(y, p), theirs, **TOLERANCE)


CROSSENTROPIES = ["BinaryCrossentropy", "CategoricalCrossentropy"]


@pytest.mark.parametrize("name", CROSSENTROPIES)
@pytest.mark.parametrize("from_logits", [False, True])
def test_smoothed_crossentropy_is_kerass(keras, name: str, from_logits: bool) -> None:
    y, p = drawn(name.lower())
    p = np.log(p) if from_logits else p
    options = {"from_logits": from_logits, "label_smoothing": 0.2}
    theirs = getattr(keras.losses, name)(**options, reduction=None)(y, p)
    mine = getattr(losses, name)(**options)(y, p)
    np.testing.assert_allclose(mine, keras.ops.convert_to_numpy(theirs), **TOLERANCE)


METRICS: dict[str, Callable[[ModuleType], object]] = {
    "auc": lambda keras: keras.metrics.AUC(),
    "binary_accuracy": lambda keras: keras.metrics.BinaryAccuracy(),
    "categorical_accuracy": lambda keras: keras.metrics.CategoricalAccuracy(),
    "precision": lambda keras: keras.metrics.Precision(),
    "recall": lambda keras: keras.metrics.Recall(),
    "f1_score": lambda keras: keras.metrics.F1Score("micro", 0.5),
    "root_mean_squared_error": lambda keras: keras.metrics.RootMeanSquaredError(),
    "r2_score": lambda keras: keras.metrics.R2Score(),
    "sparse_categorical_accuracy": lambda keras: keras.metrics.SparseCategoricalAccuracy(),
    "top_k_categorical_accuracy": lambda keras: keras.metrics.TopKCategoricalAccuracy(2),
}


@pytest.mark.parametrize("name", METRICS)
def test_metric_is_kerass_over_batches(keras, name: str) -> None:
    theirs = METRICS[name](keras)
    mine = metrics.TopKCategoricalAccuracy(2) if name.startswith("top") else metrics.get(name)
    random = np.random.default_rng(0)
    sums = 0.0
    for _ in range(3):
        if "categorical" in name:
            labels = random.integers(0, 4, 16).astype(np.int32)
            y = labels if name.startswith("sparse") else np.eye(4, dtype=np.float32)[labels]
            p = random.uniform(size=(16, 4)).astype(np.float32)
        else:
            y = random.integers(0, 2, (16, 1)).astype(np.float32)
            p = (0.3 * y + 0.7 * random.uniform(size=(16, 1))).astype(np.float32)
        theirs.update_state(y, p)
        sums = sums + np.asarray(mine.update(jnp.asarray(y), jnp.asarray(p)), np.float64)
    expected = float(np.squeeze(keras.ops.convert_to_numpy(theirs.result())))
    assert mine.result(sums) == pytest.approx(expected, rel=1e-4, abs=1e-5)
