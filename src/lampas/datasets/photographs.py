"""Cut-out photographs of things, animals and plants, in a folder a class."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from ..core.cache import cache_folder
from ..core.whole import write_whole
from .clients import APT
from .datafile import DataFile
from .errors import DatasetError
from .sources import Package, Source

SOURCE: Source = Package(APT, "tuxpaint-stamps-default", "usr/share/tuxpaint/stamps/")
MEGABYTES = 161
LIST = "stamps.txt"

CLASSES = {
    "animals/birds": "birds",
    "plants/flowers": "flowers",
    "food/fruit": "fruit",
    "household": "household",
    "animals/mammals": "mammals",
    "food/vegetables": "vegetables",
}
"""Where the package has each class."""


class Picture(NamedTuple):
    """A picture as it is published, and its place in the folder of the data set."""

    file: DataFile
    place: str


def stamps() -> Path:
    """A folder of 198 photographs in 6 classes, cut out, PNG: a download of 161 MB.

    The sub-folders are the classes: birds, flowers, fruit, household, mammals and vegetables, 18 to
    63 pictures each, of any size and transparent around the thing;
    ``lampas.data.images(stamps(), 96)`` reads them. They are the photographs among the stamps of
    Tux Paint (B. Kendrick and contributors, GPL 2), a drawing program for children, which Debian
    and its relatives have as a package. A verified copy stays in the cache.

    Raises DatasetError when they are neither there nor to be fetched: says what can be done.
    """
    folder = cache_folder("datasets", "stamps")
    missing = [picture for picture in listed() if not _there(picture, folder)]
    if missing:
        print(f"Fetching Tux Paint's stamps ({MEGABYTES} MB) ...", file=sys.stderr, flush=True)
        _fetch(missing, folder)
    return folder


def listed() -> Iterator[Picture]:
    """The pictures of the data set: each line has sha256, bytes and path in the package."""
    for line in files(__package__).joinpath(LIST).read_text("utf-8").splitlines():
        sha256, size, path = line.split(maxsplit=2)
        (kind,) = [CLASSES[start] for start in CLASSES if path.startswith(f"{start}/")]
        yield Picture(DataFile(path, int(size), sha256), f"{kind}/{Path(path).name}")


def _there(picture: Picture, folder: Path) -> bool:
    try:
        picture.file.content((folder / picture.place).read_bytes())
    except (OSError, DatasetError):
        return False
    return True


def _fetch(missing: list[Picture], folder: Path) -> None:
    places = {picture.file: folder / picture.place for picture in missing}
    try:
        for file, raw in SOURCE.read(list(places)):
            places[file].parent.mkdir(parents=True, exist_ok=True)
            write_whole(places[file], file.content(raw))
    except DatasetError as error:
        raise DatasetError(
            f"Tux Paint's stamps are not in {folder} and could not be fetched. Tried:\n"
            f"  {SOURCE}: {error}\nIt needs a system with Debian's packages, and the internet. "
            "Elsewhere, take a folder of your own: lampas.data.images(path)."
        ) from error
    except OSError as error:
        raise DatasetError(
            f"Tux Paint's stamps could not be written to {folder} ({error}). Set LAMPAS_CACHE to a "
            "folder that can be written to."
        ) from error
