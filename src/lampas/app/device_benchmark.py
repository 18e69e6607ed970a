"""What this machine computes on, and how fast: the same work on every device."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from statistics import median
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from rich.table import Table

from ..core.jit import jit
from ..layers import Conv2D, Dense, Flatten, Input, MaxPool2D
from ..train.sequential import Sequential

SIDE = 2048
"""Rows and columns of the matrices."""
BATCH, STEPS = 64, 10
"""Examples of a step, and steps of an epoch."""
TIMES, SECONDS = 3, 0.3
"""The median of so many measurements counts, each about so long."""


class Measured(NamedTuple):
    """Seconds on one device: a matrix product, a step of an MLP, a step of a CNN."""

    device: jax.Device
    product: float
    mlp: float
    cnn: float


def all_devices() -> list[jax.Device]:
    """The devices of all kinds, the CPU first."""
    found: list[jax.Device] = []
    for platform in ("cpu", "gpu", "tpu"):
        with suppress(RuntimeError):  # there is none of this kind
            found += jax.local_devices(backend=platform)
    return found


def name_of(device: jax.Device) -> str:
    """Kind, platform and number: ``"NVIDIA H100 (gpu:0)"``."""
    return f"{device.device_kind} ({device.platform}:{device.id})"


def measure(device: jax.Device) -> Measured:
    """Time the same work on a device, compiled and warm.

    A product of two float32 matrices with :data:`SIDE` rows and columns; steps of ``fit`` with Adam
    on :data:`BATCH` pictures of 28 x 28: an MLP of 784, 256, 128 and 10 units, and a CNN of two
    convolutions (32 and 64 kernels, 3 x 3) with pooling.
    """
    with jax.default_device(device):
        return Measured(device, product_seconds(), step_seconds(mlp()), step_seconds(cnn()))


def product_seconds() -> float:
    """Of one matrix product."""
    matrix = jnp.ones((SIDE, SIDE), jnp.float32) / SIDE
    multiply = jit(jnp.matmul)

    def run(times: int) -> None:
        product = matrix
        for _ in range(times):
            product = multiply(product, matrix)
        product.block_until_ready()

    return seconds_of(run)


def step_seconds(model: Sequential) -> float:
    """Of one step of ``fit``, on random pictures."""
    draw = np.random.default_rng(0)
    x = draw.random((STEPS * BATCH, 28, 28, 1), np.float32)
    y = draw.integers(0, 10, len(x))
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return seconds_of(lambda epochs: model.fit(x, y, BATCH, epochs, 0, seed=0)) / STEPS


def seconds_of(run: Callable[[int], object]) -> float:
    """Of one of the rounds that ``run(rounds)`` runs, warm: the first is not counted."""
    run(1)
    rounds = max(1, round(SECONDS / max(_timed(run, 1), 1e-6)))
    return median(_timed(run, rounds) for _ in range(TIMES))


def _timed(run: Callable[[int], object], rounds: int) -> float:
    began = time.perf_counter()
    run(rounds)
    return (time.perf_counter() - began) / rounds


def mlp() -> Sequential:
    """Dense layers alone."""
    return Sequential(
        [
            Input((28, 28, 1)),
            Flatten(),
            Dense(256, "relu"),
            Dense(128, "relu"),
            Dense(10, "softmax"),
        ]
    )


def cnn() -> Sequential:
    """Two convolutions with pooling."""
    return Sequential(
        [
            Input((28, 28, 1)),
            Conv2D(32, 3, activation="relu"),
            MaxPool2D(),
            Conv2D(64, 3, activation="relu"),
            MaxPool2D(),
            Flatten(),
            Dense(10, "softmax"),
        ]
    )


def measured_table(measured: list[Measured]) -> Table:
    """For the terminal: milliseconds, and how many times as fast as the first, the CPU."""
    table = Table("device", box=None, pad_edge=False)
    for heading in (f"product {SIDE}²", "MLP step", "CNN step"):
        table.add_column(heading, justify="right")
    for row in measured:
        pairs = zip(row[1:], measured[0][1:], strict=True)
        table.add_row(name_of(row.device), *(_cell(own, cpu) for own, cpu in pairs))
    return table


def _cell(seconds: float, cpu: float) -> str:
    return f"{1000 * seconds:.3g} ms {cpu / seconds:6.3g}×"
