"""The cache on disk: whole files or none."""

from __future__ import annotations

import contextlib
import time
import warnings
from pathlib import Path

from ..core.whole import write_whole
from .datafile import DataFile, zipped
from .errors import DatasetError

_HOUR = 3600.0


def load(file: DataFile, folder: Path) -> bytes:
    """The verified content of ``file`` in ``folder``.

    Raises DatasetError, which says why, when it is missing, unreadable or damaged.
    """
    try:
        raw = (folder / file.name).read_bytes()
    except FileNotFoundError as error:
        raise DatasetError(f"no {file.name}") from error
    except OSError as error:
        raise DatasetError(f"{file.name} can not be read ({error})") from error
    return file.content(raw)


def keep(file: DataFile, raw: bytes, folder: Path) -> None:
    """Puts ``raw`` into ``folder`` under the file's name, in one step.

    Any number of processes may do so at once: a reader finds the old file or the new one, whole.
    When the folder can not be written to, the data is usable all the same: a warning says so.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        write_whole(folder / file.name, zipped(raw))
    except OSError as error:
        warnings.warn(
            f"{file.name} could not be kept in {folder} ({error}) and will be fetched "
            "again next time. Set LAMPAS_CACHE to a folder that can be written to.",
            stacklevel=2,
        )


def _sweep(folder: Path) -> None:
    """Removes what a process that was killed while writing has left."""
    for part in folder.glob(".*.part"):
        with contextlib.suppress(FileNotFoundError):  # Another process may sweep too.
            if time.time() - part.stat().st_mtime > _HOUR:
                part.unlink()
