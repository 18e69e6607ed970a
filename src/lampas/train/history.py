"""What happened in a fit, epoch by epoch."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import ClassVar

from ..core.errors import FileError
from ..core.filesystem import write_whole
from .callbacks.base import Callback, Logs


class History(Callback):
    """The logged values of each epoch: ``history.history["val_loss"][epoch]``.

    ``epoch`` lists the epochs' numbers (from 0), ``interrupted`` tells whether Ctrl-C ended the
    fit, ``seconds`` how long it took.
    """

    passive: ClassVar[bool] = True
    remembers: ClassVar[tuple[str, ...]] = ("history", "epoch")

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []
        self.interrupted = False
        self.seconds = 0.0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def write_csv(self, path: str | Path) -> None:
        """Write a row for each epoch.

        Raises:
            FileError: when the file can not be written.
        """
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(["epoch", *self.history])
        writer.writerows(zip(self.epoch, *self.history.values(), strict=True))
        try:
            write_whole(Path(path), text.getvalue().encode())
        except OSError as error:
            raise FileError(f"can not write {path}: {error.strerror}.") from error

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.history.items())
        return f"History({len(self.epoch)} epochs, {self.seconds:.1f} s; {last})"
