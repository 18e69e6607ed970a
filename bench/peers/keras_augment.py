"""Keras 3: its layers, compiled where the backend compiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from ..data import change
from ..workloads import ROTATION, SHIFT, ZOOM, Workload


class Trainer:
    """One call per batch, as in ``fit``: jitted on JAX, eager on PyTorch."""

    def __init__(self, workload: Workload) -> None:
        keras.utils.set_random_seed(0)
        self.x, _ = workload.data()
        self.batch = workload.batch
        self.random = np.random.default_rng(0)
        model = keras.Sequential(
            [
                keras.Input(self.x.shape[1:]),
                keras.layers.RandomFlip("horizontal"),
                keras.layers.RandomRotation(ROTATION),
                keras.layers.RandomTranslation(SHIFT, SHIFT),
                keras.layers.RandomZoom(ZOOM),
            ]
        )
        on_jax = keras.backend.backend() == "jax"
        self.augment = _jitted(model) if on_jax else _eager(model)
        self.note = f"augmentation layers, {'jitted' if on_jax else 'eager'}"

    def train(self, epochs: int) -> float:
        for _ in range(epochs):
            order = self.random.permutation(len(self.x))
            for start in range(0, len(order), self.batch):
                rows = order[start : start + self.batch]
                y = self.augment(self.x[rows])
        return change(self.x[rows], y)

    def parameters(self) -> int:
        return 0


def _jitted(model: keras.Model) -> Callable[[np.ndarray], Any]:
    import jax

    @jax.jit
    def call(state: list, x: jax.Array) -> tuple[jax.Array, list]:
        return model.stateless_call([], state, x, training=True)

    state = [variable.value for variable in model.non_trainable_variables]

    def augment(x: np.ndarray) -> jax.Array:
        nonlocal state
        y, state = call(state, x)
        return y

    return augment


def _eager(model: keras.Model) -> Callable[[np.ndarray], Any]:
    import torch

    @torch.no_grad()
    def augment(x: np.ndarray) -> torch.Tensor:
        return model(x, training=True)

    return augment
