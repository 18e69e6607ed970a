"""Sounds in class folders: a recurrent network hears them apart by their spectrograms.

What sounds there are: files, classes, and how long they last.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from ...core.errors import DataError
from ...data.audio.dataset import Sounds
from ...data.audio.decode import SUFFIXES, duration, require_soundfile
from ...data.audio.folder import list_sounds
from ...data.audio.load import sound
from ...data.audio.reader import SoundReader
from ...data.labels import Listing, count, few
from ...data.system import processors
from ...evaluation.baselines import majority, regression
from ..report import Report
from .audio_features import RATE, bands, chosen_epochs, chosen_seconds
from .audio_network import NETWORKS, script
from .audio_report import add_mistakes, add_sounds
from .defaults import amounts
from .duplicates import copies, tell_copies
from .files import Labelled, check_classes, check_wishes, read_files, refuse_parts, tell_broken
from .task import (
    Asked,
    Found,
    Kind,
    Parts,
    Reason,
    Said,
    Script,
    Settings,
    Source,
    Wishes,
    Yardstick,
)

FEW = 30
"""Sounds of a class below which more of them help most."""
_WHY = {
    "rnn": "a recurrent network is the usual means for what comes one after another",
    "cnn": "convolutions, as asked for",
}


class SoundsKind(Kind):
    """Labelled sounds."""

    name: ClassVar[str] = "sounds"
    networks: ClassVar[tuple[str, ...]] = tuple(NETWORKS)
    uploads: ClassVar[tuple[str, ...]] = tuple(sorted(SUFFIXES))

    def look(self, wishes: Wishes) -> Found:
        model = check_wishes(wishes, "sound", self.networks, "seconds")
        found, lengths, broken, labels = survey(wishes.path)
        groups = copies(found.files)
        unsure = check_classes(found, groups, wishes.seed)
        repeated, conflicts = tell_copies(found, groups)
        seconds, why = chosen_seconds(lengths, wishes.seconds)
        epochs = chosen_epochs(len(found.files), seconds)
        settings = {
            "model": model,
            **amounts(len(found.files))._asdict(),
            "epochs": epochs,
            "patience": max(4, epochs // 4),
            "seconds": seconds,
            "labels": labels,
            "files": len(found.files),
        }
        return Found(
            "classify",
            "class",
            tuple(found.classes),
            (*_reasons(found, settings), why, *repeated),
            (*tell_broken("sound", broken, len(found.files) + len(broken)), *conflicts, *unsure),
            settings,
        )

    def script(self, found: Found, settings: Settings) -> Script:
        return script(settings)

    def examples(self, part: Sounds) -> int:
        return len(part)

    def inputs(self, part: Sounds) -> np.ndarray:
        return part.x

    def targets(self, part: Sounds) -> np.ndarray:
        return part.y

    def yardsticks(self, parts: Parts, found: Found, settings: Settings) -> list[Yardstick]:
        train, validation, test = map(bands, parts)
        classes = len(found.classes)
        name = "logistic regression on bands"
        return [
            majority(train.y, len(test.y), classes),
            regression(name, train, validation, test.x, classes, settings["seed"]),
        ]

    def read(self, sources: Iterable[Source], settings: Settings) -> Iterator[Asked]:
        return read_files(sources, SUFFIXES, SoundReader(RATE, settings["seconds"]))

    def labelled(self, path: Path, settings: Settings, classes: Sequence[str]) -> Sounds:
        found = sound(
            path,
            RATE,
            settings["seconds"],
            labels=settings["labels"],
            classes=classes,
            on_error="skip",
        )
        for warning in tell_broken("sound", found.skipped, len(found) + len(found.skipped)):
            warnings.warn(warning, stacklevel=2)
        return found

    def add_data(self, report: Report, found: Found, settings: Settings, parts: Parts) -> None:
        add_sounds(report, parts)
        # Whether all of a file can be decoded shows when it is read.
        if lost := settings["files"] - sum(map(len, parts)):
            report.text(
                f"{count(lost, 'more sound')} can not be read to the end and left out; lampas "
                "evaluate names them."
            )

    def add_mistakes(
        self, report: Report, found: Found, settings: Settings, test: Sounds, said: Said
    ) -> None:
        add_mistakes(report, test, said, settings["path"])

    def advice(self, found: Found, settings: Settings, parts: Parts) -> list[str]:
        least = min(parts.train.counts, key=parts.train.counts.get)
        number = parts.train.counts[least]
        if number >= FEW:
            return []
        return [
            f"It has learnt from {count(number, 'sound')} of “{least}” only; recordings from other "
            "places, with other devices and of other speakers or things help most."
        ]


def _reasons(found: Labelled, settings: Settings) -> list[Reason]:
    where = "folder" if settings["labels"] == "folder" else "beginning of the names"
    return [
        Reason(f"{len(found.classes)} classes", f"by {where}; {found.described()}"),
        Reason("mono, 16,000 samples a second", "what speech and most sounds need"),
        Reason(f"network {settings['model']}", f"{_WHY[settings['model']]}; on spectrograms"),
        Reason(
            f"dropout {settings['dropout']}, l2 {settings['l2']}",
            f"for {len(found.files):,} sounds: the fewer there are, the more it takes",
        ),
    ]


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
    broken = _survey_reasons(
        [f for f, lasts in zip(listing.files, seconds, strict=True) if not lasts]
    )
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


def _survey_reasons(files: Sequence[Path]) -> list[tuple[Path, str]]:
    """Why files can not be read."""
    reader = SoundReader(1, 1.0)
    found = zip(files, map(reader.outcome, files), strict=True)
    return [(file, why if isinstance(why, str) else "it is empty") for file, why in found]
