"""What sounds there are: files, classes, and how long they last."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

from ...core.errors import DataError
from ...data.listing import Listing, count, few
from ...data.machine import processors
from ...data.sound_folder import list_sounds
from ...data.sound_reader import SoundReader
from ...data.wave import SUFFIXES, duration, require_soundfile
from .media_checks import Labelled, refuse_parts

FEWEST = 3
"""Files of a class, in the mean, from which on the beginnings of names are classes."""
Where = Literal["folder", "prefix"]


class Survey(NamedTuple):
    """Sounds that can be read, as far as their headers tell, and what is beside them.

    Args:
        found: the sounds.
        seconds: that each lasts.
        broken: files that can not be read, and why.
        labels: where the classes are written, as of `lampas.data.sound`.
    """

    found: Labelled
    seconds: Sequence[float]
    broken: Sequence[tuple[Path, str]]
    labels: Where


def survey(path: Path) -> Survey:
    """Look at a folder with a sub-folder for each class, or whose files begin with the class.

    Raises DataError or FileError when it has no sounds with classes.
    """
    require_soundfile()
    refuse_parts(path)
    listing, labels = _listed(path)
    with ThreadPoolExecutor(processors(), "lampas-survey") as pool:
        seconds = list(pool.map(duration, listing.files))
    good = [number for number, lasts in enumerate(seconds) if lasts > 0]
    broken = _reasons([f for f, lasts in zip(listing.files, seconds, strict=True) if not lasts])
    if not good:
        file, reason = broken[0]
        raise DataError(
            f"none of the {len(seconds):,} sounds in {path} can be read: {file}: {reason}."
        )
    files = [listing.files[i] for i in good]
    found = Labelled("sound", path, files, listing.labels[good], listing.classes)
    return Survey(found, [seconds[i] for i in good], broken, labels)


def _listed(path: Path) -> tuple[Listing, Where]:
    """The sounds by sub-folder, or by the beginning of their names where there is none."""
    if any(_has_sounds(inner) for inner in path.glob("[!.]*/")):
        return list_sounds(path, "folder"), "folder"
    listing = list_sounds(path, "prefix")
    if len(listing.classes) * FEWEST > len(listing.names):
        raise DataError(
            f"{path} has {count(len(listing.names), 'sound')} ({few(listing.names, 3)}) and none "
            "in a sub-folder. Put the sounds of each class into a folder of its own, or begin "
            "their names with the class, as in dog_1.wav."
        )
    return listing, "prefix"


def _has_sounds(folder: Path) -> bool:
    return any(path.suffix.lower() in SUFFIXES for path in folder.rglob("[!.]*"))


def _reasons(files: Sequence[Path]) -> list[tuple[Path, str]]:
    """Why files can not be read."""
    reader = SoundReader(1, 1.0)
    found = zip(files, map(reader.outcome, files), strict=True)
    return [(file, why if isinstance(why, str) else "it is empty") for file, why in found]
