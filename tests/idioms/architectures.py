"""Small versions of networks that are taught, by the functional API, for both frameworks."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import lampas

RNG = np.random.default_rng(0)
ROWS = 6
IMAGES = RNG.normal(size=(ROWS, 8, 8, 3)).astype(np.float32)
LABELS = np.array([0, 1, 2, 2, 1, 0])
VECTORS = RNG.normal(size=(ROWS, 4)).astype(np.float32)
OTHERS = RNG.normal(size=(ROWS, 4)).astype(np.float32)
BITS = np.array([[0], [1], [1], [0], [1], [0]], np.float32)
TOKENS = np.array([[3, 1, 0], [2, 0, 0], [4, 4, 1], [1, 2, 3], [2, 0, 0], [1, 1, 1]])


@dataclass
class Network:
    """A model with the data that it is trained on."""

    model: Any
    x: Any
    y: Any
    loss: Any
    parts: tuple[Any, ...] = ()
    """Models of some of its layers."""
    classes: tuple[type, ...] = ()
    """Classes of one's own in it."""

    def fit(self, epochs: int = 2) -> list[float]:
        """Train on uneven batches, two in an epoch; return the losses."""
        history = self.model.fit(
            self.x, self.y, batch_size=4, epochs=epochs, shuffle=False, verbose=0
        )
        losses: list[float] = history.history["loss"]
        return losses

    def outputs(self) -> Any:
        """What the model predicts."""
        return self.model.predict(self.x, verbose=0)


class Layers:
    """The layers of a framework, each with a name that is the same in both."""

    def __init__(self, kit: Any) -> None:
        self.kit, self.numbers = kit, itertools.count()

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        return partial(getattr(self.kit.layers, kind), name=f"{kind.lower()}{next(self.numbers)}")


