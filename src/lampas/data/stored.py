"""All pictures decoded: in memory, or on the disk where they are more than that."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import time
import uuid
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from ..core.cache import cache_folder
from ..core.errors import FileError
from ..core.whole import write_whole
from .form import Form, Pixels
from .listing import Listing
from .threads import Broken, Work, decode_into

_VERSION = 1
"""Counts up when the same file would be decoded to other pixels."""
_HOUR = 3600.0


class Decoded(NamedTuple):
    """What became of the files of a listing.

    Args:
        x: the pictures that could be decoded, uint8 ``(n, height, width, channels)``.
        digests: of the pixels of each, ``n``.
        broken: the number in the listing of each of the others, and the reason.
    """

    x: Pixels
    digests: list[str]
    broken: Broken


def decode_all(listing: Listing, work: Work) -> Decoded:
    """Decode in memory; or, when that is too much, into the cache, once for ever.

    Raises FileError when the cache can not be written to, and what ``work.check`` raises.
    """
    shape = (len(listing.names), *work.form.shape)
    if math.prod(shape) > work.memory:
        return _on_disk(listing, work, shape)
    x = np.empty(shape, np.uint8)
    digests, broken = decode_into(x.__setitem__, listing.files, work)
    work.check(broken)
    return Decoded(x[: len(digests)], digests, broken)


def _on_disk(listing: Listing, work: Work, shape: tuple[int, ...]) -> Decoded:
    array = cache_folder("images") / f"{_fingerprint(listing, work.form)}.npy"
    found = _kept(array)
    if found is not None:
        work.check(found.broken)
        return found
    draft = array.with_name(f".{array.name}.{uuid.uuid4().hex}.part")
    try:
        array.parent.mkdir(parents=True, exist_ok=True)
        _sweep(array.parent)
        with draft.open("wb") as file:
            digests, broken = _write(file, listing, work, shape)
        work.check(broken)
        draft.replace(array)
        # What belongs to the array comes last: without it the array does not count as kept.
        write_whole(_notes(array), json.dumps([digests, broken]).encode())
        return Decoded(_mapped(array), digests, broken)
    except FileError:
        raise
    except OSError as error:
        raise FileError(
            f"can not keep {math.prod(shape) / 1e9:,.1f} GB of decoded pictures in {array.parent}: "
            f"{error.strerror or error}. Set LAMPAS_CACHE to a folder with room, ask for a smaller "
            "size, or let them into memory: memory=."
        ) from error
    finally:
        with contextlib.suppress(OSError):  # It is not there: moved away, or never made.
            draft.unlink()


def _write(
    file: BinaryIO, listing: Listing, work: Work, shape: tuple[int, ...]
) -> tuple[list[str], Broken]:
    """An .npy file of all that can be decoded."""

    def write_header(count: int) -> None:
        file.seek(0)
        layout = {"descr": "|u1", "fortran_order": False, "shape": (count, *shape[1:])}
        np.lib.format.write_array_header_1_0(file, layout)

    def write_row(_: int, pixels: Pixels) -> None:
        file.write(pixels.tobytes())

    write_header(shape[0])
    digests, broken = decode_into(write_row, listing.files, work)
    # NumPy leaves room in the header for any number of rows, so it stays as long as it was.
    write_header(len(digests))
    file.flush()
    os.fsync(file.fileno())
    return digests, broken


def _fingerprint(listing: Listing, form: Form) -> str:
    """Changes when a file does, or what is made of it."""
    digest = hashlib.blake2b(repr((_VERSION, form)).encode(), digest_size=20)
    for name, path in zip(listing.names, listing.files, strict=True):
        try:
            status = path.stat()
            state = status.st_size, status.st_mtime_ns
        except OSError:
            state = -1, -1
        digest.update(os.fsencode(f"\0{name}\0{state}"))
    return digest.hexdigest()


def _kept(array: Path) -> Decoded | None:
    """What an earlier call has left, if it is whole."""
    try:
        digests, broken = json.loads(_notes(array).read_bytes())
        x = _mapped(array)
    except (OSError, EOFError, ValueError):
        return None
    whole = len(x) == len(digests)
    return Decoded(x, digests, [tuple(pair) for pair in broken]) if whole else None


def _notes(array: Path) -> Path:
    return array.with_suffix(".json")


def _mapped(array: Path) -> Pixels:
    return np.load(array, mmap_mode="r")


def _sweep(folder: Path) -> None:
    """Remove what a process that was killed while decoding has left."""
    for part in folder.glob(".*.part"):
        with contextlib.suppress(FileNotFoundError):  # Another process may sweep too.
            if time.time() - part.stat().st_mtime > _HOUR:
                part.unlink()
