"""What the files say of themselves, and the size and colour that suits them all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .decode import Header, header
from .form import BrokenPictureError

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
