"""Constraints, penalties and added losses give the numbers of Keras from the same weights."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import lampas as lp

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

RNG = np.random.default_rng(0)
X = RNG.normal(size=(7, 4)).astype(np.float32)
Y = RNG.normal(size=(7, 2)).astype(np.float32)
CLOSE: Any = {"rtol": 1e-5, "atol": 1e-6}


def fitted(k: Any, make: Any, weights: Any, optimizer: Any, x: Any = X, y: Any = Y) -> Any:
    """Losses of ten epochs of two uneven batches, the weights after them, and the loss then."""
    model = make(k)
    model(x)
    model.set_weights(weights)
    model.compile(optimizer(k), None if y is None else "mse")
    history = model.fit(x, y, batch_size=4, epochs=10, shuffle=False, verbose=0)
    options: Any = {} if k is lp else {"return_dict": True, "verbose": 0}
    results = model.evaluate(x, y, batch_size=4, **options)
    return history.history["loss"], model.get_weights(), results["loss"]


def assert_same(keras: ModuleType, make: Any, optimizer: Any, **data: Any) -> None:
    keras.utils.set_random_seed(0)
    reference = make(keras)
    reference(data.get("x", X))
    weights = [np.asarray(w) for w in reference.get_weights()]
    theirs = fitted(keras, make, weights, optimizer, **data)
    mine = fitted(lp, make, weights, optimizer, **data)
    np.testing.assert_allclose(mine[0], theirs[0], **CLOSE)
    for a, b in zip(mine[1], theirs[1], strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)
    np.testing.assert_allclose(mine[2], theirs[2], **CLOSE)


OPTIMIZERS = {
    "sgd": lambda k: k.optimizers.SGD(0.05),
    "adam": lambda k: k.optimizers.Adam(0.05),
    "accumulation": lambda k: k.optimizers.SGD(0.05, gradient_accumulation_steps=3),
}
CONSTRAINTS = {
    "max_norm": lambda k: k.constraints.MaxNorm(0.5),
    "non_neg": lambda k: "non_neg",
    "unit_norm": lambda k: k.constraints.unit_norm(axis=[0, 1]),
    "min_max_norm": lambda k: k.constraints.MinMaxNorm(0.2, 0.6, rate=0.5, axis=0),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_constraints_over_ten_epochs(keras: ModuleType, constraint: str, optimizer: str) -> None:
    def make(k: Any) -> Any:
        bound = CONSTRAINTS[constraint](k)
        return k.Sequential([
            k.layers.Dense(5, "tanh", kernel_constraint=bound, bias_constraint="non_neg"),
            k.layers.BatchNormalization(gamma_constraint="non_neg"),
            k.layers.Dense(2, kernel_constraint=bound),
        ])  # fmt: skip

    assert_same(keras, make, OPTIMIZERS[optimizer])


def test_penalties_for_weights_and_outputs(keras: ModuleType) -> None:
    def make(k: Any) -> Any:
        return k.Sequential([
            k.layers.Dense(5, "tanh", activity_regularizer="l2", bias_regularizer="l2"),
            k.layers.BatchNormalization(
                beta_regularizer=k.regularizers.L2(0.1), gamma_regularizer="l2"
            ),
            k.layers.Reshape((5, 1)),
            k.layers.GRU(
                3, return_sequences=True, recurrent_regularizer="l2", bias_regularizer="l2",
                activity_regularizer=k.regularizers.L1(0.05), recurrent_constraint="unit_norm",
            ),
            k.layers.Conv1D(2, 2, bias_regularizer="l2", kernel_constraint="max_norm"),
            k.layers.Flatten(),
            k.layers.Dense(2, activity_regularizer=k.regularizers.L1L2(0.01, 0.02)),
        ])  # fmt: skip

    assert_same(keras, make, OPTIMIZERS["sgd"])


def test_an_autoencoder_that_adds_the_divergence_of_its_code(keras: ModuleType) -> None:
    """A variational autoencoder with draws as input, its losses all added by layers."""

    def make(k: Any) -> Any:
        ops = jnp if k is lp else k.ops

        class Code(k.layers.Layer):
            def call(self, x: Any) -> Any:
                mean, log_variance = x[:, :2], x[:, 2:4]
                kl = 1 + log_variance - ops.square(mean) - ops.exp(log_variance)
                self.add_loss(-0.5 * ops.mean(ops.sum(kl, axis=1)))
                return mean + ops.exp(0.5 * log_variance) * x[:, 4:]

            forward = call

        class VAE(k.Model):
            def __init__(self) -> None:
                super().__init__()
                self.encoder = k.layers.Dense(4)
                self.code = Code()
                self.decoder = k.layers.Dense(4)

            def call(self, x: Any) -> Any:
                inputs, noise = x[:, :4], x[:, 4:]
                code = self.code(ops.concatenate([self.encoder(inputs), noise], 1))
                output = self.decoder(code)
                self.add_loss(ops.mean(ops.square(output - inputs)))
                return output

            forward = call

        return VAE()

    noise = RNG.normal(size=(7, 2)).astype(np.float32)
    data = {"x": np.concatenate([X, noise], 1), "y": None}
    assert_same(keras, make, OPTIMIZERS["adam"], **data)
