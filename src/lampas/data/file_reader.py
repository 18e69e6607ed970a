"""Base class of the layers that read files into arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np

from ..core.errors import DataError
from ..layers.preprocessing.base import RawInputLayer
from .labels import unreadable_error
from .memory_file import MemoryFile
from .system import cpu_count


class FileReader(RawInputLayer):
    """Read a list of files, given as paths or as bytes, with several threads.

    Subclasses implement ``read_one``, which reads one file.
    """

    noun: ClassVar[str]
    """What a file contains: ``"image"``."""

    def read_one(self, file: Any) -> np.ndarray | str:
        """Return the array of one file, or the reason why it cannot be read."""
        raise NotImplementedError(f"{type(self).__name__} needs a method read_one(file).")

    def require(self) -> None:
        """Raise DataError if a library that reads the files is not installed."""

    def accepts(self, x: Any) -> bool:
        """Whether ``x`` are files: a list of paths or contents, or an array of paths."""
        if isinstance(x, list | tuple):
            return any(self.is_file(item) for item in x)
        return self.is_file(x) or (isinstance(x, np.ndarray) and x.dtype.kind in "OUS")

    def is_file(self, item: Any) -> bool:
        """Whether ``item`` is a path or the content of a file."""
        return isinstance(item, str | bytes | os.PathLike)

    def convert(self, x: Any) -> np.ndarray:
        """Return the arrays of all files, stacked.

        Raises:
            DataError: if files cannot be read; the message names them.
        """
        if self.is_file(x):
            raise DataError(f"expects a list of {self.noun} files, got a single one.")
        files = list(np.ravel(x)) if isinstance(x, np.ndarray) else list(x)
        results = self.read_many(files)
        named = enumerate(zip(files, results, strict=True))
        if broken := [(_name(file, i), why) for i, (file, why) in named if isinstance(why, str)]:
            raise unreadable_error(broken, len(files), self.noun)
        return np.stack(cast("list[np.ndarray]", results))

    def read_many(self, files: Sequence[Any]) -> list[np.ndarray | str]:
        """Return the array of each file, or the reason why it cannot be read.

        Raises:
            DataError: if a library that reads the files is not installed.
        """
        self.require()
        with ThreadPoolExecutor(cpu_count(), "lampas-reader") as pool:
            return list(pool.map(self._read_checked, files))

    def _read_checked(self, file: Any) -> np.ndarray | str:
        if not self.is_file(file):
            return f"it is of type {type(file).__name__}, not a file"
        return self.read_one(file)


def as_openable(file: str | bytes | os.PathLike[str]) -> Path:
    """Return the path of a file, or its content as an object that is opened like a path."""
    # Callers use ``open`` alone.
    return cast("Path", MemoryFile("", file)) if isinstance(file, bytes) else Path(file)


def _name(file: Any, number: int) -> str:
    return str(file) if isinstance(file, str | os.PathLike) else f"number {number}"
