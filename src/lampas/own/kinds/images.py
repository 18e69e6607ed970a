"""Pictures in class folders, or named in a CSV file: a convolutional network tells them apart."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from ...data.collection import Images
from ...data.decode import SUFFIXES
from ...data.image_reader import ImageReader
from ...data.listing import count
from ...data.load import images
from ...report import Report
from ...train.model import Model
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
from .picture_features import pooled
from .picture_form import chosen_epochs, chosen_size
from .picture_report import add_evidence, add_mistakes, add_pictures
from .picture_script import NETWORKS, script
from .picture_survey import Survey, check_target, survey

FEW = 50
"""Pictures of a class below which more of them help most."""
_WHY = {
    "cnn": "convolutions are the usual means for pictures",
    "lenet": "LeNet-5, as asked for: it was made for handwriting",
    "mlp": "as asked for; it does not know which pixels are neighbours",
}


class ImagesKind(Kind):
    """Labelled pictures."""

    name: ClassVar[str] = "images"
    networks: ClassVar[tuple[str, ...]] = tuple(NETWORKS)
    uploads: ClassVar[tuple[str, ...]] = tuple(sorted(SUFFIXES))

    def look(self, wishes: Wishes) -> Found:
        if wishes.target is not None and wishes.path.is_file():
            check_target(wishes.path, wishes.target)
            wishes = replace(wishes, target=None)
        model = check_wishes(wishes, "picture", self.networks, "size")
        there = survey(wishes.path)
        found, groups = there.found, copies(there.found.files)
        unsure = check_classes(found, groups, wishes.seed)
        repeated, conflicts = tell_copies(found, groups)
        total = len(found.files) + len(there.broken)
        size, why = chosen_size(there.headers, wishes.size)
        settings = _settings(there, model, size)
        return Found(
            "classify",
            "class",
            tuple(found.classes),
            (*_reasons(found, settings), why, *repeated),
            (*there.warnings, *tell_broken("picture", there.broken, total), *conflicts, *unsure),
            settings,
        )

    def script(self, found: Found, settings: Settings) -> Script:
        return script(settings)

    def examples(self, part: Images) -> int:
        return len(part)

    def inputs(self, part: Images) -> object:
        return part.x

    def targets(self, part: Images) -> np.ndarray:
        return part.y

    def yardsticks(self, parts: Parts, found: Found, settings: Settings) -> list[Yardstick]:
        train, validation, test = map(pooled, parts)
        classes = len(found.classes)
        name = "logistic regression on coarse pixels"
        return [
            majority(train.y, len(test.y), classes),
            regression(name, train, validation, test.x, classes, settings["seed"]),
        ]

    def read(self, sources: Iterable[Source], settings: Settings) -> Iterator[Asked]:
        return read_files(sources, SUFFIXES, ImageReader(settings["size"], settings["color"]))

    def labelled(self, path: Path, settings: Settings, classes: Sequence[str]) -> Images:
        found = images(
            path, tuple(settings["size"]), settings["color"], classes=classes, on_error="skip"
        )
        for warning in tell_broken("picture", found.skipped, len(found) + len(found.skipped)):
            warnings.warn(warning, stacklevel=2)
        return found

    def add_data(self, report: Report, found: Found, settings: Settings, parts: Parts) -> None:
        add_pictures(report, parts)

    def add_mistakes(
        self, report: Report, found: Found, settings: Settings, test: Images, said: Said
    ) -> None:
        add_mistakes(report, test, said, settings["path"])

    def add_insight(
        self, report: Report, found: Found, settings: Settings, model: Model, parts: Parts
    ) -> None:
        add_evidence(report, model, parts.test)

    def advice(self, found: Found, settings: Settings, parts: Parts) -> list[str]:
        height, width = settings["size"]
        advice = []
        if settings["larger"]:
            advice.append(
                f"If what tells the classes apart is small, {height}x{width} pixels may hide it: "
                f"--size {2 * max(height, width)} shows more and takes about four times as long."
            )
        least = min(parts.train.counts, key=parts.train.counts.get)
        if (number := parts.train.counts[least]) < FEW:
            advice.append(
                f"It has learnt from {count(number, 'picture')} of “{least}” only; pictures in "
                "other light, from other sides and before other backgrounds help most."
            )
        return advice


def _settings(there: Survey, model: str, size: tuple[int, int]) -> Settings:
    number = len(there.headers)
    epochs = chosen_epochs(number, size)
    grey = all(header.grey for header in there.headers)
    larger = np.median([max(header.height, header.width) for header in there.headers]) > max(size)
    return {
        "model": model,
        **amounts(number)._asdict(),
        "epochs": epochs,
        "patience": max(4, epochs // 4),
        "size": list(size),
        "color": "grey" if grey else "rgb",
        "mirror": not grey,
        "larger": bool(larger),
    }


def _reasons(found: Labelled, settings: Settings) -> list[Reason]:
    mirrored = "mirrored, turned" if settings["mirror"] else "turned"
    kept = "" if settings["mirror"] else "; not mirrored, for grey pictures may be of writing"
    return [
        Reason(f"{len(found.classes)} classes", found.described()),
        Reason(
            "grey" if settings["color"] == "grey" else "colour",
            "as all files are" if settings["color"] == "grey" else "not all files are grey",
        ),
        Reason(f"network {settings['model']}", _WHY[settings["model"]]),
        Reason(
            "a new variant in each epoch",
            f"{mirrored}, shifted, enlarged and lit a little, it is still the same thing{kept}",
        ),
        Reason(
            f"dropout {settings['dropout']}, l2 {settings['l2']}",
            f"for {len(found.files):,} pictures: the fewer there are, the more it takes",
        ),
    ]
