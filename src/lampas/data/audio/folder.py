"""Files of sound in a folder, and the class of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np

from ...core.errors import DataError, FileError
from ..labels import Listing, count, few, in_order
from .decode import SUFFIXES

Labels = Literal["folder", "prefix"] | Callable[[PurePosixPath], object]
"""Where the class of a file is written: see `lampas.data.sound`."""


def list_sounds(root: Path, labels: Labels, classes: Sequence[str] | None = None) -> Listing:
    """The sounds beneath ``root`` in the order of their paths; hidden files are left out.

    Raises:
        FileError: when there is no such folder.
        DataError: when it has no sounds, or fewer than two classes.
    """
    if not root.is_dir():
        raise FileError(f"there is no folder {root.absolute()}.")
    names = [PurePosixPath(path.relative_to(root).as_posix()) for path in sorted(root.rglob("*"))]
    names = [name for name in names if _is_sound(name) and (root / name).is_file()]
    if not names:
        known = ", ".join(sorted(SUFFIXES))
        raise DataError(f"{root} has no sounds. They are files that end in {known}.")
    if labels == "folder":
        inside = [name for name in names if len(name.parts) > 1]
        if not inside:
            raise DataError(
                f"{root} has {count(len(names), 'sound')} ({few(names, 3)}) and none in a "
                "sub-folder. Put the sounds of each class into a folder of its own, or say where "
                "the class is written: labels='prefix' for the name up to the first _ or -, or a "
                "function of the path."
            )
        names = inside
    found = [_class_of(name, labels) for name in names]
    known_classes = in_order(set(found)) if classes is None else tuple(map(str, classes))
    label = {name: number for number, name in enumerate(known_classes)}
    _check(root, found, label)
    y = np.array([label[name] for name in found], np.int32)
    return Listing(root, tuple(map(str, names)), y, known_classes)


def _is_sound(name: PurePosixPath) -> bool:
    hidden = any(part.startswith(".") for part in name.parts)
    return not hidden and name.suffix.lower() in SUFFIXES


def _class_of(name: PurePosixPath, labels: Labels) -> str:
    if labels == "folder":
        return name.parts[0]
    if labels == "prefix":
        return name.stem.replace("-", "_").split("_")[0]
    return str(labels(name))


def _check(root: Path, found: Sequence[str], label: dict[str, int]) -> None:
    if strange := in_order(set(found) - set(label)):
        raise DataError(
            f"{root} has the class {strange[0]!r}, which is not among classes ({few(label)}). "
            "Name all classes, or move it away."
        )
    if len(label) < 2:
        raise DataError(
            f"{root} has sounds of one class only, {found[0]!r} ({len(found):,}); a classifier "
            "needs at least two."
        )
