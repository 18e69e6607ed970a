"""Many small files of a package as one, to be verified and cached at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .datafile import DataFile
from .errors import DatasetError
from .sources import Source

JOINT = b"\0"
"""Stands between two files; text has none."""


@dataclass(frozen=True)
class Joined:
    """A source whose files, one after the other, make up a single data file.

    Args:
        source: what has the files.
        names: of the files, in order.
    """

    source: Source
    names: tuple[str, ...]

    def __str__(self) -> str:
        return str(self.source)

    def read(self, files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bytes]]:
        """See `Source.read`. Only the whole has a size and a sha256."""
        if len(files) != 1:
            raise DatasetError(f"joins one file, asked for {len(files)}")
        parts = self.source.read([DataFile(name, 0, "") for name in self.names])
        yield files[0], JOINT.join(raw for _, raw in parts)
