"""A folder, or a table, of pictures becomes arrays to train on.

What the files say of themselves, and the size and colour that suits them all.
"""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Literal, TypedDict, get_args

import numpy as np

from ...core.errors import ArgumentError, DataError, FileError, unknown_name
from ..labels import Listing, count
from ..system import physical_memory, processors
from .cache import Broken, Verbose, Work, decode_all
from .dataset import Images
from .decode import BrokenPictureError, Color, Form, Header, Resize, header, require_pillow
from .folder import Labels, list_folder, list_table

AnyColor = Literal["rgb", "grey", "auto"]
OnError = Literal["raise", "skip"]
Size = tuple[int, int] | int


class Options(TypedDict, total=False):
    """How pictures are brought to one form; see `images`."""

    size: Size | None
    color: AnyColor
    on_error: OnError
    resize: Resize
    memory: float | None
    workers: int | None
    verbose: Verbose


def images(
    path: str | os.PathLike[str],
    size: Size | None = None,
    color: AnyColor = "rgb",
    *,
    labels: Labels | None = None,
    classes: Sequence[str] | None = None,
    on_error: OnError = "raise",
    resize: Resize = "crop",
    memory: float | None = None,
    workers: int | None = None,
    verbose: Verbose = "auto",
) -> Images:
    """A person's own pictures, decoded to one size, with a label each.

    The sub-folders of ``path`` are the classes, and all pictures beneath one belong to it. Or
    ``path`` is a CSV file with the columns ``file`` and ``label``. JPEG, PNG, GIF, BMP, TIFF, WebP,
    AVIF, JPEG 2000 and the PNM formats are read, in any mode; they come out upright, and on white
    where they are transparent.

    The pictures come in the order of their paths, class by class: use `Images.split` to hold some
    out. Those with the same pixels at this size are found and told; one that is there under two
    labels is a warning.

    Args:
        path: a folder or a CSV file.
        size: height and width, or one number for both; None for the usual size of the files, no
            side above 160, which ``images.size`` then tells.
        color: ``"rgb"``, ``"grey"``, or ``"auto"`` for grey if all files are.
        labels: for a folder without classes: a dict from file name, or path within the folder, to
            class; or a function of that path, a ``PurePosixPath``, that gives the class.
        classes: their names in the order of the labels, to number the parts of a data set alike;
            None for those found, in the order of their names.
        on_error: ``"raise"`` when files are broken, after all have been tried; or ``"skip"`` them.
        resize: ``"crop"`` what hangs over in the middle, ``"stretch"``, or ``"pad"`` with black.
        memory: most bytes to hold in memory, a quarter of the machine's unless given. More pictures
            than that are decoded once into the cache, and read from there as they are needed.
        workers: number of threads that decode; None for one a processor.
        verbose: 0 silent, 1 a live bar ("auto" too), 2 one line at the end.

    Raises:
        DataError: when there are no pictures, fewer than two classes, broken files, or no Pillow.
        FileError: when ``path`` is not there, or the cache has no room.
        ArgumentError: when an argument is not one of the above.
    """
    root = Path(path).expanduser()
    if root.is_dir():
        listing = list_folder(root, labels, classes)
    elif not root.exists():
        raise FileError(f"there is no folder or CSV file {root}{_nearest(root)}.")
    elif labels is not None:
        raise ArgumentError(f"labels goes with a folder; {root} is a file, which names its own.")
    else:
        listing = list_table(root, classes)
    return load_listing(
        listing,
        size=size,
        color=color,
        on_error=on_error,
        resize=resize,
        memory=memory,
        workers=workers,
        verbose=verbose,
    )


def load_listing(
    listing: Listing,
    *,
    size: Size | None = None,
    color: AnyColor = "rgb",
    on_error: OnError = "raise",
    resize: Resize = "crop",
    memory: float | None = None,
    workers: int | None = None,
    verbose: Verbose = "auto",
) -> Images:
    """Decode what was found; the arguments and errors are those of `images`."""
    _check_choice("color", color, get_args(AnyColor))
    _check_choice("on_error", on_error, get_args(OnError))
    _check_choice("resize", resize, get_args(Resize))
    if workers is not None and workers < 1:
        raise ArgumentError(f"workers must be 1 or more threads, got {workers}.")
    if memory is not None and not memory >= 0:
        raise ArgumentError(f"memory must be a number of bytes, got {memory}.")
    require_pillow()
    threads = processors() if workers is None else workers
    with warnings.catch_warnings():
        # Oddities in metadata spoil no pixel, and what does is told as a broken file.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        form = _form(listing, _checked_size(size), color, resize, threads)
        most = physical_memory() / 4 if memory is None else memory
        check = partial(_refuse, listing, on_error)
        found = decode_all(listing, Work(form, most, threads, verbose, check))
    kept = np.ones(len(listing.names), bool)
    kept[[number for number, _ in found.broken]] = False
    _, groups = np.unique(found.digests, return_inverse=True)
    result = Images(
        found.x,
        listing.labels[kept],
        listing.classes,
        tuple(file for file, good in zip(listing.files, kept, strict=True) if good),
        groups,
        _skipped(listing, found.broken),
        listing.left_out,
    )
    _warn_of_conflicts(result)
    return result


