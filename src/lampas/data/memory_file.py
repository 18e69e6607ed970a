"""A table's file that lies in memory."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path, PurePosixPath


@dataclass(frozen=True)
class Held:
    """A file's name and content, to be opened as a path is; nothing is read from the disk.

    Args:
        name: what it is called in messages; its ending tells the kind of file.
        content: its bytes.
    """

    name: str
    content: bytes

    @property
    def suffix(self) -> str:
        """The last ending of the name."""
        return PurePosixPath(self.name).suffix

    def open(self, mode: str = "rb") -> io.BytesIO:
        """A stream of its bytes."""
        return io.BytesIO(self.content)

    def __str__(self) -> str:
        return self.name


Place = Path | Held
"""Where a table is read."""
