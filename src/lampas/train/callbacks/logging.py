"""Write the logs of each epoch to a CSV file.

A callback of functions.

Write the model to a file while it is being trained.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TextIO

from ...core.errors import ArgumentError, FileError, unknown_name
from .base import Callback, Logs, Mode, larger_is_better, monitored


class CSVLogger(Callback):
    """A row for each epoch: ``epoch`` (from 0), then the logged values.

    Args:
        filename: the file.
        separator: between values.
        append: go on with a file that exists, without a second header.

    Raises FileError when the file can not be written.
    """

    passive: ClassVar[bool] = True
    remembers: ClassVar[tuple[str, ...]] = ("_columns", "_end")

    def __init__(self, filename: str | Path, separator: str = ",", append: bool = False) -> None:
        self.filename = Path(filename)
        self.separator = separator
        self.append = append
        self._file: TextIO | None = None
        self._columns: list[str] = []
        self._end = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        try:
            self._columns = self._existing_columns() if self.append else []
            # What is there is cut off with the first row: a fit that is resumed keeps its rows.
            self._file = self.filename.open("a", newline="")
            self._end = self._file.tell() if self._columns else 0
        except OSError as error:
            raise FileError(
                f"CSVLogger can not write {self.filename}: {error.strerror}."
            ) from error

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self._file is None:
            return
        # A file that was shortened or removed meanwhile is not filled up.
        kept = self._file.truncate(min(self._end, self._file.seek(0, 2)))
        writer = csv.writer(self._file, delimiter=self.separator)
        if not self._columns:
            self._columns = ["epoch", *(logs or {})]
        if not kept:
            writer.writerow(self._columns)
        row = {"epoch": epoch, **(logs or {})}
        if not set(row) <= set(self._columns):
            raise FileError(
                f"{self.filename} has the columns {', '.join(self._columns)}, this fit logs "
                f"{', '.join(row)}; log to another file."
            )
        writer.writerow([row.get(column, "") for column in self._columns])
        self._file.flush()
        self._end = self._file.tell()

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self._file is not None:
            self._file.truncate(min(self._end, self._file.seek(0, 2)))
            self._file.close()
            self._file = None

    def _existing_columns(self) -> list[str]:
        if not self.filename.exists():
            return []
        with self.filename.open(newline="") as file:
            return next(csv.reader(file, delimiter=self.separator), [])


_HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))


class LambdaCallback(Callback):
    """Call functions while a fit goes on: ``LambdaCallback(on_epoch_end=lambda epoch, logs: ...)``.

    Each argument is a hook of :class:`Callback` and takes what that takes.
    Raises UnknownNameError for another name, ArgumentError for what can not be called.
    """

    def __init__(self, **hooks: Callable[..., Any] | None) -> None:
        for name, function in hooks.items():
            if name not in _HOOKS:
                raise unknown_name("hook", name, _HOOKS)
            if function is None:
                continue
            if not callable(function):
                raise ArgumentError(f"{name} must be a function, got {function!r}.")
            setattr(self, name, function)


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
