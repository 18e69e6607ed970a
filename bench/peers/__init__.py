"""Who is compared: for each framework a file that trains ``MODELS``, and one that augments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Protocol

from ..workloads import Workload


class Trainer(Protocol):
    """One workload, ready to run; an augmentation has no parameters, and its change as loss."""

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
    """A framework: its title, the modules here that drive it, what it needs installed."""

    title: str
    modules: Mapping[str, str]
    """The module for each task that it can do."""
    packages: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    form: str = "Trainer"
    """The class in these modules."""
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

    def form_for(self, workload: Workload) -> Callable[[Workload], Trainer]:
        """Import the framework; what is returned builds the workload's model."""
        module = import_module(f"{__name__}.{self.modules[workload.task]}")
        return getattr(module, self.form)


LAMPAS = {"train": "lampas_fit", "augment": "lampas_augment"}
TORCH = {"train": "torch_loop", "augment": "torch_augment"}
KERAS = {"train": "keras_fit", "augment": "keras_augment"}

PEERS = {
    "lampas": Peer("Lampas", LAMPAS, ("lampas", "jax"), keeps_compiled=True),
    "torch": Peer("PyTorch", TORCH, ("torch",)),
    "torch-tuned": Peer("PyTorch tuned", TORCH, ("torch",), form="Tuned"),
    "keras-jax": Peer("Keras on JAX", KERAS, ("keras", "jax"), {"KERAS_BACKEND": "jax"}),
    "keras-torch": Peer("Keras on PyTorch", KERAS, ("keras", "torch"), {"KERAS_BACKEND": "torch"}),
    "flax": Peer("Flax NNX", {"train": "flax_loop"}, ("flax", "optax", "jax")),
}
