"""The history of a fit: the logged values of each epoch."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import ClassVar

from ..core.errors import FileError
from ..core.filesystem import atomic_write
from .callbacks.base import Callback, Logs


class History(Callback):
    """The logged values of each epoch: ``history.history["val_loss"][epoch]``.

    ``epoch`` lists the indices of the epochs (from 0), ``interrupted`` is whether Ctrl-C ended the
    fit, ``seconds`` its duration.

    Example:
        >>> import lampas as lp
        >>> history = lp.History()
        >>> history.on_epoch_end(0, {"loss": 0.5})
        >>> history
        History(1 epochs, 0.0 s; loss 0.5)
    """

    reads_logs_only: ClassVar[bool] = True
    state_attributes: ClassVar[tuple[str, ...]] = ("history", "epoch", "_rows")

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []
        self._rows: list[dict[str, float]] = []
        self.interrupted = False
        self.seconds = 0.0

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        self._rows.append({"epoch": epoch, **(logs or {})})
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def write_csv(self, path: str | Path) -> None:
        """Write a CSV file with one row per epoch; values that were not logged are left empty.

        Args:
            path: the file.

        Raises:
            FileError: if the file cannot be written.
        """
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, ["epoch", *self.history])
        writer.writeheader()
        writer.writerows(self._rows)
        try:
            atomic_write(Path(path), text.getvalue().encode())
        except OSError as error:
            raise FileError(f"cannot write {path}: {error.strerror}.") from error

    def __repr__(self) -> str:
        last = ", ".join(f"{name} {values[-1]:.4g}" for name, values in self.history.items())
        return f"History({len(self.epoch)} epochs, {self.seconds:.1f} s; {last})"
