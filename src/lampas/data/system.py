"""Memory and processors of this machine, and files that systems leave behind."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

_DEFAULT_MEMORY = 8 * 2**30
# Thumbnails, trash and index files of Windows, macOS and network storage, in lower case.
_SYSTEM_NAMES = frozenset(
    {
        *("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin"),
        *("system volume information", "lost+found", "@eadir", "@recycle", "@tmp", "@syno"),
        *("#recycle", "#snapshot", "network trash folder"),
    }
)


def physical_memory() -> int:
    """Return the bytes of physical memory; 8 GiB if the platform does not report it."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return _DEFAULT_MEMORY


def cpu_count() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def list_files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The files in a folder with such a suffix, in any letter case, sorted; none of the system."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.name.lower().endswith(suffixes) and not is_system_path(Path(path.name))
    )


def is_system_path(path: PurePath) -> bool:
    """Whether a relative path is hidden or lies in a folder of the system, such as thumbnails.

    Example:
        >>> from pathlib import PurePath
        >>> is_system_path(PurePath("cats/@eaDir/1.jpg")), is_system_path(PurePath("cats/1.jpg"))
        (True, False)
    """
    return any(part.startswith(".") or part.lower() in _SYSTEM_NAMES for part in path.parts)