def _form(
    listing: Listing, size: tuple[int, int] | None, color: AnyColor, resize: Resize, workers: int
) -> Form:
    """The form asked for, or the one that suits the files."""
    headers = []
    if color == "auto" or size is None:
        headers = survey(listing.files if color == "auto" else sampled(listing.files), workers)
    plain: Color = "rgb" if color == "auto" else color
    if color == "auto" and headers and all(found.grey for found in headers):
        plain = "grey"
    return Form(*(usual_size(headers) if size is None else size), plain, resize)


def _checked_size(size: Size | None) -> tuple[int, int] | None:
    if size is None:
        return None
    sides = (size, size) if isinstance(size, int | np.integer) else tuple(size)
    if len(sides) != 2 or not all(isinstance(n, int | np.integer) and n > 0 for n in sides):
        raise ArgumentError(
            f"size must be (height, width) in pixels, or one number for both, got {size!r}."
        )
    return int(sides[0]), int(sides[1])


def _check_choice(what: str, given: object, known: Sequence[str]) -> None:
    if given not in known:
        raise unknown_name(what, given, known)


def _skipped(listing: Listing, broken: Broken) -> tuple[tuple[Path, str], ...]:
    return (*listing.missing, *((listing.files[number], reason) for number, reason in broken))


def _refuse(listing: Listing, on_error: OnError, broken: Broken) -> None:
    """Raise DataError, which names the broken files, if they are not to be skipped."""
    skipped = _skipped(listing, broken)
    total = len(listing.names) + len(listing.missing)
    if not skipped or (on_error == "skip" and len(skipped) < total):
        return
    lines = "".join(f"\n  {path}: {reason}" for path, reason in skipped[:5])
    more = f"\n  and {len(skipped) - 5:,} more" if len(skipped) > 5 else ""
    advice = "\nMend or remove them; in Python, on_error='skip' leaves them out."
    raise DataError(
        f"{len(skipped):,} of {count(total, 'picture')} can not be read:{lines}{more}"
        + (advice if len(skipped) < total else "")
    )


def _warn_of_conflicts(found: Images) -> None:
    if conflicts := found.conflicts:
        first = ", ".join(str(file) for file in conflicts[0])
        what = f"{count(len(conflicts), 'picture')} {'is' if len(conflicts) == 1 else 'are'}"
        warnings.warn(
            f"{what} there under more than one label: {first}. No network can get them all "
            "right; images.conflicts has them.",
            stacklevel=4,
        )


def _nearest(path: Path) -> str:
    """The part of a path that does exist, as a help to find the mistake."""
    there = next((folder for folder in path.parents if folder.is_dir()), None)
    return "" if there is None else f"; {there.absolute()} is the nearest that exists"


LARGEST = 160
"""The longer side, in pixels, of the size that is chosen where none is given."""
STEP = 8
SAMPLE = 1000
"""How many files, evenly spaced, are asked for their size."""


def survey(files: Sequence[Path], workers: int) -> list[Header]:
    """The headers of those files that have one."""
    with ThreadPoolExecutor(workers, "lampas-survey") as pool:
        return [found for found in pool.map(_header, files) if found is not None]


def sampled(files: Sequence[Path]) -> Sequence[Path]:
    """At most `SAMPLE` of the files, evenly spaced."""
    return files[:: math.ceil(len(files) / SAMPLE) or 1]


def usual_size(headers: Sequence[Header]) -> tuple[int, int]:
    """Height and width that suit most: the medians, no side above `LARGEST`.

    Where all have one size, and it is no larger, that is it; else sides are multiples of `STEP`.
    """
    if not headers:
        return LARGEST, LARGEST
    sizes = np.array([(found.height, found.width) for found in headers])
    height, width = np.median(sizes, axis=0)
    scale = min(1.0, LARGEST / max(height, width))
    if scale == 1.0 and (sizes == sizes[0]).all():
        return int(height), int(width)
    return _stepped(height * scale), _stepped(width * scale)


def _stepped(length: float) -> int:
    return max(STEP, STEP * round(length / STEP))


def _header(path: Path) -> Header | None:
    try:
        return header(path)
    except BrokenPictureError:
        return None
