"""Fetch once: from the cache, else from the first source that has the right files."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from ..core.filesystem import cache_folder
from . import files as store
from .bundles import Bundle
from .errors import DatasetError
from .files import DataFile


def fetch(bundle: Bundle, keep: bool = True) -> dict[str, bytes]:
    """The unzipped content of each file of the bundle, by the file's name, in the bundle's order.

    What the cache has is read from there; a damaged file counts as missing. The rest comes from the
    bundle's sources, is verified and, unless ``keep`` is False, cached. A line on stderr says so
    when a download begins.

    Raises DatasetError when a file is to be had nowhere: the message tells what each source
    answered and what can be done.
    """
    folder = cache_folder("datasets", bundle.name)
    contents, troubles = _from_cache(bundle.files, folder)
    if len(contents) < len(bundle.files):
        print(f"Fetching {bundle.title} ({bundle.megabytes} MB) ...", file=sys.stderr, flush=True)
    for source in bundle.sources:
        missing = _missing(bundle, contents)
        if not missing:
            break
        try:
            for file, raw in source.read(missing):
                contents[file.name] = file.content(raw)
                if keep:
                    store.keep(file, raw, folder)
        except DatasetError as error:
            troubles.append(f"{source}: {error}")
    if missing := _missing(bundle, contents):
        raise _unavailable(bundle, missing, folder, troubles)
    return {file.name: contents[file.name] for file in bundle.files}


def _from_cache(files: Iterable[DataFile], folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """What the cache has, and what it has not: no line or one."""
    contents, troubles = {}, []
    for file in files:
        try:
            contents[file.name] = store.load(file, folder)
        except DatasetError as error:
            troubles.append(str(error))
    return contents, [f"{folder}: {'; '.join(troubles)}"] if troubles else []


def _missing(bundle: Bundle, contents: dict[str, bytes]) -> list[DataFile]:
    return [file for file in bundle.files if file.name not in contents]


def _unavailable(
    bundle: Bundle, missing: list[DataFile], folder: Path, troubles: list[str]
) -> DatasetError:
    tried = "\n".join(f"  {trouble}" for trouble in troubles)
    names = ", ".join(file.name for file in missing)
    return DatasetError(
        f"{bundle.title} is not on this machine and could not be fetched. Tried:\n{tried}\n"
        f"Connect to the internet and try again; or put {names} into {folder}; "
        f"or {bundle.otherwise}."
    )
