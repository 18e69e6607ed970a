"""Images in one folder per class: published archives, and photographs of objects."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ..download.listed_folder import ListedFolder
from ..download.packages import APT
from ..download.sources import Package
from ..download.web_archive import WebArchive

TF_FLOWERS = WebArchive(
    name="tf_flowers",
    title="TensorFlow's flowers",
    address="https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz",
    size=228_813_984,
    sha256="4c54ace7911aaffe13a365c34f650e71dd5bf1be0a58b464e5a7183e3e595d9c",
    folder="flower_photos",
    source="3,670 photographs of flowers in five classes, collected by the TensorFlow team (2019); "
    "each under CC BY 2.0, by the photographers named in its LICENSE.txt.",
)

NIH_MALARIA = WebArchive(
    name="nih_malaria",
    title="the NIH's malaria cells",
    address="https://data.lhncbc.nlm.nih.gov/public/Malaria/cell_images.zip",
    size=353_452_851,
    sha256="0a949556b2414159b5100192609805376654c4266d8d187be9b1922fad43c668",
    folder="cell_images",
    source="27,558 red blood cells from thin smears of 201 people, by the U.S. National Library of "
    "Medicine (S. Rajaraman et al., PeerJ 6:e4568, 2018; public domain).",
)

CLASSES = {
    "animals/birds": "birds",
    "plants/flowers": "flowers",
    "food/fruit": "fruit",
    "household": "household",
    "animals/mammals": "mammals",
    "food/vegetables": "vegetables",
}
"""Class names by their folder in the package."""


def stamp_path(name: str) -> str:
    """Path of an image in the data set, from its path in the package."""
    (label,) = [CLASSES[start] for start in CLASSES if name.startswith(f"{start}/")]
    return f"{label}/{Path(name).name}"


STAMPS = ListedFolder(
    name="stamps",
    title="Tux Paint's stamps",
    megabytes=161,
    source=Package(APT, "tuxpaint-stamps-default", "usr/share/tuxpaint/stamps/"),
    manifest=files(__package__).joinpath("stamps.txt"),
    destination=stamp_path,
    alternative="They are a package of Debian and its derivatives and need the internet. On "
    "other systems, use your own folder: lampas.data.images(path).",
)


def stamps() -> Path:
    """198 photographs of objects, animals and plants in 6 classes: a download of 161 MB.

    The images are PNG files of various sizes with a transparent background, 18 to 63 per class:
    birds, flowers, fruit, household, mammals and vegetables. They are the photographs among the
    stamps of Tux Paint (B. Kendrick and contributors, GPL 2), a drawing program for children that
    is a package of Debian and its derivatives.

    Returns:
        The folder in the cache, with one subfolder per class; ``lampas.data.images(stamps(), 96)``
        reads it.

    Raises:
        DatasetError: the images are not in the cache and cannot be fetched.
    """
    return STAMPS.fetch()
