"""Cut-out photographs of things, animals and plants, in a folder a class."""

from __future__ import annotations

from pathlib import Path

from ..download.packages import APT
from ..download.sources import Package
from .folders import ListedFolder

CLASSES = {
    "animals/birds": "birds",
    "plants/flowers": "flowers",
    "food/fruit": "fruit",
    "household": "household",
    "animals/mammals": "mammals",
    "food/vegetables": "vegetables",
}
"""Where the package has each class."""


def place(name: str) -> str:
    """Where a picture of the package goes in the folder of the data set."""
    (kind,) = [CLASSES[start] for start in CLASSES if name.startswith(f"{start}/")]
    return f"{kind}/{Path(name).name}"


STAMPS = ListedFolder(
    name="stamps",
    title="Tux Paint's stamps",
    megabytes=161,
    source=Package(APT, "tuxpaint-stamps-default", "usr/share/tuxpaint/stamps/"),
    text="stamps.txt",
    place=place,
    otherwise="It needs a system with Debian's packages, and the internet. Elsewhere, take a "
    "folder of your own: lampas.data.images(path).",
)


def stamps() -> Path:
    """A folder of 198 photographs in 6 classes, cut out, PNG: a download of 161 MB.

    The sub-folders are the classes: birds, flowers, fruit, household, mammals and vegetables, 18 to
    63 pictures each, of any size and transparent around the thing;
    ``lampas.data.images(stamps(), 96)`` reads them. They are the photographs among the stamps of
    Tux Paint (B. Kendrick and contributors, GPL 2), a drawing program for children, which Debian
    and its relatives have as a package. A verified copy stays in the cache.

    Raises DatasetError when they are neither there nor to be fetched: says what can be done.
    """
    return STAMPS.fetch()
