"""Short recordings of drums, loops and synthesizers, in one folder per class."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ..download.listed_folder import ListedFolder
from ..download.packages import APT
from ..download.sources import Package

CLASSES = {
    "ambi": "ambient",
    "bd": "bass drum",
    "drum": "drum kit",
    "elec": "electronic",
    "loop": "loop",
    "tabla": "tabla",
}
"""Class names by the prefix of the file names in the package."""

SAMPLES = ListedFolder(
    name="samples",
    title="Sonic Pi's samples",
    megabytes=22,
    source=Package(APT, "sonic-pi-samples", "usr/share/sonic-pi/samples/"),
    manifest=files(__package__).joinpath("samples.txt"),
    destination=lambda name: f"{CLASSES[name.split('_')[0]]}/{name}",
    alternative="They are a package of Debian and its derivatives and need the internet. On "
    "other systems, use your own folder: lampas.data.sound(path).",
)


def samples() -> Path:
    """112 recordings of instruments in 6 classes, FLAC at 44,100 Hz: a download of 22 MB.

    The classes are 11 ambient sounds, 13 bass drums, 20 sounds of a drum kit, 25 electronic sounds,
    17 loops and 26 strokes on a tabla, of 0.02 to 10.7 seconds. They are the samples of Sonic Pi, a
    program that makes music from code, in all classes with more than ten recordings, taken from
    freesound.org, in the public domain (CC0), and in a package of Debian and its derivatives.

    Returns:
        The folder in the cache, with one subfolder per class;
        ``lampas.data.sound(samples(), seconds=2)`` reads it.

    Raises:
        DatasetError: the recordings are not in the cache and cannot be fetched.
    """
    return SAMPLES.fetch()
