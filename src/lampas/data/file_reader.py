"""Base of the layers that read files: one array from what is in each."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, cast

import numpy as np

from ..core.errors import DataError
from ..layers.preprocessing.base import Reader
from .labels import count
from .system import processors

_MOST = 5


class Held(NamedTuple):
    """The content of a file that lies in memory; it is opened as a path is."""

    content: bytes

    def open(self, mode: str = "rb") -> io.BytesIO:
        """A stream of its bytes."""
        return io.BytesIO(self.content)


class FileReader(Reader):
    """Reads a list of files, by path or by content, with some threads.

    Write ``outcome``, which reads one, in a class of its own.
    """

    what: ClassVar[str]
    """What is in a file: ``"picture"``."""

    def outcome(self, file: Any) -> np.ndarray | str:
        """The array of one file, or why there is none."""
        raise NotImplementedError(f"{type(self).__name__} needs a method outcome(file).")

    def require(self) -> None:
        """Raise DataError when a library that reads the files is not installed."""

    def reads(self, x: Any) -> bool:
        """Whether ``x`` are files: a list of paths or contents, or an array of paths."""
        if isinstance(x, list | tuple):
            return any(self.is_file(item) for item in x)
        return self.is_file(x) or (isinstance(x, np.ndarray) and x.dtype.kind in "OUS")

    def is_file(self, item: Any) -> bool:
        """Whether this is a path or the content of a file."""
        return isinstance(item, str | bytes | os.PathLike)

    def read(self, x: Any) -> np.ndarray:
        """The arrays of all files, stacked.

        Raises DataError that names those that can not be read.
        """
        if self.is_file(x):
            raise DataError(f"expects a list of {self.what} files, got a single one.")
        files = list(np.ravel(x)) if isinstance(x, np.ndarray) else list(x)
        found = self.outcomes(files)
        told = zip(map(_name, files, range(len(files))), found, strict=True)
        broken = [(name, reason) for name, reason in told if isinstance(reason, str)]
        if broken:
            raise self._broken(broken, len(files))
        return np.stack(cast("list[np.ndarray]", found))

    def outcomes(self, files: Sequence[Any]) -> list[np.ndarray | str]:
        """The array of each file, or why there is none.

        Raises DataError when a library that reads them is not installed.
        """
        self.require()
        with ThreadPoolExecutor(processors(), "lampas-reader") as pool:
            return list(pool.map(self._outcome, files))

    def _outcome(self, file: Any) -> np.ndarray | str:
        if not self.is_file(file):
            return f"it is {type(file).__name__}, no file"
        return self.outcome(file)

    def _broken(self, broken: Sequence[tuple[str, str]], total: int) -> DataError:
        lines = "".join(f"\n  {name}: {reason}" for name, reason in broken[:_MOST])
        more = f"\n  and {len(broken) - _MOST:,} more" if len(broken) > _MOST else ""
        return DataError(
            f"{len(broken):,} of {count(total, self.what)} can not be read:{lines}{more}"
        )


def place(file: str | bytes | os.PathLike[str]) -> Path:
    """Where a file is opened: its path, or its content in the place of one."""
    # Those who read it call ``open`` alone.
    return cast("Path", Held(file)) if isinstance(file, bytes) else Path(file)


def _name(file: Any, number: int) -> str:
    return str(file) if isinstance(file, str | os.PathLike) else f"number {number}"