def weighted_layers(model: Any) -> Iterator[Any]:
    """The layers that have weights, those of models inside, too."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from weighted_layers(layer)
        elif layer.weights:
            yield layer


def fill(model: Any) -> None:
    """Give each weight values that depend on the name of its layer and its shape alone."""
    for layer in weighted_layers(model):
        rng = np.random.default_rng(zlib.crc32(layer.name.encode()))
        low, arrays = 0.5 if "batchnormalization" in layer.name else -1, []
        for weight in layer.get_weights():
            fan_in = np.prod(weight.shape[:-1])
            arrays.append(rng.uniform(low, 1, weight.shape) / np.sqrt(fan_in))
        layer.set_weights(arrays)


def weights(model: Any) -> dict[str, np.ndarray]:
    """The weights by the name of the layer and their number in it."""
    return {
        f"{layer.name}/{i}": weight
        for layer in weighted_layers(model)
        for i, weight in enumerate(layer.get_weights())
    }


def resnet(kit: Any) -> Network:
    """Residual blocks with batch normalization, and projections where shapes change."""
    layers = Layers(kit)

    def conv(x: Any, filters: int, size: int, strides: int = 1) -> Any:
        x = layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)

    def block(x: Any, filters: int, strides: int = 1) -> Any:
        shortcut = x
        x = layers.Activation("relu")(conv(x, filters, 3, strides))
        x = conv(x, filters, 3)
        if strides != 1 or shortcut.shape[-1] != filters:
            shortcut = conv(shortcut, filters, 1, strides)
        return layers.Activation("relu")(layers.Add()([x, shortcut]))

    inputs = kit.Input((8, 8, 3))
    x = layers.Activation("relu")(conv(inputs, 4, 3))
    for filters, strides in ((4, 1), (8, 2)):
        x = block(x, filters, strides)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(3, activation="softmax")(x)
    return Network(kit.Model(inputs, outputs), IMAGES, LABELS, "sparse_categorical_crossentropy")


def unet(kit: Any) -> Network:
    """A contracting and an expanding path, with the features of the first joined to the second."""
    layers = Layers(kit)

    def convs(x: Any, filters: int) -> Any:
        for _ in range(2):
            x = layers.Conv2D(filters, 3, activation="relu", padding="same")(x)
        return x

    inputs = kit.Input((8, 8, 3))
    x, skips = inputs, []
    for filters in (3, 4):
        x = convs(x, filters)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = convs(x, 5)
    for filters, skip in zip((4, 3), reversed(skips), strict=True):
        x = layers.Conv2DTranspose(filters, 2, strides=2, padding="same")(x)
        x = convs(layers.Concatenate()([x, skip]), filters)
    outputs = layers.Conv2D(1, 1, activation="sigmoid")(x)
    masks = (IMAGES[..., :1] > 0).astype(np.float32)
    return Network(kit.Model(inputs, outputs), IMAGES, masks, "binary_crossentropy")


def inception(kit: Any) -> Network:
    """Convolutions of three sizes and pooling side by side."""
    layers = Layers(kit)

    def conv(x: Any, filters: int, size: int) -> Any:
        return layers.Conv2D(filters, size, padding="same", activation="relu")(x)

    def block(x: Any) -> Any:
        pooled = layers.MaxPooling2D(3, strides=1, padding="same")(x)
        branches = [conv(x, 2, 1), conv(conv(x, 2, 1), 3, 3), conv(conv(x, 1, 1), 2, 5)]
        return kit.layers.concatenate([*branches, conv(pooled, 2, 1)])

    inputs = kit.Input((8, 8, 3))
    x = layers.AveragePooling2D(2)(block(inputs))
    x = layers.Flatten()(block(x))
    outputs = layers.Dense(3, activation="softmax")(x)
    return Network(kit.Model(inputs, outputs), IMAGES, LABELS, "sparse_categorical_crossentropy")


def siamese(kit: Any) -> Network:
    """Two inputs through the same layers, and the distance between their codes."""
    layers, ops = Layers(kit), kit.ops
    encoder = kit.Sequential(
        [kit.Input((4,)), layers.Dense(5, activation="tanh"), layers.Dense(2)], name="encoder"
    )
    left, right = kit.Input((4,), name="left"), kit.Input((4,), name="right")
    squares = ops.sum(ops.square(encoder(left) - encoder(right)), axis=1, keepdims=True)
    distance = ops.sqrt(ops.maximum(squares, 1e-7))
    outputs = layers.Dense(1, activation="sigmoid")(distance)
    model = kit.Model([left, right], outputs)
    return Network(model, [VECTORS, OTHERS], BITS, "binary_crossentropy", (encoder,))


def sequence_to_sequence(kit: Any) -> Network:
    """The states of an encoder are the initial ones of a decoder."""
    layers = Layers(kit)
    source, target = kit.Input((3,), dtype="int32"), kit.Input((3,), dtype="int32")
    encoded = layers.Embedding(5, 3, mask_zero=True)(source)
    _, h, c = layers.LSTM(4, return_state=True)(encoded)
    embedding = layers.Embedding(5, 3)
    decoder = layers.LSTM(4, return_sequences=True, return_state=True)
    out = layers.Dense(5, activation="softmax")
    decoded, _, _ = decoder(embedding(target), initial_state=[h, c])
    model = kit.Model([source, target], out(decoded))
    # For generation word by word: states in, states out.
    states = [kit.Input((4,)), kit.Input((4,))]
    decoded, *new_states = decoder(embedding(target), initial_state=states)
    parts = kit.Model(source, [h, c]), kit.Model([target, *states], [out(decoded), *new_states])
    y = np.roll(TOKENS, -1, axis=1)
    return Network(
        model, [TOKENS, TOKENS[:, ::-1].copy()], y, "sparse_categorical_crossentropy", parts
    )


def text_and_table(kit: Any) -> Network:
    """Words through a recurrent layer, beside the columns of a table."""
    layers = Layers(kit)
    words = kit.Input((3,), dtype="int32", name="words")
    table = kit.Input((4,), name="table")
    text = layers.LSTM(3)(layers.Embedding(5, 3, mask_zero=True)(words))
    numbers = layers.Dense(3, activation="relu")(table)
    x = layers.Dense(4, activation="relu")(layers.Concatenate()([text, numbers]))
    outputs = layers.Dense(1, activation="sigmoid")(x)
    x_by_name = {"words": TOKENS, "table": VECTORS}
    return Network(kit.Model([words, table], outputs), x_by_name, BITS, "binary_crossentropy")


def autoencoder(kit: Any) -> Network:
    """A convolutional encoder and a decoder, each a model of its own."""
    layers = Layers(kit)
    inputs = kit.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(inputs)
    encoder = kit.Model(inputs, layers.Dense(5)(layers.Flatten()(x)), name="encoder")
    code = kit.Input((5,))
    x = layers.Reshape((4, 4, 4))(layers.Dense(64, activation="relu")(code))
    x = layers.Conv2DTranspose(3, 3, strides=2, padding="same")(x)
    decoder = kit.Model(code, x, name="decoder")
    model = kit.Model(inputs, decoder(encoder(inputs)))
    return Network(model, IMAGES, IMAGES, "mse", (encoder,))


def variational_autoencoder(kit: Any) -> Network:
    """The divergence of the code is a loss that a layer adds; the draws are an input."""
    layers, ops = Layers(kit), kit.ops

    class Sampling(kit.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            mean, log_variance, noise = inputs
            divergence = 1 + log_variance - ops.square(mean) - ops.exp(log_variance)
            self.add_loss(-0.5 * ops.mean(ops.sum(divergence, axis=1)))
            return mean + ops.exp(0.5 * log_variance) * noise

    inputs, noise = kit.Input((4,)), kit.Input((2,))
    x = layers.Dense(5, activation="relu")(inputs)
    code = Sampling()([layers.Dense(2)(x), layers.Dense(2)(x), noise])
    outputs = layers.Dense(4)(layers.Dense(5, activation="relu")(code))
    model = kit.Model([inputs, noise], outputs)
    return Network(model, [VECTORS, OTHERS[:, :2]], VECTORS, "mse", classes=(Sampling,))


ARCHITECTURES = {
    network.__name__: network
    for network in (
        *(resnet, unet, inception, siamese, sequence_to_sequence, text_and_table, autoencoder),
        variational_autoencoder,
    )
}


class GAN(lampas.Model):
    """A generator and a discriminator, which are trained in turn, each by its optimizer."""

    def __init__(self, generator: Any, discriminator: Any) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator

    def compile(self, g_optimizer: Any, d_optimizer: Any) -> None:
        """Choose the optimizers."""
        super().compile()
        self.g_optimizer, self.d_optimizer = g_optimizer, d_optimizer

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of each."""
        real, noise = data
        loss = lampas.losses.BinaryCrossentropy(from_logits=True)
        ones, zeros = np.ones((len(real), 1)), np.zeros((len(real), 1))
        fake = self.generator(noise)

        def d_loss_of(real: Any, fake: Any) -> Any:
            on_real, on_fake = self.discriminator(real), self.discriminator(fake)
            return (loss(ones, on_real) + loss(zeros, on_fake)).mean()

        d_loss, gradients = lampas.value_and_grad(self.discriminator, d_loss_of)(real, fake)
        self.d_optimizer.update(self.discriminator, gradients)

        def g_loss_of(noise: Any) -> Any:
            return loss(ones, self.discriminator(self.generator(noise))).mean()

        g_loss, gradients = lampas.value_and_grad(self.generator, g_loss_of)(noise)
        self.g_optimizer.update(self.generator, gradients)
        return {"d_loss": d_loss, "g_loss": g_loss}

    def call(self, noise: Any) -> Any:
        """Generate."""
        return self.generator(noise)


def gan() -> Network:
    """Points of four numbers from noise of three."""
    layers = Layers(lampas)
    generator = lampas.Sequential(
        [lampas.Input((3,)), layers.Dense(5, activation="relu"), layers.Dense(4)]
    )
    discriminator = lampas.Sequential(
        [lampas.Input((4,)), layers.Dense(5, activation="tanh"), layers.Dense(1)]
    )
    return Network(GAN(generator, discriminator), VECTORS, OTHERS[:, :3], None, classes=(GAN,))
