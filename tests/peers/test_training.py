from __future__ import annotations

from types import ModuleType

import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import Dense, Parameter, Sequential
from lampas.optimizers import schedules

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

START = np.array([[1.0, -2.0, 3.0], [0.5, 0.0, -1.0]], np.float32)
GRADIENTS = np.random.default_rng(0).normal(size=(10, 2, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def torch() -> ModuleType:
    return pytest.importorskip("torch")


class Weights(lampas.Model):
    def __init__(self) -> None:
        self.w = Parameter(jnp.asarray(START))

    def forward(self, x):
        return x * self.w.value


def our_path(optimizer: lampas.Optimizer) -> np.ndarray:
    model, path = Weights(), []
    for gradient in GRADIENTS:
        optimizer.update(model, {"w": jnp.asarray(gradient)})
        path.append(model.w.numpy())
    return np.stack(path)


TORCH = {
    "sgd": (lampas.SGD(0.1), "SGD", {"lr": 0.1}),
    "momentum": (lampas.SGD(0.1, 0.9), "SGD", {"lr": 0.1, "momentum": 0.9}),
    "nesterov": (
        lampas.SGD(0.1, 0.9, True), "SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True},
    ),
    "adam": (lampas.Adam(0.1), "Adam", {"lr": 0.1, "eps": 1e-7}),
    "adamw": (lampas.AdamW(0.1, 0.3), "AdamW", {"lr": 0.1, "eps": 1e-7, "weight_decay": 0.3}),
    "adamax": (lampas.Adamax(0.1), "Adamax", {"lr": 0.1, "eps": 1e-7}),
    "adadelta": (lampas.Adadelta(1.0), "Adadelta", {"lr": 1.0, "rho": 0.95, "eps": 1e-7}),
}  # fmt: skip


@pytest.mark.parametrize("case", TORCH)
def test_ten_steps_are_torchs(torch, case: str) -> None:
    optimizer, name, options = TORCH[case]
    tensor = torch.tensor(START, requires_grad=True)
    theirs = getattr(torch.optim, name)([tensor], **options)
    path = []
    for gradient in GRADIENTS:
        tensor.grad = torch.tensor(gradient)
        theirs.step()
        path.append(tensor.detach().numpy().copy())
    np.testing.assert_allclose(our_path(optimizer), path, rtol=1e-5, atol=1e-5)


KERAS = {
    "sgd": (lampas.SGD(0.1), "SGD", {}),
    "momentum": (lampas.SGD(0.1, 0.9), "SGD", {"momentum": 0.9}),
    "nesterov": (lampas.SGD(0.1, 0.9, True), "SGD", {"momentum": 0.9, "nesterov": True}),
    "adam": (lampas.Adam(0.1), "Adam", {}),
    "adamw": (lampas.AdamW(0.1), "AdamW", {}),
    "rmsprop": (lampas.RMSprop(0.1), "RMSprop", {}),
    "rmsprop with momentum": (
        lampas.RMSprop(0.1, 0.8, 0.9), "RMSprop", {"rho": 0.8, "momentum": 0.9},
    ),
    "adagrad": (lampas.Adagrad(0.1), "Adagrad", {}),
    "adadelta": (lampas.Adadelta(0.1), "Adadelta", {}),
    "adamax": (lampas.Adamax(0.1), "Adamax", {}),
    "lion": (lampas.Lion(0.1), "Lion", {}),
}  # fmt: skip


@pytest.mark.parametrize("case", KERAS)
def test_ten_steps_are_kerass(keras, case: str) -> None:
    optimizer, name, options = KERAS[case]
    variable = keras.Variable(START)
    theirs = getattr(keras.optimizers, name)(0.1, **options)
    path = []
    for gradient in GRADIENTS:
        theirs.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        path.append(keras.ops.convert_to_numpy(variable.value).copy())
    np.testing.assert_allclose(our_path(optimizer), path, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ExponentialDecay", (0.5, 4, 0.7, True)),
        ("InverseTimeDecay", (0.5, 4, 0.7)),
        ("PolynomialDecay", (0.5, 20, 0.1, 2.0)),
        ("PiecewiseConstantDecay", ([3, 10], [1.0, 0.5, 0.1])),
        ("CosineDecay", (0.5, 20, 0.1)),
    ],
)
def test_schedule_is_kerass(keras, name: str, options: tuple) -> None:
    theirs = getattr(keras.optimizers.schedules, name)(*options)
    mine = getattr(schedules, name)(*options)
    expected = [float(theirs(t)) for t in range(26)]
    np.testing.assert_allclose([float(mine(jnp.int32(t))) for t in range(26)], expected, rtol=1e-5)


def test_warm_up_is_kerass(keras) -> None:
    options = {"warmup_target": 0.5, "warmup_steps": 5}
    theirs = keras.optimizers.schedules.CosineDecay(0.1, 15, 0.1, **options)
    mine = schedules.CosineDecay(0.1, 15, 0.1, **options)
    expected = [float(theirs(t)) for t in range(26)]
    np.testing.assert_allclose([float(mine(jnp.int32(t))) for t in range(26)], expected, rtol=1e-5)


def problem() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x = random.normal(size=(80, 5)).astype(np.float32)
    return x, random.integers(0, 3, 80).astype(np.int32)


def network() -> Sequential:
    lampas.set_seed(0)
    return Sequential([Dense(16, "tanh", input_shape=(5,)), Dense(3, "softmax")])


def test_twenty_steps_of_a_network_give_kerass_weights(keras) -> None:
    x, y = problem()
    mine = network()
    theirs = keras.Sequential([
        keras.Input((5,)), keras.layers.Dense(16, "tanh"), keras.layers.Dense(3, "softmax"),
    ])  # fmt: skip
    theirs.set_weights(mine.get_weights())
    histories = []
    for model, kit in ((mine, lampas), (theirs, keras.optimizers)):
        model.compile(
            kit.SGD(0.2, momentum=0.5), "sparse_categorical_crossentropy", metrics=["accuracy"]
        )
        fitted = model.fit(x, y, batch_size=16, epochs=4, shuffle=False, verbose=0)
        histories.append(fitted.history)
    for value, expected in zip(mine.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-5)
    for name in ("loss", "accuracy"):
        np.testing.assert_allclose(histories[0][name], histories[1][name], rtol=1e-4)


def test_twenty_steps_of_a_network_give_torchs_weights(torch) -> None:
    x, y = problem()
    mine = network()
    weights = [torch.tensor(w, requires_grad=True) for w in mine.get_weights()]
    optimizer = torch.optim.SGD(weights, lr=0.2)
    for _ in range(4):
        for at in range(0, 80, 16):
            rows, labels = torch.tensor(x[at : at + 16]), torch.tensor(y[at : at + 16]).long()
            logits = torch.tanh(rows @ weights[0] + weights[1]) @ weights[2] + weights[3]
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(logits, labels).backward()
            optimizer.step()
    mine.compile(lampas.SGD(0.2), "sparse_categorical_crossentropy")
    mine.fit(x, y, batch_size=16, epochs=4, shuffle=False, verbose=0)
    for value, expected in zip(mine.get_weights(), weights, strict=True):
        np.testing.assert_allclose(value, expected.detach().numpy(), rtol=1e-4, atol=1e-5)
