"""List the devices of this machine and time the same work on each of them."""

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

MATRIX_SIZE = 2048
"""Rows and columns of the matrices."""
BATCH_SIZE, STEPS = 64, 10
"""Examples per step, and steps per epoch."""
REPEATS, SECONDS = 3, 0.3
"""Number of measurements, of which the median is taken, and duration of each."""


class DeviceTimings(NamedTuple):
    """Seconds on one device for a matrix product, a training step of an MLP, and one of a CNN."""

    device: jax.Device
    matmul: float
    mlp: float
    cnn: float


def all_devices() -> list[jax.Device]:
    """The devices of all platforms, the CPU first."""
    devices: list[jax.Device] = []
    for platform in ("cpu", "gpu", "tpu"):
        with suppress(RuntimeError):  # There is no device of this platform.
            devices += jax.local_devices(backend=platform)
    return devices


def device_name(device: jax.Device) -> str:
    """Kind, platform and index of a device: ``"NVIDIA H100 (gpu:0)"``."""
    return f"{device.device_kind} ({device.platform}:{device.id})"


def measure(device: jax.Device) -> DeviceTimings:
    """Time the benchmark on a device, after compilation.

    The work is a product of two float32 matrices with :data:`MATRIX_SIZE` rows and columns, and
    steps of ``fit`` with Adam on :data:`BATCH_SIZE` images of 28 x 28: an MLP of 784, 256, 128 and
    10 units, and a CNN of two convolutions (32 and 64 kernels, 3 x 3) with pooling.

    Args:
        device: the device.
    """
    with jax.default_device(device):
        return DeviceTimings(device, matmul_seconds(), step_seconds(mlp()), step_seconds(cnn()))


def matmul_seconds() -> float:
    """Seconds for one matrix product."""
    matrix = jnp.ones((MATRIX_SIZE, MATRIX_SIZE), jnp.float32) / MATRIX_SIZE
    multiply = jit(jnp.matmul)

    def run(times: int) -> None:
        product = matrix
        for _ in range(times):
            product = multiply(product, matrix)
        product.block_until_ready()

    return median_seconds(run)


def step_seconds(model: Sequential) -> float:
    """Seconds for one step of ``fit`` on random images."""
    rng = np.random.default_rng(0)
    x = rng.random((STEPS * BATCH_SIZE, 28, 28, 1), np.float32)
    y = rng.integers(0, 10, len(x))
    model.compile("adam", loss="sparse_categorical_crossentropy")
    return median_seconds(lambda epochs: model.fit(x, y, BATCH_SIZE, epochs, 0, seed=0)) / STEPS


def median_seconds(run: Callable[[int], object]) -> float:
    """Median duration of a round of ``run(rounds)``, after a first round that is not timed."""
    run(1)
    rounds = max(1, round(SECONDS / max(_seconds_per_round(run, 1), 1e-6)))
    return median(_seconds_per_round(run, rounds) for _ in range(REPEATS))


def _seconds_per_round(run: Callable[[int], object], rounds: int) -> float:
    start = time.perf_counter()
    run(rounds)
    return (time.perf_counter() - start) / rounds


def mlp() -> Sequential:
    """The MLP of the benchmark."""
    hidden = [Flatten(), Dense(256, "relu"), Dense(128, "relu")]
    return Sequential([Input((28, 28, 1)), *hidden, Dense(10, "softmax")])


def cnn() -> Sequential:
    """The CNN of the benchmark."""
    first, second = Conv2D(32, 3, activation="relu"), Conv2D(64, 3, activation="relu")
    hidden = [first, MaxPool2D(), second, MaxPool2D(), Flatten()]
    return Sequential([Input((28, 28, 1)), *hidden, Dense(10, "softmax")])


def timings_table(timings: list[DeviceTimings]) -> Table:
    """The timings as a table for the terminal, with the speed relative to the first row."""
    table = Table("device", box=None, pad_edge=False)
    for heading in (f"product {MATRIX_SIZE}²", "MLP step", "CNN step"):
        table.add_column(heading, justify="right")
    for row in timings:
        pairs = zip(row[1:], timings[0][1:], strict=True)
        cells = [f"{1000 * seconds:.3g} ms {cpu / seconds:6.3g}×" for seconds, cpu in pairs]
        table.add_row(device_name(row.device), *cells)
    return table
