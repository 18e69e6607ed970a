"""Sounds in class folders: a recurrent network hears them apart by their spectrograms."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np

from ...data.listing import count
from ...data.load_sound import sound
from ...data.sound_reader import SoundReader
from ...data.sounds import Sounds
from ...data.wave import SUFFIXES
from ...report import Report
from ..amounts import amounts
from ..kind import (
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
from .media_checks import Labelled, check_classes, check_wishes, tell_broken
from .media_copies import copies, tell_copies
from .media_files import read_files
from .media_yardsticks import majority, regression
from .sound_features import bands
from .sound_form import RATE, chosen_epochs, chosen_seconds
from .sound_report import add_mistakes, add_sounds
from .sound_script import NETWORKS, script
from .sound_survey import survey

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
