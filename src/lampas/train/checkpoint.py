"""Checkpoints: the whole state of a fit on disk, so that it can go on after any end.

Plain data with arrays in it, as JSON and a dict of arrays, and back.

What identifies a data set: forms, and a digest of the content.
"""

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
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import ArgumentError, FileError, show_shape
from ..core.module import Module
from ..serialization import encode
from .epoch import Place
from .step import Learner, Tree

if TYPE_CHECKING:
    from .fit import Fit
    from .inputs.source import Source
    from .trainer import Trainer


FORMAT = 1
DRAFT = ".checkpoint-"
"""How the names of folders begin that a checkpoint is written in, before it is moved out whole."""
COST = 100
"""At an epoch's end nothing is written unless the fit went on this many times as long as writing
takes: quick epochs would cost more to write than to run."""


@dataclass(frozen=True)
class Checkpoint:
    """Where, and how often, a fit writes its state: ``fit(..., checkpoint=Checkpoint("run"))``.

    Written are weights, state, the optimizer's memory, the place in the epoch, history and
    callbacks; started again with the same data and arguments, the fit goes on from there and ends
    with the same weights, bit for bit. It is written at the end of an epoch, unless epochs are so
    quick that this would take more than a hundredth of the time, and after ``every_seconds``.

    Args:
        folder: made if it is not there.
        every_seconds: longest time without a checkpoint.
        keep: the newest ones are kept, so that there is one before a damaged one.
    """

    folder: str | Path
    every_seconds: float = 60.0
    keep: int = 2

    def __post_init__(self) -> None:
        if self.every_seconds < 0 or self.keep < 1:
            raise ArgumentError(
                "a checkpoint needs every_seconds of 0 or more and keep of 1 or more, got "
                f"every_seconds={self.every_seconds!r}, keep={self.keep!r}."
            )


def about(
    trainer: Trainer, source: Source, batch_size: int, shuffle: bool, seed: int
) -> dict[str, Any]:
    """What decides the course of a training, as plain data."""
    return {
        "seed": seed,
        "batch_size": batch_size,
        "shuffle": shuffle,
        "model": _architecture(trainer.model),
        "weights": {path: list(value.shape) for path, value in trainer.arrays[0].items()},
        "optimizer": _shown(trainer.optimizer),
        "loss": _shown(trainer.loss),
        "penalty": _shown(trainer.penalty),
        "precision": str(trainer.precision or "float32"),
        "logged values": trainer.objective.names,
        "data": fingerprint(source.example),
    }


