"""Checkpoints: the whole state of a fit on disk, from which it can be resumed."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.arguments import CheckedFields, NonNegativeFloat, PositiveInt
from ..core.errors import ArgumentError, FileError, format_shape
from ..core.module import Module
from ..saving.encoding import encode
from .callbacks.base import CallbackList
from .checkpoint_file import DRAFT_PREFIX, pack, read_checkpoint, unpack, write_checkpoint
from .epoch import Position
from .fit_state import FitState
from .source import Source
from .step import TrainState, Tree
from .trainer import Trainer

WRITE_COST_FACTOR = 100
"""At the end of an epoch a checkpoint is written only if the time since the last one is this many
times the time of writing; otherwise writing would take longer than quick epochs."""
MAX_ROWS = 4096
"""Rows that a fingerprint reads; of more, an even sample, so that large data costs little."""


@dataclass(frozen=True)
class Checkpoint(CheckedFields):
    """Where, and how often, a fit writes its state: ``fit(..., checkpoint=Checkpoint("run"))``.

    A checkpoint has the weights, the model and optimizer state, the position in the epoch, the
    history and the state of the callbacks. Started again with the same data and arguments, the fit
    resumes there and ends with the same weights, bit for bit on the same device with the same
    number of CPU cores; on another one a warning says that the last bits may differ. Checkpoints
    are written at the end of an epoch, unless epochs are so quick that this would take more than a
    hundredth of the time, and after ``every_seconds``.

    Args:
        folder: created if it does not exist.
        every_seconds: maximum time between checkpoints.
        keep: number of the newest checkpoints to keep, so that one is left if the last is damaged.

    Raises:
        ArgumentError: for ``every_seconds`` below 0 or ``keep`` below 1.

    Example:
        >>> import lampas as lp
        >>> lp.Checkpoint("run", every_seconds=600)
        Checkpoint(folder='run', every_seconds=600, keep=2)
    """

    folder: str | Path
    every_seconds: NonNegativeFloat = 60.0
    keep: PositiveInt = 2


class CheckpointManager:
    """Writes the checkpoints of one fit, and resumes from the newest.

    ``signature`` is what a checkpoint must agree on with the fit that resumes from it.

    Args:
        config: folder and times, or the folder.

    Raises:
        FileError: if there are checkpoints, but all are damaged; or the folder cannot be created.
    """

    def __init__(self, config: Checkpoint | str | Path) -> None:
        self.config = config if isinstance(config, Checkpoint) else Checkpoint(config)
        self.folder = Path(self.config.folder).expanduser()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(
                f"cannot create the checkpoint folder {self.folder}: {error.strerror}."
            ) from error
        self.signature: dict[str, Any] = {}
        self.write_seconds = 0.0
        self.last_position: Position | None = None
        self.last_written_at = time.perf_counter()
        self.damaged: list[Path] = []
        self.newest = self._read_newest()

    @property
    def seed(self) -> int | None:
        """The seed of the fit to resume; None if there is no checkpoint."""
        return None if self.newest is None else self.newest[0]["signature"]["seed"]

    def resume(self, state: FitState, callbacks: CallbackList) -> None:
        """Restore the state of the newest checkpoint, if there is one.

        Raises:
            ArgumentError: if it is the checkpoint of another training; names the differences.
        """
        self.last_written_at = time.perf_counter()
        if self.newest is None:
            return
        metadata, arrays = self.newest
        self._check_signature(metadata["signature"])
        _warn_of_other_device(metadata.get("device"))
        leaves, tree = jax.tree.flatten(state.trainer.train_state)
        saved = [jnp.asarray(arrays[f"train_state/{i}"]) for i in range(len(leaves))]
        state.trainer.train_state = TrainState(*jax.tree.unflatten(tree, saved))
        state.position = self.last_position = Position(*metadata["position"])
        state.source.resume(metadata["source"], state.position)
        state.sums = unpack(metadata["sums"], arrays)
        state.logs, state.seconds = unpack(metadata["logs"], arrays), metadata["seconds"]
        state.trainer.model.stop_training = metadata["stop_training"]
        callbacks.restore_state(unpack(metadata["callbacks"], arrays))
        self.newest = None

    def after_chunk(self, state: FitState, callbacks: CallbackList, epoch_ended: bool) -> None:
        """Write a checkpoint if one is due."""
        elapsed = time.perf_counter() - self.last_written_at
        affordable = elapsed >= WRITE_COST_FACTOR * self.write_seconds
        if elapsed >= self.config.every_seconds or (epoch_ended and affordable):
            self.write(state, callbacks)

    def at_end(self, state: FitState, callbacks: CallbackList) -> None:
        """Write the last checkpoint, unless it has been written."""
        if state.position != self.last_position:
            self.write(state, callbacks)

    def write(self, state: FitState, callbacks: CallbackList) -> None:
        """Write a checkpoint, then remove the oldest ones.

        Raises:
            FileError: if it cannot be written; the earlier ones are unchanged.
        """
        began = time.perf_counter()
        arrays: dict[str, np.ndarray] = {}
        for i, leaf in enumerate(jax.tree.leaves(state.trainer.train_state)):
            arrays[f"train_state/{i}"] = np.asarray(leaf)
        metadata = {
            "signature": self.signature,
            "device": compute_device(),
            "position": list(state.position),
            "source": state.source.progress(),
            "sums": pack(state.sums, "sums", arrays),
            "logs": pack(dict(state.logs), "logs", arrays),
            "seconds": state.seconds,
            "stop_training": state.trainer.model.stop_training,
            "callbacks": pack(callbacks.collect_state(), "callbacks", arrays),
        }
        path = self.folder / f"checkpoint-{state.position.step:012d}.safetensors"
        try:
            write_checkpoint(path, metadata, arrays)
            self._prune(path)
        except OSError as error:
            raise FileError(self._write_error(path, error)) from error
        self.last_position, self.last_written_at = state.position, time.perf_counter()
        self.write_seconds = self.last_written_at - began

    def _write_error(self, path: Path, error: OSError) -> str:
        text = f"cannot write the checkpoint {path}: {error.strerror or error}."
        complete = self._paths()
        if not complete:
            return text
        return f"{text} {complete[0].name} is complete: free some space, and the fit resumes there."

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("checkpoint-*.safetensors"), reverse=True)

    def _prune(self, written: Path) -> None:
        # Damaged checkpoints are useless now, and must not be counted.
        for path in self.damaged:
            if path != written:
                path.unlink(missing_ok=True)
        self.damaged.clear()
        for path in self._paths()[self.config.keep :]:
            path.unlink(missing_ok=True)
        # Drafts of a process that was killed while writing.
        for draft in self.folder.glob(f"{DRAFT_PREFIX}*"):
            shutil.rmtree(draft, ignore_errors=True)

    def _read_newest(self) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        damaged = []
        for path in self._paths():
            try:
                checkpoint = read_checkpoint(path)
            except Exception as error:  # the reader raises many kinds
                damaged.append(f"{path} is damaged ({error})")
                self.damaged.append(path)
                continue
            if damaged:
                warnings.warn(f"{'; '.join(damaged)}: resuming from {path}.", stacklevel=5)
            return checkpoint
        if damaged:
            raise FileError(f"{'; '.join(damaged)}. Delete the folder to start again.")
        return None

    def _check_signature(self, saved: dict[str, Any]) -> None:
        differences = [
            f"{name} was {saved.get(name)!r}, is {value!r}"
            for name, value in self.signature.items()
            if saved.get(name) != value
        ]
        if differences:
            raise ArgumentError(
                f"the checkpoint in {self.folder} is of another training run: "
                f"{'; '.join(differences)}. Choose another folder, or delete this one to start "
                "again."
            )


def compute_device() -> str:
    """The device, and for a CPU the number of cores, which decides the order of its sums."""
    device = jax.devices()[0]
    if device.platform != "cpu":
        return str(device.device_kind)
    has_affinity = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count()
    return f"{cores} CPU cores"


def _warn_of_other_device(saved: str | None) -> None:
    if saved not in (None, compute_device()):
        warnings.warn(
            f"the checkpoint was written on {saved}, this fit resumes on {compute_device()}: sums "
            "in another order round differently, so the last bits of the weights may differ.",
            stacklevel=2,
        )


def training_signature(
    trainer: Trainer, source: Source, batch_size: int, shuffle: bool, seed: int
) -> dict[str, Any]:
    """Everything that decides the course of a training, as plain data."""
    return {
        "seed": seed,
        "batch_size": batch_size,
        "shuffle": shuffle,
        "model": _architecture(trainer.model),
        "weights": {path: list(v.shape) for path, v in trainer.params_and_state[0].items()},
        "optimizer": _stable_repr(trainer.optimizer),
        "loss": _stable_repr(trainer.loss),
        "penalty": _stable_repr(trainer.options.penalty),
        "precision": str(trainer.precision or "float32"),
        "logged values": trainer.logs(training=True).names,
        "data": fingerprint(source.example),
    }


def _stable_repr(value: object) -> str:
    """The repr without memory addresses, which differ from run to run."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(value))


def _architecture(model: Module) -> str:
    """The class of a model, with a checksum of its layers if they can be serialized."""
    kind = type(model).__name__
    try:
        layers = json.dumps(encode(model), sort_keys=True)
    except FileError:
        return kind
    return f"{kind} {zlib.crc32(layers.encode()):08x}"


def fingerprint(tree: Tree) -> list[str]:
    """One text for each array: its path, dtype, shape and a checksum of its rows."""
    flat, _ = jax.tree_util.tree_flatten_with_path(tree)
    return [f"{jax.tree_util.keystr(path)} {_describe_array(leaf)}" for path, leaf in flat]


def _describe_array(leaf: Any) -> str:
    count = leaf.shape[0]
    rows = np.unique(np.linspace(0, count - 1, min(count, MAX_ROWS)).astype(np.int64))
    content = np.asarray(leaf if rows.size == count else leaf[rows]).tobytes()
    return f"{leaf.dtype}{format_shape(leaf.shape)} {zlib.crc32(content):08x}"
