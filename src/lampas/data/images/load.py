"""Load a folder, or a CSV file, of labelled images into an array of one size."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import compress
from pathlib import Path
from typing import Literal, TypedDict, get_args

import numpy as np

from ...core.errors import ArgumentError, FileError
from ..dataset import OnError, broken_examples_error, check_on_error, warn_of_conflicts
from ..labels import FileIndex, check_choice, value_or_reason
from ..system import cpu_count, physical_memory
from .cache import Broken, DecodeOptions, Verbose, decode_all
from .dataset import Images
from .decode import Header, ImageFormat, Resize, parse_size, read_header, require_pillow
from .folder import Labels, list_folder, list_table

AnyColor = Literal["rgb", "grey", "auto"]
Size = tuple[int, int] | int

MAX_SIDE = 160
"""Longer side, in pixels, of the largest size that is chosen if none is given."""
SIDE_STEP = 8
"""Sides that are chosen are multiples of this."""
MAX_HEADERS = 1000
"""Number of files whose headers are read to choose a size."""


class ImageOptions(TypedDict, total=False):
    """Options of `images` that say how images are decoded."""

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
    """Load labelled images, decoded to one size.

    The sub-folders of ``path`` are the classes, and all images beneath one belong to it. Or
    ``path`` is a CSV file with the columns ``file`` and ``label``. JPEG, PNG, GIF, BMP, TIFF, WebP,
    AVIF, JPEG 2000 and the PNM formats are read, in any mode. Images are rotated upright as their
    metadata says, and transparent parts become white.

    The images are sorted by path, class by class: use `Images.split` to hold some out. Images with
    the same pixels at this size are counted as duplicates; one that occurs with more than one label
    causes a warning.

    Args:
        path: a folder or a CSV file.
        size: height and width, or one number for both; None for the median size of the files, no
            side above 160.
        color: ``"rgb"``, ``"grey"``, or ``"auto"`` for grey if all files are grey.
        labels: for a folder whose sub-folders are not classes: a dict from file name, or path
            within the folder, to class; or a function of that path, a ``PurePosixPath``, that
            returns the class.
        classes: class names in label order, so that the splits of a dataset get the same labels;
            None for those of the files, sorted.
        on_error: ``"raise"`` if files are broken, after all have been tried; or ``"skip"`` them.
        resize: how other proportions fit: ``"crop"`` the center, ``"stretch"``, or ``"pad"`` with
            black.
        memory: maximum number of bytes to hold in memory; None for a quarter of the machine's. More
            images than that are decoded into the cache once, and read from there as needed.
        workers: number of threads that decode; None for one per processor.
        verbose: 0 silent, 1 a live progress bar (same as "auto"), 2 one line at the end.

    Raises:
        DataError: if there are no images, fewer than two classes, broken files, or no Pillow.
        FileError: if ``path`` does not exist, or the cache has no room.
        ArgumentError: if an argument is invalid.
    """
    root = Path(path).expanduser()
    if root.is_dir():
        index = list_folder(root, labels, classes)
    elif not root.exists():
        raise FileError(f"there is no folder or CSV file {root}{_nearest(root)}.")
    elif labels is not None:
        raise ArgumentError(f"labels is for folders; {root} is a file, which has its own labels.")
    else:
        index = list_table(root, classes)
    return load_indexed_images(index, size, color, on_error, resize, memory, workers, verbose)


def load_indexed_images(
    index: FileIndex,
    size: Size | None = None,
    color: AnyColor = "rgb",
    on_error: OnError = "raise",
    resize: Resize = "crop",
    memory: float | None = None,
    workers: int | None = None,
    verbose: Verbose = "auto",
) -> Images:
    """Decode indexed files; the arguments and errors are those of `images`."""
    check_choice("color", color, get_args(AnyColor))
    check_on_error(on_error)
    check_choice("resize", resize, get_args(Resize))
    if workers is not None and workers < 1:
        raise ArgumentError(f"workers must be 1 or more threads, got {workers}.")
    if memory is not None and not memory >= 0:
        raise ArgumentError(f"memory must be a number of bytes, got {memory}.")
    require_pillow()
    threads = cpu_count() if workers is None else workers
    with warnings.catch_warnings():
        # Pillow warns of odd metadata, which does no harm; broken pixels are reported as errors.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        image_format = _image_format(index, size, color, resize, threads)
        max_bytes = physical_memory() / 4 if memory is None else memory
        check = partial(_check_broken, index, on_error)
        options = DecodeOptions(image_format, max_bytes, threads, verbose, check)
        decoded = decode_all(index, options)
    readable = np.ones(len(index.names), bool)
    readable[[number for number, _ in decoded.broken]] = False
    _, groups = np.unique(decoded.digests, return_inverse=True)
    files = tuple(compress(index.files, readable))
    y, skipped = index.labels[readable], _skipped(index, decoded.broken)
    result = Images(decoded.x, y, index.classes, files, groups, skipped, index.left_out)
    warn_of_conflicts(result, "images", stacklevel=3)
    return result


def _image_format(
    index: FileIndex, size: Size | None, color: AnyColor, resize: Resize, workers: int
) -> ImageFormat:
    """The requested format, completed from the files' headers."""
    sides = None if size is None else parse_size(size)
    headers: list[Header] = []
    if color == "auto" or sides is None:
        # All files decide on the color, but a sample of them, evenly spaced, on the size.
        step = 1 if color == "auto" else math.ceil(len(index.files) / MAX_HEADERS) or 1
        with ThreadPoolExecutor(workers, "lampas-headers") as pool:
            results = pool.map(partial(value_or_reason, read_header), index.files[::step])
            headers = [header for header in results if not isinstance(header, str)]
    if color == "auto":
        color = "grey" if headers and all(header.grey for header in headers) else "rgb"
    return ImageFormat(*(sides or typical_size(headers)), color, resize)


def _skipped(index: FileIndex, broken: Broken) -> tuple[tuple[Path, str], ...]:
    return (*index.missing, *((index.files[number], reason) for number, reason in broken))


def _check_broken(index: FileIndex, on_error: OnError, broken: Broken) -> None:
    """Raise DataError, which names the broken files, unless they may be skipped."""
    skipped = _skipped(index, broken)
    total = len(index.names) + len(index.missing)
    if skipped and (on_error == "raise" or len(skipped) == total):
        raise broken_examples_error(skipped, total, Images.noun)


def _nearest(path: Path) -> str:
    """The longest part of a path that exists, which helps to find the mistake."""
    parent = next((folder for folder in path.parents if folder.is_dir()), None)
    return "" if parent is None else f"; the nearest existing folder is {parent.absolute()}"


def typical_size(headers: Sequence[Header]) -> tuple[int, int]:
    """Return the median height and width, scaled so that no side is above `MAX_SIDE`.

    If all images have one size that is small enough, that size is returned; otherwise the sides
    are rounded to multiples of `SIDE_STEP`.
    """
    if not headers:
        return MAX_SIDE, MAX_SIDE
    sizes = np.array([(header.height, header.width) for header in headers])
    height, width = np.median(sizes, axis=0)
    scale = min(1.0, MAX_SIDE / max(height, width))
    if scale == 1.0 and (sizes == sizes[0]).all():
        return int(height), int(width)
    return _rounded(height * scale), _rounded(width * scale)


def _rounded(length: float) -> int:
    return max(SIDE_STEP, SIDE_STEP * round(length / SIDE_STEP))
