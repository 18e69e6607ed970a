"""Atomic writes, and the folder of Lampas's caches."""

from __future__ import annotations

import errno
import os
import sys
import uuid
from pathlib import Path

from .errors import FileError


def atomic_write(path: Path, content: bytes) -> None:
    """Write a temporary file beside ``path``, then move it there in one step.

    A reader finds the old file or the new one, never half of one; after a failure or Ctrl-C the
    old file is unchanged and the temporary one is gone.

    Raises:
        OSError: when the file cannot be written.
    """
    if not path.name:
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def cache_dir(*parts: str) -> Path:
    """The folder for files that can be computed or downloaded again; it is not created.

    The root is ``$LAMPAS_CACHE`` where that is set, else ``lampas`` in the platform's folder for
    caches.

    Args:
        parts: the path below the root.

    Raises:
        FileError: when neither ``$LAMPAS_CACHE`` nor a home folder is known.
    """
    chosen = os.environ.get("LAMPAS_CACHE")
    try:
        root = Path(chosen).expanduser().absolute() if chosen else _platform_caches() / "lampas"
    except RuntimeError as error:
        raise FileError(
            f"No place for the cache: {error} Set LAMPAS_CACHE to a folder that can be written to."
        ) from error
    return root.joinpath(*parts)


def _platform_caches() -> Path:
    if sys.platform == "win32":
        return _dir_from("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return _dir_from("XDG_CACHE_HOME") or Path.home() / ".cache"


def _dir_from(variable: str) -> Path | None:
    """The absolute path in an environment variable; XDG says to ignore a relative one."""
    path = Path(os.environ.get(variable, ""))
    return path if path.is_absolute() else None
