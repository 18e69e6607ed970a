"""Fits of all kinds in one process; prints its memory in bytes and its threads now and then."""

from __future__ import annotations

import gc
import resource
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import lampas as lp

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(600, 20)).astype(np.float32), RNG.integers(0, 3, 600)


def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for start in range(0, len(X), 64):
        yield X[start : start + 64], Y[start : start + 64]


def memory() -> int:
    """Bytes in use; the most there ever were where the system does not tell."""
    statistics = Path("/proc/self/statm")
    if statistics.exists():
        return int(statistics.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(folder: Path, fits: int) -> None:
    np.save(folder / "x.npy", X)
    model = lp.Sequential([lp.Dense(64, "relu"), lp.Dropout(0.2), lp.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    for number in range(1, fits + 1):
        stop = lp.EarlyStopping("loss", restore_best_weights=True)
        match number % 4:
            case 0:
                model.fit(X, Y, 64, 2, 0, [stop, lp.HealthMonitor()], validation_split=0.2)
            case 1:
                model.fit(batches, epochs=2, verbose=0, callbacks=[stop])
            case 2:
                model.fit(np.load(folder / "x.npy", mmap_mode="r"), Y, 64, 2, 0, [stop])
            case 3:
                with tempfile.TemporaryDirectory(dir=folder) as checkpoint:
                    model.fit(X, Y, 64, 2, 0, [stop], checkpoint=checkpoint)
        if number % 10 == 0:
            gc.collect()
            print(number, memory(), threading.active_count(), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
