"""The frameworks: for each one a file that trains ``MODELS``, and one that augments images."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from typing import Protocol

from ..workloads import Workload


class Trainer(Protocol):
    """One workload, ready to run; augmentation has no parameters and returns its change."""

    note: str
    """The options of the framework that are used."""

    def __init__(self, workload: Workload) -> None: ...

    def train(self, epochs: int) -> float:
        """Train, wait for the device, and return the mean loss of the last epoch."""
        ...

    def parameters(self) -> int:
        """Number of trainable parameters."""
        ...


@dataclass(frozen=True)
class Peer:
    """A framework: its title, the modules that use it, and the packages that it needs."""

    title: str
    modules: Mapping[str, str]
    """The module for each supported task."""
    packages: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    trainer: str = "Trainer"
    """Name of the class in these modules."""
    keeps_compiled: bool = False
    """Whether compiled programs are cached across processes by default."""

    @property
    def missing(self) -> list[str]:
        """The needed packages that are not installed."""
        return [package for package in self.packages if find_spec(package) is None]

    @property
    def versions(self) -> dict[str, str]:
        """The installed version of each needed package."""
        return {package: version(package) for package in self.packages}

    def trainer_for(self, workload: Workload) -> Callable[[Workload], Trainer]:
        """Import the framework and return the class that trains the workload."""
        module = import_module(f"{__name__}.{self.modules[workload.task]}")
        return getattr(module, self.trainer)


LAMPAS = {"train": "lampas_fit", "augment": "lampas_augment"}
TORCH = {"train": "torch_loop", "augment": "torch_augment"}
KERAS = {"train": "keras_fit", "augment": "keras_augment"}

PEERS = {
    "lampas": Peer("Lampas", LAMPAS, ("lampas", "jax"), keeps_compiled=True),
    "torch": Peer("PyTorch", TORCH, ("torch",)),
    "torch-tuned": Peer("PyTorch tuned", TORCH, ("torch",), trainer="Tuned"),
    "keras-jax": Peer("Keras on JAX", KERAS, ("keras", "jax"), {"KERAS_BACKEND": "jax"}),
    "keras-torch": Peer("Keras on PyTorch", KERAS, ("keras", "torch"), {"KERAS_BACKEND": "torch"}),
    "flax": Peer("Flax NNX", {"train": "flax_loop"}, ("flax", "optax", "jax")),
}
