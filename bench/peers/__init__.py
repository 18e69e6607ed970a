"""Who is compared: one file a framework, each with ``MODELS`` and a ``Trainer``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Protocol

from ..workloads import Workload


class Trainer(Protocol):
    """A model of one workload, ready to train."""

    note: str
    """Which of the framework's own options are used."""

    def __init__(self, workload: Workload) -> None: ...

    def train(self, epochs: int) -> float:
        """Train, wait until all is computed, return the mean loss of the last epoch."""
        ...

    def parameters(self) -> int:
        """How many numbers are trained."""
        ...


@dataclass(frozen=True)
class Peer:
    """A framework: its title, the module here that drives it, what it needs installed."""

    title: str
    module: str
    packages: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    keeps_compiled: bool = False
    """Whether it keeps compiled programs from one process to the next by default."""

    @property
    def missing(self) -> list[str]:
        """The packages it needs that are not installed."""
        return [package for package in self.packages if find_spec(package) is None]

    @property
    def versions(self) -> dict[str, str]:
        """The installed version of each package it needs."""
        return {package: version(package) for package in self.packages}

    def trainer(self, workload: Workload) -> Trainer:
        """Import the framework and build the workload's model."""
        return import_module(f"{__name__}.{self.module}").Trainer(workload)


PEERS = {
    "lampas": Peer("Lampas", "lampas_fit", ("lampas", "jax"), keeps_compiled=True),
    "torch": Peer("PyTorch", "torch_loop", ("torch",)),
    "keras-jax": Peer("Keras on JAX", "keras_fit", ("keras", "jax"), {"KERAS_BACKEND": "jax"}),
    "keras-torch": Peer(
        "Keras on PyTorch", "keras_fit", ("keras", "torch"), {"KERAS_BACKEND": "torch"}
    ),
    "flax": Peer("Flax NNX", "flax_loop", ("flax", "optax", "jax")),
}