def _shown(thing: object) -> str:
    """As it was constructed, without the places in memory that differ from run to run."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", repr(thing))


def _architecture(model: Module) -> str:
    """The kind of a model, with a checksum of its layers where they have a form as data."""
    kind = type(model).__name__
    try:
        form = json.dumps(encode(model), sort_keys=True)
    except FileError:
        return kind
    return f"{kind} {zlib.crc32(form.encode()):08x}"


class Checkpoints:
    """The checkpoints of one fit.

    ``about`` is what a checkpoint must agree on with the fit that goes on from it.

    Args:
        wanted: folder and times, or the folder.

    Raises:
        FileError: when there are checkpoints, but all are damaged; or the folder can not be made.
    """

    def __init__(self, wanted: Checkpoint | str | Path) -> None:
        self.wanted = wanted if isinstance(wanted, Checkpoint) else Checkpoint(wanted)
        self.folder = Path(self.wanted.folder).expanduser()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(
                f"can not make the folder of checkpoints {self.folder}: {error.strerror}."
            ) from error
        self.about: dict[str, Any] = {}
        self.cost = 0.0
        self.written: Place | None = None
        self.wrote = time.perf_counter()
        self.damaged: list[Path] = []
        self.found = self._newest()

    @property
    def seed(self) -> int | None:
        """The seed of the fit that goes on; None if there is no checkpoint."""
        return None if self.found is None else self.found[0]["about"]["seed"]

    def resume(self, fit: Fit) -> None:
        """Put a fit to where the newest checkpoint was written, if there is one.

        Raises:
            ArgumentError: when it is of another training; names what differs.
        """
        self.wrote = time.perf_counter()
        if self.found is None:
            return
        known, arrays = self.found
        self._same_training(known["about"])
        leaves, tree = jax.tree.flatten(fit.trainer.learner)
        kept = [jnp.asarray(arrays[f"learner/{i}"]) for i in range(len(leaves))]
        fit.trainer.learner = Learner(*jax.tree.unflatten(tree, kept))
        fit.place = self.written = Place(*known["place"])
        fit.sums = unpack(known["sums"], arrays)
        fit.logs, fit.before = unpack(known["logs"], arrays), known["seconds"]
        fit.trainer.model.stop_training = known["stopped"]
        fit.callbacks.restore(unpack(known["callbacks"], arrays))
        self.found = None

    def after_chunk(self, fit: Fit, epoch_ended: bool) -> None:
        """Write a checkpoint if it is time."""
        since = time.perf_counter() - self.wrote
        if since >= self.wanted.every_seconds or (epoch_ended and since >= COST * self.cost):
            self.write(fit)

    def at_end(self, fit: Fit) -> None:
        """Write the last one, unless it is there."""
        if fit.place != self.written:
            self.write(fit)

    def write(self, fit: Fit) -> None:
        """Write a checkpoint, then remove the oldest ones.

        Raises:
            FileError: when it can not be written; those before it are as they were.
        """
        began = time.perf_counter()
        arrays: dict[str, np.ndarray] = {}
        for i, leaf in enumerate(jax.tree.leaves(fit.trainer.learner)):
            arrays[f"learner/{i}"] = np.asarray(leaf)
        known = {
            "format": FORMAT,
            "about": self.about,
            "place": list(fit.place),
            "sums": pack(fit.sums, "sums", arrays),
            "logs": pack(dict(fit.logs), "logs", arrays),
            "seconds": fit.seconds,
            "stopped": fit.trainer.model.stop_training,
            "callbacks": pack(fit.callbacks.remembered(), "callbacks", arrays),
        }
        path = self.folder / f"checkpoint-{fit.place.step:012d}.safetensors"
        try:
            _write(path, known, arrays)
            self._prune(path)
        except OSError as error:
            raise FileError(self._could_not(path, error)) from error
        self.written, self.wrote = fit.place, time.perf_counter()
        self.cost = self.wrote - began

    def _could_not(self, path: Path, error: OSError) -> str:
        text = f"can not write the checkpoint {path}: {error.strerror or error}."
        whole_ones = self._paths()
        if not whole_ones:
            return text
        return f"{text} {whole_ones[0].name} is whole: make room, and the same fit goes on from it."

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("checkpoint-*.safetensors"), reverse=True)

    def _prune(self, written: Path) -> None:
        # A whole one has been written: the damaged ones are of no use, and must not be counted.
        for path in self.damaged:
            if path != written:
                path.unlink(missing_ok=True)
        self.damaged.clear()
        for path in self._paths()[self.wanted.keep :]:
            path.unlink(missing_ok=True)
        # What a process that was killed had begun to write.
        for draft in self.folder.glob(f"{DRAFT}*"):
            shutil.rmtree(draft, ignore_errors=True)

    def _newest(self) -> tuple[dict[str, Any], dict[str, np.ndarray]] | None:
        damaged = []
        for path in self._paths():
            try:
                found = _read(path)
            except Exception as error:  # the reader raises many kinds
                damaged.append(f"{path} is damaged ({error})")
                self.damaged.append(path)
                continue
            if damaged:
                warnings.warn(f"{'; '.join(damaged)}: going on from {path}.", stacklevel=5)
            return found
        if damaged:
            raise FileError(f"{'; '.join(damaged)}. Delete the folder to begin anew.")
        return None

    def _same_training(self, other: dict[str, Any]) -> None:
        differs = [
            f"{name} was {other.get(name)!r}, is {value!r}"
            for name, value in self.about.items()
            if other.get(name) != value
        ]
        if differs:
            raise ArgumentError(
                f"the checkpoint in {self.folder} is of another training: {'; '.join(differs)}. "
                "Choose another folder, or delete this one to begin anew."
            )


def _write(path: Path, known: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    text = json.dumps(known)
    kept = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    metadata = {"lampas_fit": text, "checksum": _checksum(text, kept)}
    # The library's own draft lies in there, too.
    with TemporaryDirectory(prefix=DRAFT, dir=path.parent) as folder:
        draft = Path(folder) / path.name
        try:
            save_file(kept, draft, metadata)
        except SafetensorError as error:
            raise OSError(str(error)) from error
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        about = file.metadata() or {}
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if about["checksum"] != _checksum(about["lampas_fit"], arrays):
        raise ValueError("its checksum is wrong")
    known = json.loads(about["lampas_fit"])
    if known["format"] != FORMAT:
        raise ValueError(f"its format is {known['format']}, this Lampas reads {FORMAT}")
    return known, arrays


def _checksum(text: str, arrays: dict[str, np.ndarray]) -> str:
    sum_ = zlib.crc32(text.encode())
    for name in sorted(arrays):
        sum_ = zlib.crc32(arrays[name].tobytes(), zlib.crc32(name.encode(), sum_))
    return f"{sum_:08x}"


LONG = 16
"""Lists of more numbers than this are kept as arrays: histories can be long."""


def pack(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """``value`` as JSON; its arrays are put into ``arrays`` under names that begin with ``name``.

    Raises:
        ArgumentError: for a value that is not made of numbers, texts, arrays, lists, tuples and
            dicts; names the place.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case np.generic():
            return value.item()
        case jax.Array() | np.ndarray():
            arrays[name] = np.asarray(value)
            return {"host" if isinstance(value, np.ndarray) else "device": name}
        case list() if len(value) > LONG and (kind := _alike(value)):
            arrays[name] = np.array(value, kind)
            return {kind: name}
        case list() | tuple():
            packed = [pack(item, f"{name}/{i}", arrays) for i, item in enumerate(value)]
            # A named tuple comes back as a plain one.
            return packed if isinstance(value, list) else {"tuple": packed}
        case dict():
            items = enumerate(value.items())
            return {
                "dict": [
                    [pack(k, name, arrays), pack(v, f"{name}/{i}", arrays)] for i, (k, v) in items
                ]
            }
    raise ArgumentError(
        f"a checkpoint can not keep {name}, a {type(value).__name__}; numbers, texts, arrays, "
        "lists, tuples and dicts it can."
    )


