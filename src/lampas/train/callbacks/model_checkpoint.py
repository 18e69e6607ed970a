"""Write the model to a file while it is being trained."""

from __future__ import annotations

import math
from pathlib import Path
from typing import ClassVar

from ...core.errors import ArgumentError, FileError
from .base import Callback, Logs
from .monitored import Mode, larger_is_better, monitored


class ModelCheckpoint(Callback):
    """Save the model after each epoch, or only when ``monitor`` has improved.

    Args:
        filepath: where to; ``{epoch}`` (from 1) and logged names may stand in it, as in
            ``"net-{epoch:03d}-{val_loss:.3f}.safetensors"``.
        monitor: the logged value that is watched for ``save_best_only``.
        save_best_only: write only when it has improved.
        mode: whether "min" or "max" is better; "auto" tells from the name.
        verbose: 1 prints a line for each file.

    A file is written beside its place and then moved there, so that it is never half written.
    """

    remembers: ClassVar[tuple[str, ...]] = ("best",)

    def __init__(
        self,
        filepath: str | Path,
        monitor: str = "val_loss",
        save_best_only: bool = False,
        mode: Mode = "auto",
        verbose: int = 0,
    ) -> None:
        self.filepath = str(filepath)
        self.monitor = monitor
        self.save_best_only = save_best_only
        self.verbose = verbose
        self._sign = -1.0 if larger_is_better(monitor, mode) else 1.0
        self.best = math.inf

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.best = math.inf
        folder = Path(self.filepath).parent
        if "{" not in str(folder) and not folder.is_dir():
            raise FileError(f"ModelCheckpoint can not write to {folder}: there is no such folder.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_best_only:
            value = self._sign * monitored(self.monitor, logs, "ModelCheckpoint")
            if not value < self.best:
                return
            self.best = value
        path = self._path(epoch, logs or {})
        self.model.save(path)
        if self.verbose:
            print(f"Epoch {epoch + 1}: saved {path}")

    def _path(self, epoch: int, logs: Logs) -> str:
        try:
            return self.filepath.format(epoch=epoch + 1, **logs)
        except (KeyError, IndexError, ValueError) as error:
            raise ArgumentError(
                f"ModelCheckpoint can not fill in {self.filepath!r}: {error}. Known are epoch, "
                f"{', '.join(logs)}."
            ) from error
