"""Callbacks that write logs or the model to files, or call functions."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TextIO

from ...core.errors import ArgumentError, FileError, unknown_name
from ...core.terminal import write_line
from ...saving.architecture import describe
from ...saving.model_file import check_path
from .base import HOOKS, Callback, Logs, Mode, MonitorCallback


class CSVLogger(Callback):
    """Write the logs of each epoch to a CSV file: ``epoch`` (from 0), then the logged values.

    Args:
        filename: the file.
        separator: text between values.
        append: whether to continue an existing file, without a second header.

    Raises:
        FileError: in the fit, if the file cannot be written or has other columns.

    Example:
        >>> import lampas as lp
        >>> lp.CSVLogger("log.csv", append=True).separator
        ','
    """

    reads_logs_only: ClassVar[bool] = True
    state_attributes: ClassVar[tuple[str, ...]] = ("_columns", "_end")

    def __init__(self, filename: str | Path, separator: str = ",", append: bool = False) -> None:
        self.filename = Path(filename)
        self.separator, self.append = separator, append
        self._file: TextIO | None = None
        self._columns: list[str] = []
        self._expected: list[str] = []
        self._end = 0

    def check_logs(self, logs: Logs) -> None:
        # The first epoch may be one without validation.
        self._expected = list(logs)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        try:
            self._columns = self._existing_columns() if self.append else []
            # An old file is cut off with the first row: a fit that is resumed keeps its rows.
            self._file = self.filename.open("a", newline="")
            self._end = self._file.tell() if self._columns else 0
        except OSError as error:
            raise FileError(f"CSVLogger cannot write {self.filename}: {error.strerror}.") from error

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self._file is None:
            return
        # A file that was shortened or removed in the meantime is not filled up.
        size = self._file.truncate(min(self._end, self._file.seek(0, 2)))
        writer = csv.writer(self._file, delimiter=self.separator)
        if not self._columns:
            self._columns = ["epoch", *dict.fromkeys([*(logs or {}), *self._expected])]
        if not size:
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


class LambdaCallback(Callback):
    """Call functions during a fit: ``LambdaCallback(on_epoch_end=lambda epoch, logs: ...)``.

    Args:
        hooks: functions by the name of a hook of :class:`Callback`, with its arguments.

    Raises:
        UnknownNameError: for another name.
        ArgumentError: for a value that is not callable.

    Example:
        >>> import lampas as lp
        >>> callback = lp.LambdaCallback(
        ...     on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"])
        ... )
        >>> callback.on_epoch_end(3, {"loss": 0.5})
        3 0.5
    """

    def __init__(self, **hooks: Callable[..., Any] | None) -> None:
        for name, function in hooks.items():
            if name not in HOOKS:
                raise unknown_name("hook", name, HOOKS)
            if function is None:
                continue
            if not callable(function):
                raise ArgumentError(f"{name} must be a function, got {function!r}.")
            setattr(self, name, function)


class ModelCheckpoint(MonitorCallback):
    """Save the model after each epoch, or only when ``monitor`` has improved.

    Args:
        filepath: path of the file, which may contain ``{epoch}`` (from 1) and logged names, as in
            ``"net-{epoch:03d}-{val_loss:.3f}.safetensors"``.
        monitor: name of the logged value for ``save_best_only``.
        save_best_only: whether to write only if ``monitor`` has improved.
        save_weights_only: whether to write the weights alone, for ``model.load_weights``.
        mode: whether "min" or "max" is better; "auto" asks the metric.
        verbose: 1 prints a line for each file.

    Files are written atomically.

    Raises:
        ArgumentError: for an unknown mode; before the training, for a name in ``filepath`` or a
            ``monitor`` that is not logged.
        FileError: for the name of another framework's file; before the first epoch, if the model
            cannot be saved; in the fit, if the file cannot be written.

    Example:
        >>> import lampas as lp
        >>> lp.ModelCheckpoint("net-{epoch:03d}.safetensors", save_best_only=True).monitor
        'val_loss'
    """

    state_attributes: ClassVar[tuple[str, ...]] = ("best",)

    def __init__(
        self,
        filepath: str | Path,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: Mode = "auto",
    ) -> None:
        super().__init__(monitor, mode)
        check_path(filepath)
        self.filepath, self.verbose = str(filepath), verbose
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only
        self.best = math.inf

    def check_logs(self, logs: Logs) -> None:
        if self.save_best_only:
            super().check_logs(logs)
        self._path(0, logs)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        if self.save_best_only:
            super().on_train_begin(logs)
        self.best = math.inf
        folder = Path(self.filepath).parent
        if "{" not in str(folder) and not folder.is_dir():
            raise FileError(f"ModelCheckpoint cannot write to {folder}: there is no such folder.")
        if not self.save_weights_only:
            describe(self.model)  # raises before the training, not after the first epoch

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_best_only:
            value = self.current(logs)
            if value is None or not self._sign * value < self.best:
                return
            self.best = self._sign * value
        path = self._path(epoch, logs or {})
        model: Any = self.model
        (model.save_weights if self.save_weights_only else model.save)(path)
        if self.verbose:
            write_line(f"Epoch {epoch + 1}: saved {path}")

    def _path(self, epoch: int, logs: Logs) -> str:
        try:
            return self.filepath.format(epoch=epoch + 1, **logs)
        except (KeyError, IndexError, ValueError) as error:
            raise ArgumentError(
                f"ModelCheckpoint cannot fill in {self.filepath!r}: {error}. Available: epoch, "
                f"{', '.join(logs)}."
            ) from error