def unpack(form: Any, arrays: dict[str, np.ndarray]) -> Any:
    """The value that :func:`pack` packed."""
    match form:
        case list():
            return [unpack(item, arrays) for item in form]
        case {"tuple": items}:
            return tuple(unpack(item, arrays) for item in items)
        case {"dict": items}:
            return {unpack(key, arrays): unpack(value, arrays) for key, value in items}
        case {"float64": name} | {"int64": name}:
            return arrays[name].tolist()
        case {"host": name}:
            return arrays[name]
        case {"device": name}:
            return jnp.asarray(arrays[name])
    return form


def _alike(numbers: list[Any]) -> str:
    """The dtype of a list of nothing but floats, or whole numbers; empty for others."""
    kinds = {type(number) for number in numbers}
    return {float: "float64", int: "int64"}.get(kinds.pop(), "") if len(kinds) == 1 else ""


MOST_ROWS = 4096
"""Rows that are looked at; more are sampled evenly, so that large data costs no second reading."""


def fingerprint(tree: Tree) -> list[str]:
    """One text for each array: its place, dtype, shape and a checksum of its rows."""
    flat, _ = jax.tree_util.tree_flatten_with_path(tree)
    return [f"{jax.tree_util.keystr(path)} {_of(leaf)}" for path, leaf in flat]


def _of(leaf: Any) -> str:
    count = leaf.shape[0]
    rows = np.unique(np.linspace(0, count - 1, min(count, MOST_ROWS)).astype(np.int64))
    content = np.asarray(leaf if rows.size == count else leaf[rows]).tobytes()
    return f"{leaf.dtype}{show_shape(leaf.shape)} {zlib.crc32(content):08x}"
