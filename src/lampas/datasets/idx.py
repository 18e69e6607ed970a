"""The idx format of MNIST and its relatives.

A big-endian header, two zero bytes, a type code, the number of axes and the length of each axis as
32 bits, and then the values. The data sets here hold unsigned bytes only (type code 8).
"""

from __future__ import annotations

import math
import struct

import numpy as np
import numpy.typing as npt

from .errors import DatasetError

_UNSIGNED_BYTE = 8


def read_idx(content: bytes, ndim: int, name: str) -> npt.NDArray[np.uint8]:
    """The array in the idx file ``content``: uint8 with ``ndim`` axes.

    Raises DatasetError, which begins with ``name``, when the content does not start as such a file
    does or is not exactly as long as its header says.
    """
    magic = bytes((0, 0, _UNSIGNED_BYTE, ndim))
    if content[:4] != magic:
        raise DatasetError(
            f"{name}: begins with {content[:4].hex(' ') or 'nothing'}, "
            f"not with {magic.hex(' ')} (idx, unsigned bytes, {ndim} axes)."
        )
    start = 4 + 4 * ndim
    if len(content) < start:
        raise DatasetError(f"{name}: ends inside its header, after {len(content)} bytes.")
    shape = struct.unpack(f">{ndim}I", content[4:start])
    if len(content) != start + math.prod(shape):
        raise DatasetError(
            f"{name}: holds {len(content) - start:,} values; "
            f"its header {shape} promises {math.prod(shape):,}."
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()
