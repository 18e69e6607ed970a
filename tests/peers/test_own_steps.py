"""Training steps and metrics of one's own give the numbers of Keras from the same weights."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

import lampas as lp

pytestmark = [
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

RNG = np.random.default_rng(0)
REAL = RNG.normal(1.0, 0.5, size=(22, 4)).astype(np.float32)
NOISE = RNG.normal(size=(22, 3)).astype(np.float32)
CLOSE: Any = {"rtol": 1e-5, "atol": 1e-6}


class Gradients:
    """The step of a part, as each of the two writes it."""

    def __init__(self, k: Any) -> None:
        self.is_ours = k is lp

    def step(self, part: Any, optimizer: Any, loss_of: Any) -> Any:
        if self.is_ours:
            loss, gradients = lp.value_and_grad(part, loss_of)()
            optimizer.update(part, gradients)
            return loss
        part.zero_grad()
        loss = loss_of()
        loss.backward()
        weights = part.trainable_weights
        optimizer.apply([weight.value.grad for weight in weights], weights)
        return loss.detach()


def gan(k: Any) -> Any:
    """A GAN whose noise is data, with several steps of the discriminator."""

    class GAN(k.Model):  # type: ignore[misc]
        def __init__(self, generator: Any, discriminator: Any) -> None:
            super().__init__()
            self.generator, self.discriminator = generator, discriminator
            self.d_loss = k.metrics.Mean(name="d_loss")
            self.g_loss = k.metrics.Mean(name="g_loss")
            self.built = True

        @property
        def metrics(self) -> list[Any]:
            return [self.d_loss, self.g_loss]

        def compile(self, d_optimizer: Any, g_optimizer: Any, loss: Any) -> None:
            super().compile()
            self.d_optimizer, self.g_optimizer, self.loss_of = d_optimizer, g_optimizer, loss

        def train_step(self, data: Any) -> Any:
            real, noise = data
            gradients, ops = Gradients(k), k.ops

            def d_loss() -> Any:
                fake = self.generator(noise)
                logits = self.discriminator(ops.concatenate([real, fake], axis=0))
                labels = ops.concatenate([ops.ones((len(real), 1)), ops.zeros((len(real), 1))])
                return self.loss_of(labels, logits)

            def g_loss() -> Any:
                logits = self.discriminator(self.generator(noise))
                return self.loss_of(ops.ones((len(real), 1)), logits)

            for _ in range(2):
                loss = gradients.step(self.discriminator, self.d_optimizer, d_loss)
                self.d_loss.update_state(loss)
            loss = gradients.step(self.generator, self.g_optimizer, g_loss)
            self.g_loss.update_state(loss)
            return {"d_loss": self.d_loss.result(), "g_loss": self.g_loss.result(), "last": loss}

    layers = k.layers
    generator = k.Sequential([k.Input((3,)), layers.Dense(8, "relu"), layers.Dense(4)])
    discriminator = k.Sequential([k.Input((4,)), layers.Dense(8, "tanh"), layers.Dense(1)])
    return GAN(generator, discriminator)


def mean_crossentropy(k: Any) -> Any:
    loss = k.losses.BinaryCrossentropy(from_logits=True)
    return (lambda y, logits: loss(y, logits).mean()) if k is lp else loss


def test_a_gan_is_trained_as_by_keras(keras: ModuleType) -> None:
    runs = []
    weights: list[Any] = []
    for k in (keras, lp):
        if k is keras:
            keras.utils.set_random_seed(0)
        model = gan(k)
        parts = (model.generator, model.discriminator)
        weights = weights or [[np.array(w) for w in part.get_weights()] for part in parts]
        for part, values in zip(parts, weights, strict=True):
            part.set_weights(values)
        optimizers = k.optimizers.Adam(0.01), k.optimizers.SGD(0.1)
        model.compile(*optimizers, mean_crossentropy(k))
        history = model.fit(REAL, NOISE, batch_size=8, epochs=5, shuffle=False, verbose=0)
        runs.append((history.history, [w for part in parts for w in part.get_weights()]))
    (theirs, their_weights), (mine, my_weights) = runs
    assert set(mine) == set(theirs)
    for name, values in theirs.items():
        np.testing.assert_allclose(mine[name], np.array(values, np.float32), **CLOSE)
    for a, b in zip(my_weights, their_weights, strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)


def largest_error(k: Any) -> Any:
    class LargestError(k.metrics.Metric):  # type: ignore[misc]
        def __init__(self, name: str = "largest_error", **kwargs: Any) -> None:
            super().__init__(name=name, **kwargs)
            self.largest = self.add_weight(shape=(), initializer="zeros", name="largest")
            self.count = self.add_weight(shape=(), initializer="zeros", name="count")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            largest = k.ops.max(k.ops.abs(y_true - y_pred))
            self.largest.assign(k.ops.maximum(self.largest, largest))
            self.count.assign_add(1)

        def result(self) -> Any:
            return self.largest + 10 * self.count

    return LargestError()


def test_a_metric_with_variables_gives_the_numbers_of_keras(keras: ModuleType) -> None:
    values = []
    for k in (keras, lp):
        model = k.Sequential([k.Input((4,)), k.layers.Dense(1, kernel_initializer="ones")])
        model.compile(k.optimizers.SGD(0.01), "mse", metrics=[largest_error(k)])
        y = REAL[:, :1]
        history = model.fit(REAL, y, 8, 3, 0, shuffle=False, validation_data=(REAL, y))
        values.append(history.history)
    assert set(values[1]) == set(values[0])
    for name in values[0]:
        np.testing.assert_allclose(values[1][name], values[0][name], **CLOSE)


@pytest.mark.parametrize("name", ["Mean", "Sum", "BinaryAccuracy", "AUC", "RootMeanSquaredError"])
def test_states_add_up_as_those_of_keras(keras: ModuleType, name: str) -> None:
    results = []
    y = RNG.integers(0, 2, (9, 1)).astype(np.float32)
    p = RNG.uniform(size=(9, 1)).astype(np.float32)
    weights = RNG.uniform(size=9).astype(np.float32)
    for k in (keras, lp):
        metric, values = getattr(k.metrics, name)(), []
        for part in (slice(0, 2), slice(2, 9)):
            arguments = (p[part],) if name in ("Mean", "Sum") else (y[part], p[part])
            metric.update_state(*arguments, sample_weight=weights[part])
            values.append(float(metric.result()))
        metric.reset_state()
        results.append([*values, float(metric.result())])
    np.testing.assert_allclose(results[1], results[0], rtol=1e-5, atol=1e-6)
