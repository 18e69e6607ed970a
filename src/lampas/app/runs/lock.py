"""A lock on the folder of a run, so that no two processes write into it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ...core.errors import FileError

LOCK = ".lock"


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder inside the block.

    The operating system releases it when the process ends for any reason, so that a dead process
    holds no lock.

    Args:
        folder: an existing folder.

    Raises:
        FileError: when another process holds the lock, with its number, or when the file of the
            lock cannot be written.
    """
    path = folder / LOCK
    file = _open_locked(path)
    try:
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
    finally:
        with suppress(OSError):  # Windows removes no open files; the next run locks it again.
            path.unlink()
        file.close()


def _open_locked(path: Path) -> IO[str]:
    while True:
        try:
            file = path.open("a+", encoding="ascii", errors="replace")
        except OSError as error:
            raise FileError(f"cannot write {path}: {error.strerror}.") from error
        try:
            _lock(file.fileno())
        except OSError as error:
            file.seek(0)
            holder = file.read(20).strip()
            file.close()
            raise FileError(
                f"process {holder} is writing a run into {path.parent}. Wait until it ends, or "
                "choose another folder with --out."
            ) from error
        with suppress(FileNotFoundError):  # Its holder has just removed it.
            if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                return file
        file.close()


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        """Lock a byte far behind the text, which others may read."""
        os.lseek(descriptor, 2**30, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
