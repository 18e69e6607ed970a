"""A file in memory that is opened as a path is."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class MemoryFile:
    """The name and the content of a file, to be opened as a `pathlib.Path` is.

    Args:
        name: name in messages; its suffix determines the kind of file.
        content: bytes of the file.
    """

    name: str
    content: bytes

    @property
    def suffix(self) -> str:
        """The last suffix of the name."""
        return PurePosixPath(self.name).suffix

    def open(self, mode: str = "rb") -> io.BytesIO:
        """A stream of its bytes."""
        return io.BytesIO(self.content)

    def __str__(self) -> str:
        return self.name


FilePath = Path | MemoryFile
"""Where a file is read from."""


def as_file(content: Path | bytes, name: str) -> FilePath:
    """The path itself, or bytes as a file of that name in memory."""
    return content if isinstance(content, Path) else MemoryFile(name, content)
