"""Recurrent layers to test with, their definitions, and a way to give them weights quickly."""

from __future__ import annotations

from functools import partial

import jax.numpy as jnp
import numpy as np
import pytest

import lampas
from lampas import GRU, LSTM, RNN, SimpleRNN
from lampas.core.build import build
from tests.oracles import recurrent as oracle

KINDS = {
    "simple": (SimpleRNN, oracle.Simple()),
    "lstm": (LSTM, oracle.LSTM()),
    "gru": (GRU, oracle.GRU()),
    "gru, reset before": (partial(GRU, reset_after=False), oracle.GRUResetBefore()),
}
each_kind = pytest.mark.parametrize("kind", KINDS)

SIZE = (6, 5, 3, 2)
"""Batch, steps, features, units."""
X = np.random.default_rng(1).normal(size=SIZE[:3]).astype(np.float32)
MASK = np.array(
    [[1, 1, 1, 1, 1], [0, 0, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 0, 1, 1], [0, 1, 0, 1, 0], [0] * 5],
    bool,
)


def quick(kind: type, *args, **options) -> lampas.Layer:
    """A layer whose first values take little time: an orthogonal kernel is slow to compile."""
    return kind(*args, recurrent_initializer="glorot_uniform", **options)


def built(layer: lampas.Layer, x: np.ndarray = X) -> lampas.Layer:
    """The layer with random weights, biases too."""
    random = np.random.default_rng(2)
    build(layer, lambda: layer(jnp.asarray(x)))
    for variable in layer.parameters().values():
        variable.value = jnp.float32(random.normal(size=variable.shape) / 2)
    return layer


def weights_of(layer: RNN) -> oracle.Arrays:
    """Kernel, recurrent kernel and bias."""
    return {path: np.float64(v.numpy()) for path, v in layer.cell.variables().items()}
