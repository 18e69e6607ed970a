"""Lampas: the layers of its augmentation in one compiled loop, as ``fit`` runs them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import lax

import lampas as lp

from ..data import change
from ..workloads import ROTATION, SHIFT, ZOOM, Workload

Batch = tuple[jax.Array, jax.Array]


class Trainer:
    """Layers in a compiled loop over shuffled batches.

    Each step writes all its images into the memory of the loop, where a model would read them.
    """

    note = "augmentation layers in a compiled loop"

    def __init__(self, workload: Workload) -> None:
        self.x = jnp.asarray(workload.data().x)
        self.batch = workload.batch
        self.steps = workload.steps(1)
        model = lp.Sequential(
            [
                lp.Input(self.x.shape[1:]),
                lp.RandomFlip("horizontal"),
                lp.RandomRotation(ROTATION),
                lp.RandomTranslation(SHIFT, SHIFT),
                lp.RandomZoom(ZOOM),
            ]
        )
        self.arrays, self.apply = lp.functional(model)
        self.key = jax.random.key(0)
        self.run = jax.jit(self._run)

    def train(self, epochs: int) -> float:
        self.key, key = jax.random.split(self.key)
        rows, y = self.run(self.x, key, epochs)
        return change(self.x[rows], y)

    def parameters(self) -> int:
        return 0

    def _run(self, x: jax.Array, key: jax.Array, epochs: jax.Array) -> Batch:
        """The last batch: the indices of its images, and their augmented values."""

        def epoch(number: jax.Array, last: Batch) -> Batch:
            shuffle, draws = jax.random.split(jax.random.fold_in(key, number))
            order = jax.random.permutation(shuffle, len(x))

            def step(index: jax.Array, _: Batch) -> Batch:
                rows = lax.dynamic_slice_in_dim(order, index * self.batch, self.batch)
                rng = jax.random.fold_in(draws, index)
                return rows, self.apply(*self.arrays, x[rows], training=True, rng=rng)[0]

            return lax.fori_loop(0, self.steps, step, last)

        rows = jnp.arange(self.batch)
        return lax.fori_loop(0, epochs, epoch, (rows, x[rows].astype(jnp.float32)))
