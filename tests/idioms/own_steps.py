"""Training steps of one's own, by ``lampas.value_and_grad`` in place of Keras's GradientTape."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.idioms.common import (
    X,
    Y,
    Z,
    close,
    fill,
    linear,
    linear_descent,
    long_idiom,
    only_here,
    sigmoid,
)


@only_here
def train_step_of_ones_own(kit: Any) -> Any:
    class Network(kit.Model):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            x, y = data

            def loss_of(x: Any, y: Any) -> Any:
                y_pred = self(x, training=True)
                return self.compute_loss(x=x, y=y, y_pred=y_pred)

            loss, gradients = kit.value_and_grad(self, loss_of)(x, y)
            self.optimizer.update(self, gradients)
            return {"loss": loss}

    inputs = kit.Input((3,))
    model = Network(inputs, kit.layers.Dense(1)(inputs))
    weights = fill(model)
    model.compile(kit.optimizers.SGD(0.1), "mse")
    history = model.fit(X, Y, epochs=3, batch_size=8, shuffle=False, verbose=0)
    losses, (w, _) = linear_descent(weights, 0.1, 3)
    close(history.history["loss"], losses)
    close(model.get_weights()[0], w)
    return model.get_weights()


@only_here
def train_step_with_metrics(kit: Any) -> Any:
    """Metric objects collect over the batches of an epoch."""

    class Network(kit.Model):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.loss_tracker = kit.metrics.Mean(name="loss")
            self.rmse_metric = kit.metrics.RootMeanSquaredError(name="rmse")

        @property
        def metrics(self) -> Any:
            return [self.loss_tracker, self.rmse_metric]

        def train_step(self, data: Any) -> Any:
            x, y = data

            def loss_of(x: Any, y: Any) -> Any:
                y_pred = self(x)
                return kit.ops.mean(kit.ops.square(y - y_pred)), y_pred

            step = kit.value_and_grad(self, loss_of, has_aux=True)
            (loss, y_pred), gradients = step(x, y)
            self.optimizer.update(self, gradients)
            self.loss_tracker.update_state(loss)
            self.rmse_metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

        def test_step(self, data: Any) -> Any:
            x, y = data
            self.rmse_metric.update_state(y, self(x, training=False))
            return {"rmse": self.rmse_metric.result()}

    inputs = kit.Input((3,))
    model = Network(inputs, kit.layers.Dense(1)(inputs))
    weights = fill(model)
    model.compile(optimizer=kit.optimizers.SGD(0.1))
    history = model.fit(X, Y, epochs=2, batch_size=4, shuffle=False, verbose=0)
    losses, (w, b) = linear_descent(weights, 0.1, 2, 4)
    close(history.history["loss"], losses)
    results = model.evaluate(X, Y, batch_size=4, return_dict=True, verbose=0)
    close(results["rmse"], np.sqrt(np.mean((X @ w + b - Y) ** 2)))
    return losses


@only_here
def two_optimizers(kit: Any) -> Any:
    """Adversaries: a generator of points and a critic, each with its optimizer."""

    class Adversaries(kit.Model):  # type: ignore[misc]
        def __init__(self, generator: Any, critic: Any) -> None:
            super().__init__()
            self.generator, self.critic = generator, critic

        def compile(self, g_optimizer: Any, d_optimizer: Any) -> None:
            super().compile()
            self.g_optimizer, self.d_optimizer = g_optimizer, d_optimizer

        def train_step(self, data: Any) -> Any:
            real, noise = data

            def critic_loss(real: Any, fake: Any) -> Any:
                log_sigmoid = kit.ops.log_sigmoid
                return -kit.ops.mean(log_sigmoid(self.critic(real))) - kit.ops.mean(
                    log_sigmoid(-self.critic(fake))
                )

            fake = self.generator(noise)
            d_loss, gradients = kit.value_and_grad(self.critic, critic_loss)(real, fake)
            self.d_optimizer.update(self.critic, gradients)

            def generator_loss(noise: Any) -> Any:
                return -kit.ops.mean(kit.ops.log_sigmoid(self.critic(self.generator(noise))))

            g_loss, gradients = kit.value_and_grad(self.generator, generator_loss)(noise)
            self.g_optimizer.update(self.generator, gradients)
            return {"d_loss": d_loss, "g_loss": g_loss}

    generator = kit.Sequential([kit.Input((3,)), kit.layers.Dense(3)])
    critic = linear(kit)
    (gw, gb), (w, b) = fill(generator), fill(critic)
    gan = Adversaries(generator, critic)
    gan.compile(g_optimizer=kit.optimizers.SGD(0.1), d_optimizer=kit.optimizers.SGD(0.2))
    history = gan.fit(X, Z, epochs=1, verbose=0)

    fake = Z @ gw + gb
    real_score, fake_score = sigmoid(X @ w + b), sigmoid(fake @ w + b)
    close(history.history["d_loss"], [-np.log(real_score).mean() - np.log(1 - fake_score).mean()])
    w = w - 0.2 * (-X.T @ (1 - real_score) + fake.T @ fake_score) / 8
    b = b - 0.2 * (fake_score - 1 + real_score).mean(0)
    score = sigmoid(fake @ w + b)
    close(history.history["g_loss"], [-np.log(score).mean()])
    back = -(1 - score) @ w.T / 8
    close(critic.get_weights()[0], w)
    close(critic.get_weights()[1], b)
    close(generator.get_weights()[0], gw - 0.1 * Z.T @ back)
    close(generator.get_weights()[1], gb - 0.1 * back.sum(0))
    return history.history["d_loss"]


@long_idiom
def adversaries_by_single_batches(kit: Any) -> Any:
    """Two compiled models share the critic, which is frozen while the generator is trained."""
    generator = kit.Sequential([kit.Input((3,)), kit.layers.Dense(3)])
    critic = kit.Sequential([kit.Input((3,)), kit.layers.Dense(1, activation="sigmoid")])
    (gw, gb), (w, b) = fill(generator), fill(critic)
    critic.compile(kit.optimizers.SGD(0.2), "binary_crossentropy")
    noise = kit.Input((3,))
    critic.trainable = False
    both = kit.Model(noise, critic(generator(noise)))
    both.compile(kit.optimizers.SGD(0.1), "binary_crossentropy")

    critic.trainable = True
    points = np.concatenate([X, generator.predict(Z, verbose=0)])
    is_real = np.repeat([[1.0], [0.0]], 8, axis=0)
    critic.train_on_batch(points, is_real)
    error = (sigmoid(points @ w + b) - is_real) / 16
    w, b = w - 0.2 * points.T @ error, b - 0.2 * error.sum(0)
    close(critic.get_weights()[0], w)

    critic.trainable = False
    both.train_on_batch(Z, np.ones((8, 1)))
    back = (sigmoid((Z @ gw + gb) @ w + b) - 1) @ w.T / 8
    close(generator.get_weights()[0], gw - 0.1 * Z.T @ back)
    close(critic.get_weights()[0], w)
    return generator.get_weights(), critic.get_weights()


@only_here
def loop_of_ones_own(kit: Any) -> Any:
    model = linear(kit)
    weights = fill(model)
    optimizer = kit.optimizers.SGD(0.1)
    loss = kit.losses.MeanSquaredError()
    gradient = kit.value_and_grad(model, lambda x, y: loss(y, model(x)).mean())

    def step(x: Any, y: Any) -> Any:
        value, gradients = gradient(x, y)
        optimizer.update(model, gradients)
        return value

    step = kit.jit(step, state=(model, optimizer))
    values = [float(step(X, Y)) for _ in range(3)]
    losses, (w, _) = linear_descent(weights, 0.1, 3)
    close(values, losses)
    close(model.get_weights()[0], w)
    return values
