"""Flax NNX and Optax: a hand-written loop with one jitted call per step."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from ..workloads import VOCABULARY, Workload

dense = nnx.Linear
conv = partial(nnx.Conv, kernel_size=(3, 3), padding="VALID")
pool = partial(nnx.max_pool, window_shape=(2, 2), strides=(2, 2))
lstm = nnx.OptimizedLSTMCell  # the gates' kernels in one, as in the other frameworks
wide_pool = partial(nnx.max_pool, window_shape=(3, 3), strides=(2, 2))


def flatten(x: jax.Array) -> jax.Array:
    return x.reshape(len(x), -1)


def block(rngs: nnx.Rngs, *filters: int) -> list[Any]:
    """3x3 convolutions from each number of filters to the next, and a pooling."""
    convs = [conv(i, o, padding="SAME", rngs=rngs) for i, o in pairwise(filters)]
    return [*(layer for conv in convs for layer in (conv, nnx.relu)), pool]


def head(rngs: nnx.Rngs, features: int) -> list[Any]:
    """The dense layers of AlexNet and VGG-16."""
    return [
        flatten,
        dense(features, 4096, rngs=rngs),
        nnx.relu,
        nnx.Dropout(0.5, rngs=rngs),
        dense(4096, 4096, rngs=rngs),
        nnx.relu,
        nnx.Dropout(0.5, rngs=rngs),
        dense(4096, 1000, rngs=rngs),
    ]


class Last(nnx.Module):
    """The last outputs of recurrent layers, concatenated."""

    def __init__(self, *layers: nnx.RNN) -> None:
        self.layers = nnx.List(layers)

    def __call__(self, x: jax.Array) -> jax.Array:
        return jnp.concatenate([layer(x)[:, -1] for layer in self.layers], -1)


def recurrent(kind: Any, rngs: nnx.Rngs, features: int, units: int) -> list[Any]:
    """A recurrent layer whose last output is classified."""
    return [Last(nnx.RNN(kind(features, units, rngs=rngs))), dense(units, 10, rngs=rngs)]


MODELS = {
    "xor": lambda rngs: [dense(2, 8, rngs=rngs), nnx.tanh, dense(8, 2, rngs=rngs)],
    "function": lambda rngs: [dense(1, 64, rngs=rngs), nnx.tanh, dense(64, 1, rngs=rngs)],
    "mlp": lambda rngs: [
        dense(784, 512, rngs=rngs),
        nnx.relu,
        dense(512, 512, rngs=rngs),
        nnx.relu,
        dense(512, 10, rngs=rngs),
    ],
    "mnist_cnn": lambda rngs: [
        conv(1, 32, rngs=rngs),
        nnx.relu,
        pool,
        conv(32, 64, rngs=rngs),
        nnx.relu,
        pool,
        flatten,
        dense(64 * 5 * 5, 128, rngs=rngs),
        nnx.relu,
        dense(128, 10, rngs=rngs),
    ],
    "small_cnn": lambda rngs: [
        conv(3, 32, rngs=rngs),
        nnx.relu,
        pool,
        conv(32, 16, rngs=rngs),
        nnx.relu,
        pool,
        flatten,
        dense(16 * 6 * 6, 10, rngs=rngs),
    ],
    "vgg_style": lambda rngs: [
        *block(rngs, 3, 32, 32),
        *block(rngs, 32, 64, 64),
        *block(rngs, 64, 128, 128),
        flatten,
        dense(128 * 4 * 4, 128, rngs=rngs),
        nnx.relu,
        dense(128, 10, rngs=rngs),
    ],
    "alexnet": lambda rngs: [
        conv(3, 64, kernel_size=(11, 11), strides=4, padding=2, rngs=rngs),
        nnx.relu,
        wide_pool,
        conv(64, 192, kernel_size=(5, 5), padding="SAME", rngs=rngs),
        nnx.relu,
        wide_pool,
        *block(rngs, 192, 384, 256, 256)[:-1],
        wide_pool,
        *head(rngs, 256 * 6 * 6),
    ],
    "vgg16": lambda rngs: [
        *block(rngs, 3, 64, 64),
        *block(rngs, 64, 128, 128),
        *block(rngs, 128, 256, 256, 256),
        *block(rngs, 256, 512, 512, 512),
        *block(rngs, 512, 512, 512, 512),
        *head(rngs, 512 * 7 * 7),
    ],
    "lstm_small": lambda rngs: recurrent(lstm, rngs, 1, 64),
    "lstm": lambda rngs: recurrent(lstm, rngs, 64, 128),
    "gru_small": lambda rngs: recurrent(nnx.GRUCell, rngs, 1, 64),
    "gru": lambda rngs: recurrent(nnx.GRUCell, rngs, 64, 128),
    "simple_rnn_small": lambda rngs: recurrent(nnx.SimpleCell, rngs, 1, 64),
    "simple_rnn": lambda rngs: recurrent(nnx.SimpleCell, rngs, 64, 128),
    "bilstm_text": lambda rngs: [
        nnx.Embed(VOCABULARY, 64, rngs=rngs),
        Last(
            nnx.RNN(lstm(64, 64, rngs=rngs)),
            nnx.RNN(lstm(64, 64, rngs=rngs), reverse=True),
        ),
        dense(128, 2, rngs=rngs),
    ],
}

LOSSES = {
    "cross_entropy": optax.softmax_cross_entropy_with_integer_labels,
    "mean_squared_error": optax.squared_error,
}


class Trainer:
    """A model in Flax's functional form.

    The model is split once and merged inside ``jax.jit``, with its state as a donated dict: the
    fastest of the documented forms (``nnx.jit`` traverses the model in Python at every step).
    Batches are NumPy slices, since a gather on the device outside the jitted step costs a call.
    """

    note = "split and merge in `jax.jit`, one call per step"

    def __init__(self, workload: Workload) -> None:
        self.x, self.y = workload.data()
        self.batch = workload.batch
        self.random = np.random.default_rng(0)
        model = nnx.Sequential(*MODELS[workload.name](nnx.Rngs(0)))
        self.count = sum(leaf.size for leaf in jax.tree.leaves(nnx.state(model, nnx.Param)))
        optimizer = nnx.Optimizer(model, optax.adam(workload.learning_rate), wrt=nnx.Param)
        graph, state = nnx.split((model, optimizer))
        self.state = nnx.to_pure_dict(state)
        self.step = _step(graph, LOSSES[workload.loss])

    def train(self, epochs: int) -> float:
        for _ in range(epochs):
            losses = []
            order = self.random.permutation(len(self.x))
            for start in range(0, len(order), self.batch):
                rows = order[start : start + self.batch]
                self.state, loss = self.step(self.state, self.x[rows], self.y[rows])
                losses.append(loss)
        jax.block_until_ready(self.state)
        return float(np.mean(losses))

    def parameters(self) -> int:
        return self.count


def _step(graph: nnx.GraphDef, loss: Any) -> Any:
    def loss_fn(model: nnx.Sequential, x: jax.Array, y: jax.Array) -> jax.Array:
        return loss(model(x), y).mean()

    @partial(jax.jit, donate_argnums=0)
    def step(state: dict, x: jax.Array, y: jax.Array) -> tuple[dict, jax.Array]:
        model, optimizer = nnx.merge(graph, state)
        loss_value, gradients = nnx.value_and_grad(loss_fn)(model, x, y)
        optimizer.update(model, gradients)
        return nnx.to_pure_dict(nnx.state((model, optimizer))), loss_value

    return step
