"""Write a file whole or not at all.

Where Lampas keeps files that it can make or fetch again.
"""

from __future__ import annotations

import os
import sys
import uuid
from pathlib import Path

from .errors import FileError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, then move it there in one step.

    A reader finds the old file or the new one, never half of one; a failure, or Ctrl-C, leaves the
    old one as it was and nothing else.

    Raises:
        OSError: when that can not be done.
    """
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def cache_folder(*parts: str) -> Path:
    """The folder for files that can be made or fetched again, ``parts`` below its root.

    The root is ``$LAMPAS_CACHE`` where that is set, else ``lampas`` in the place that the platform
    has for caches. The folder is not created.

    Raises FileError when neither ``$LAMPAS_CACHE`` nor a home folder is known.
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
        return _folder_in("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return _folder_in("XDG_CACHE_HOME") or Path.home() / ".cache"


def _folder_in(variable: str) -> Path | None:
    """The absolute path in an environment variable; XDG asks that a relative one be ignored."""
    path = Path(os.environ.get(variable, ""))
    return path if path.is_absolute() else None
