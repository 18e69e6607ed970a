"""A data set of many small files, each named in a list with its size and its sha256."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ..core.filesystem import cache_folder, write_whole
from ..download.errors import DatasetError
from ..download.files import DataFile
from ..download.sources import Source


@dataclass(frozen=True)
class ListedFolder:
    """Files of a package that make up a folder with a sub-folder for each class.

    Args:
        name: the set's name and that of its folder in the cache.
        title: its name for people.
        megabytes: about how much is downloaded.
        source: what has the files.
        text: name of the list beside this module; each line has sha256, bytes and path.
        place: where a file goes in the folder, by its path in the source.
        otherwise: what to do without it, the end of a message.
    """

    name: str
    title: str
    megabytes: int
    source: Source
    text: str
    place: Callable[[str], str]
    otherwise: str

    def fetch(self) -> Path:
        """The folder in the cache, where files that are missing or damaged are fetched first.

        Raises DatasetError when they can not be had: says what can be done.
        """
        folder = cache_folder("datasets", self.name)
        missing = [file for file in self.listed() if not self._there(file, folder)]
        if missing:
            print(f"Fetching {self.title} ({self.megabytes} MB) ...", file=sys.stderr, flush=True)
            self._fetch(missing, folder)
        return folder

    def listed(self) -> Iterator[DataFile]:
        """The files as they are published."""
        for line in files(__package__).joinpath(self.text).read_text("utf-8").splitlines():
            sha256, size, path = line.split(maxsplit=2)
            yield DataFile(path, int(size), sha256)

    def _there(self, file: DataFile, folder: Path) -> bool:
        try:
            file.content((folder / self.place(file.name)).read_bytes())
        except (OSError, DatasetError):
            return False
        return True

    def _fetch(self, missing: list[DataFile], folder: Path) -> None:
        try:
            for file, raw in self.source.read(missing):
                path = folder / self.place(file.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, file.content(raw))
        except DatasetError as error:
            raise DatasetError(
                f"{self.title} are not in {folder} and could not be fetched. Tried:\n"
                f"  {self.source}: {error}\n{self.otherwise}"
            ) from error
        except OSError as error:
            raise DatasetError(
                f"{self.title} could not be written to {folder} ({error}). Set LAMPAS_CACHE to a "
                "folder that can be written to."
            ) from error
