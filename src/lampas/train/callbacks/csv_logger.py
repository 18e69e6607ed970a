"""Write the logs of each epoch to a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import ClassVar, TextIO

from ...core.errors import FileError
from .base import Callback, Logs


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
