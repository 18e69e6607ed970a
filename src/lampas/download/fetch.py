"""Fetch the files of a data set: from the cache, or from the first source that has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..core.filesystem import cache_dir
from . import files as cache
from .errors import DatasetError
from .files import DataFile
from .sources import DownloadSource


@dataclass(frozen=True)
class DatasetFiles:
    """The files of a data set and the sources that have them.

    Args:
        name: name of the data set and of its folder in the cache.
        title: name to display.
        megabytes: approximate size of the download.
        files: the files.
        sources: sources of the files, in the order in which they are tried.
        alternative: what to do without the files; the end of an error message that continues
            "or ...".
    """

    name: str
    title: str
    megabytes: int
    files: tuple[DataFile, ...]
    sources: tuple[DownloadSource, ...]
    alternative: str


def fetch(dataset: DatasetFiles, keep: bool = True) -> dict[str, bytes]:
    """Return the decompressed content of each file of a data set.

    Files are read from the cache if they are there and undamaged. The others are fetched from the
    sources, verified and, if ``keep``, cached. A line on stderr announces a download.

    Args:
        dataset: the files and their sources.
        keep: whether downloaded files are cached.

    Returns:
        The contents by file name, in the order of ``dataset.files``.

    Raises:
        DatasetError: no source has a file. The message lists the answer of each source and what
            can be done.
    """
    folder = cache_dir("datasets", dataset.name)
    contents, failures = _from_cache(dataset.files, folder)
    if len(contents) < len(dataset.files):
        cache.announce(dataset.title, dataset.megabytes)
    for source in dataset.sources:
        missing = _missing(dataset, contents)
        if not missing:
            break
        try:
            for file, raw in source.read(missing):
                contents[file.name] = file.verify(raw)
                if keep:
                    cache.store(file, raw, folder)
        except DatasetError as error:
            failures.append(f"{source}: {error}")
    if missing := _missing(dataset, contents):
        tried = "\n".join(f"  {failure}" for failure in failures)
        names = ", ".join(file.name for file in missing)
        raise DatasetError(
            f"{dataset.title} is not in the cache and could not be fetched. Tried:\n{tried}\n"
            f"Connect to the internet and try again; or put {names} into {folder}; "
            f"or {dataset.alternative}."
        )
    return {file.name: contents[file.name] for file in dataset.files}


def _from_cache(files: Iterable[DataFile], folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """The contents in the cache, and a list with one line about the files that are not there."""
    contents, failures = {}, []
    for file in files:
        try:
            contents[file.name] = cache.load(file, folder)
        except DatasetError as error:
            failures.append(str(error))
    return contents, [f"{folder}: {'; '.join(failures)}"] if failures else []


def _missing(dataset: DatasetFiles, contents: dict[str, bytes]) -> list[DataFile]:
    return [file for file in dataset.files if file.name not in contents]
