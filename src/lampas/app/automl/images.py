"""Pictures in class folders, or named in a CSV file: a convolutional network tells them apart.

The size of pictures that suits their number, and how long to learn from them.

What pictures there are: files and classes, and what the files say of themselves.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, NamedTuple

import numpy as np

from ...core.errors import ArgumentError, DataError
from ...data.images.dataset import Images
from ...data.images.decode import SUFFIXES, BrokenPictureError, Header, header, require_pillow
from ...data.images.folder import LABEL_COLUMNS, list_folder, list_table
from ...data.images.load import STEP, images, usual_size
from ...data.images.reader import ImageReader
from ...data.labels import Listing, count
from ...data.system import processors
from ...evaluation.baselines import majority, regression
from ...train.model import Model
from ..report import Report
from .defaults import amounts
from .duplicates import copies, tell_copies
from .files import (
    TEST,
    VALIDATION,
    Labelled,
    check_classes,
    check_wishes,
    read_files,
    refuse_parts,
    tell_broken,
)
from .images_features import pooled
from .images_network import NETWORKS, script
from .images_report import add_evidence, add_mistakes, add_pictures
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


SIDES = ((5_000, 64), (15_000, 48))
"""Up to so many pictures the longer side has at most so many pixels."""
LEAST = 32
"""The longer side where there are more."""
SMALLEST, LARGEST = 8, 512
"""Pixels a side that can be asked for: less vanishes in pooling, more would take days."""
PIXELS = 160e6
"""Pixels that are learnt from in all epochs, two minutes' worth on two processors."""
EPOCHS = 8, 50
"""Fewest and most."""


def chosen_size(headers: Sequence[Header], wished: int | None) -> tuple[tuple[int, int], Reason]:
    """Height and width in pixels, and why.

    Raises ArgumentError for a size that is none.
    """
    if wished is not None:
        if not SMALLEST <= wished <= LARGEST:
            raise ArgumentError(f"size must be {SMALLEST} to {LARGEST} pixels, got {wished}.")
        return (wished, wished), Reason(f"{wished}x{wished} pixels", "as asked for")
    height, width = usual = usual_size(headers)
    most = next((side for number, side in SIDES if len(headers) <= number), LEAST)
    scale = min(1.0, most / max(usual))
    if scale == 1.0 and min(usual) >= SMALLEST:
        return usual, Reason(f"{height}x{width} pixels", "the usual size of the files")
    height, width = (max(STEP, STEP * round(side * scale / STEP)) for side in usual)
    why = f"the files are larger; so {len(headers):,} pictures take minutes (--size for another)"
    return (height, width), Reason(f"{height}x{width} pixels", why)


def chosen_epochs(pictures: int, size: tuple[int, int]) -> int:
    """How often all may be learnt from, so that training takes no more than two minutes."""
    learnt = pictures * (1 - VALIDATION - TEST)
    return int(min(max(PIXELS / (learnt * size[0] * size[1]), EPOCHS[0]), EPOCHS[1]))


class Survey(NamedTuple):
    """Pictures that can be read, as far as their headers tell, and what is beside them.

    Args:
        found: the pictures.
        headers: of each.
        broken: files that can not be read, and why.
        warnings: of the listing.
    """

    found: Labelled
    headers: Sequence[Header]
    broken: Sequence[tuple[Path, str]]
    warnings: Sequence[str]


def survey(path: Path) -> Survey:
    """Look at a folder with a sub-folder for each class, or at a CSV file with file and label.

    Raises DataError or FileError when it has no pictures with classes.
    """
    require_pillow()
    refuse_parts(path)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        listing = list_folder(path) if path.is_dir() else list_table(path)
    heads = _headers(listing.files)
    broken = [
        (f, head) for f, head in zip(listing.files, heads, strict=True) if isinstance(head, str)
    ]
    good = [number for number, head in enumerate(heads) if isinstance(head, Header)]
    if not good:
        file, reason = (*listing.missing, *broken)[0]
        raise DataError(
            f"none of the {len(heads):,} pictures in {path} can be read: {file}: {reason}."
        )
    return Survey(
        _labelled(path, listing, good),
        [head for head in heads if isinstance(head, Header)],
        (*listing.missing, *broken),
        [str(warning.message) for warning in told],
    )


def check_target(path: Path, target: str) -> None:
    """Raise ArgumentError when the target is not the column that the labels are read from."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        first = lines.readline().strip()
    fields = first.split(max(",;\t", key=first.count))
    names = [_plain(field.strip().strip('"')) for field in fields]
    labels = next((name for name in LABEL_COLUMNS if name in names), "")
    if _plain(target) != labels:
        where = f"{labels!r}, which is there" if labels else f"one of {', '.join(LABEL_COLUMNS)}"
        raise ArgumentError(
            f"target={target!r}: the classes of pictures are read from the column {where}. Rename "
            f"the columns of {path}, or leave target out."
        )


def _plain(name: str) -> str:
    return name.lower().replace(" ", "_").replace("-", "_")


def _labelled(path: Path, listing: Listing, good: list[int]) -> Labelled:
    files = listing.files
    return Labelled(
        "picture", path, [files[i] for i in good], listing.labels[good], listing.classes
    )


def _headers(files: Sequence[Path]) -> list[Header | str]:
    """What each file says of itself, or why it can not be read."""
    with warnings.catch_warnings(), ThreadPoolExecutor(processors(), "lampas-survey") as pool:
        warnings.simplefilter("ignore")  # what is odd in metadata spoils no pixel
        return list(pool.map(_header, files))


def _header(path: Path) -> Header | str:
    try:
        return header(path)
    except BrokenPictureError as error:
        return str(error)
