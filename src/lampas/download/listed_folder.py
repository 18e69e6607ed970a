"""Fetch a folder of many small files, which a manifest lists with their sizes and SHA-256."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from ..core.filesystem import atomic_write, cache_dir
from .errors import DatasetError
from .files import DataFile, announce, read_manifest
from .sources import DownloadSource


@dataclass(frozen=True)
class ListedFolder:
    """Files of a source that make up a folder with one subfolder per class.

    Args:
        name: name of the data set and of its folder in the cache.
        title: name to display.
        megabytes: approximate size of the download.
        source: the source of the files.
        manifest: text file with one line per file: SHA-256, size in bytes and path.
        destination: maps a file's path in the source to its path in the folder.
        alternative: what to do without the files; the end of an error message.
    """

    name: str
    title: str
    megabytes: int
    source: DownloadSource
    manifest: Traversable
    destination: Callable[[str], str]
    alternative: str

    def fetch(self) -> Path:
        """Return the folder in the cache, after fetching files that are missing or damaged.

        Raises:
            DatasetError: the files are not available; the message says what to do.
        """
        folder = cache_dir("datasets", self.name)
        missing = [file for file in self.listed() if not self._is_valid(file, folder)]
        if missing:
            announce(self.title, self.megabytes)
            self._fetch(missing, folder)
        return folder

    def listed(self) -> tuple[DataFile, ...]:
        """The files in the manifest."""
        return read_manifest(self.manifest)

    def _is_valid(self, file: DataFile, folder: Path) -> bool:
        try:
            file.verify((folder / self.destination(file.name)).read_bytes())
        except (OSError, DatasetError):
            return False
        return True

    def _fetch(self, missing: list[DataFile], folder: Path) -> None:
        try:
            for file, raw in self.source.read(missing):
                path = folder / self.destination(file.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                atomic_write(path, file.verify(raw))
        except DatasetError as error:
            raise DatasetError(
                f"{self.title} are not in {folder} and could not be fetched. Tried:\n"
                f"  {self.source}: {error}\n{self.alternative}"
            ) from error
        except OSError as error:
            raise DatasetError(
                f"{self.title} could not be written to {folder} ({error}). Set LAMPAS_CACHE to a "
                "writable folder."
            ) from error
