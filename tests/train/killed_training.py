"""A training that is killed repeatedly, to test that it resumes with the same results.

Run as a script with (folder, kills, seed, kind of data). One process loads the libraries; each
training is a fork of it, which is much quicker than a new interpreter. Prints the number of kills,
and of those that met a checkpoint being written.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import lampas as lp

warnings.filterwarnings("ignore", message="os.fork", category=RuntimeWarning)
EPOCHS, PAUSE = 120, 0.02


class Pausing(lp.Callback):
    """Makes the training last a few seconds, and says when its programs run."""

    def __init__(self, began: int) -> None:
        self.began = began

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        os.write(self.began, b"!")

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        time.sleep(PAUSE)


RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(50, 4)).astype(np.float32), RNG.integers(0, 3, 50)


def data_of(kind: str, folder: Path) -> tuple[Any, ...]:
    """The training data: arrays, a memory map, or a source of batches with a seed."""
    if kind == "arrays":
        return X, Y
    if kind == "memory map":
        path = folder / f"x-{os.getpid()}.npy"
        np.save(path, X)
        return np.load(path, mmap_mode="r"), Y
    if kind == "generator":
        random = np.random.default_rng(7)

        def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
            for rows in np.array_split(random.permutation(len(X)), 7):
                yield X[rows], Y[rows]

        return (batches,)
    import torch

    tensors = torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    generator = torch.Generator().manual_seed(7)
    return (torch.utils.data.DataLoader(tensors, 8, shuffle=True, generator=generator),)


def train(folder: Path, name: str, kind: str, began: int) -> None:
    # Wide enough that a checkpoint takes a while to write.
    layers = [
        lp.Dense(500, "relu"),
        lp.Dense(500, "relu"),
        lp.BatchNormalization(),
        lp.Dropout(0.3),
    ]
    layers += [lp.Dense(3, "softmax")]
    model = lp.Sequential(layers)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    watching = [
        lp.EarlyStopping("val_loss", patience=EPOCHS, restore_best_weights=True),
        lp.ReduceLROnPlateau("val_loss", patience=7, factor=0.5),
        lp.CSVLogger(folder / f"{name}.csv"),
        Pausing(began),
    ]
    model.fit(
        *data_of(kind, folder), batch_size=8, epochs=EPOCHS, verbose=0, callbacks=watching,
        validation_data=(X, Y), seed=1, checkpoint=lp.Checkpoint(folder / name, every_seconds=0),
    )  # fmt: skip
    arrays = {path: variable.numpy() for path, variable in model.variables().items()}
    history = np.array([model.history.history[key] for key in sorted(model.history.history)])
    np.savez(folder / f"{name}.npz", history=history, **arrays)


def begin(folder: Path, name: str, kind: str) -> int:
    """Start a training; returns when it has begun."""
    begun, began = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            train(folder, name, kind, began)
            status = 0
        finally:
            os._exit(status)
    os.close(began)
    # The first epoch has begun; the second one says that the first is over, compiling included.
    os.read(begun, 1)
    os.read(begun, 1)
    return child


def main(folder: Path, kills: int, seed: int, kind: str) -> None:
    assert os.waitstatus_to_exitcode(os.waitpid(begin(folder, "whole", kind), 0)[1]) == 0
    rng = random.Random(seed)
    writing = 0
    for _ in range(kills):
        child = begin(folder, "killed", kind)
        time.sleep(rng.uniform(0.0, 0.2))
        os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
        writing += bool(list((folder / "killed").glob(".checkpoint-*")))
    assert not (folder / "killed.npz").exists()
    assert os.waitstatus_to_exitcode(os.waitpid(begin(folder, "killed", kind), 0)[1]) == 0
    print(kills, writing)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
