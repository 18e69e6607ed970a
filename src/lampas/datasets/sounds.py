"""Short recordings of drums, loops and synthesizers, in a folder a class."""

from __future__ import annotations

from pathlib import Path

from ..download.packages import APT
from ..download.sources import Package
from .folders import ListedFolder

CLASSES = {
    "ambi": "ambient",
    "bd": "bass drum",
    "drum": "drum kit",
    "elec": "electronic",
    "loop": "loop",
    "tabla": "tabla",
}
"""What the names of each class begin with in the package."""

SAMPLES = ListedFolder(
    name="samples",
    title="Sonic Pi's samples",
    megabytes=22,
    source=Package(APT, "sonic-pi-samples", "usr/share/sonic-pi/samples/"),
    text="samples.txt",
    place=lambda name: f"{CLASSES[name.split('_')[0]]}/{name}",
    otherwise="It needs a system with Debian's packages, and the internet. Elsewhere, take a "
    "folder of your own: lampas.data.sound(path).",
)


def samples() -> Path:
    """A folder of 112 recordings in 6 classes, FLAC at 44,100 hertz: a download of 22 MB.

    The sub-folders are the classes: 11 ambient sounds, 13 bass drums, 20 sounds of a drum kit, 25
    electronic ones, 17 loops and 26 strokes on a tabla, of 0.02 to 10.7 seconds;
    ``lampas.data.sound(samples(), seconds=2)`` reads them. They are the sounds of Sonic Pi, a
    program to make music by writing code, of which there are more than ten of a kind: from
    freesound.org, in the public domain (CC0), and in a package of Debian and its relatives. A
    verified copy stays in the cache.

    Raises DatasetError when they are neither there nor to be fetched: says what can be done.
    """
    return SAMPLES.fetch()
