"""All pictures decoded: in memory, or on the disk where they are more than that.

Many files decoded by a few threads, in their order.

How far the decoding is, on the terminal.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

import numpy as np

from ...core.errors import FileError
from ...core.filesystem import cache_folder, write_whole
from ..labels import Listing
from .decode import BrokenPictureError, Form, Pixels, decode

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


Broken = list[tuple[int, str]]
"""The number of each file that can not be decoded, and the reason."""


class Work(NamedTuple):
    """How to decode.

    Args:
        form: what every picture is brought to.
        memory: most bytes to hold in memory.
        workers: number of threads.
        verbose: see `progress`.
        check: called with what is broken before anything is kept on the disk; may raise.
    """

    form: Form
    memory: float
    workers: int
    verbose: Verbose
    check: Callable[[Broken], None]


def decode_into(
    put: Callable[[int, Pixels], None], files: Sequence[Path], work: Work
) -> tuple[list[str], Broken]:
    """Give each decoded picture to ``put``, with its row.

    Returns the digests of the pictures, and what is broken. The rows are in the order of the
    files, without the broken ones.
    """
    digests: list[str] = []
    broken: Broken = []
    with progress(len(files), work.verbose) as advance:
        for number, outcome in enumerate(_outcomes(files, work)):
            if isinstance(outcome, str):
                broken.append((number, outcome))
            else:
                pixels, digest = outcome
                put(len(digests), pixels)
                digests.append(digest)
            advance()
    return digests, broken


def _outcomes(files: Sequence[Path], work: Work) -> Iterator[tuple[Pixels, str] | str]:
    """Pixels and digest of each file in turn, or why it is broken; a few are decoded ahead."""
    waiting: deque[Future[tuple[Pixels, str] | str]] = deque()
    coming = iter(files)
    with ThreadPoolExecutor(work.workers, "lampas-decoder") as pool:
        try:
            for path in islice(coming, 4 * work.workers):
                waiting.append(pool.submit(_outcome, path, work.form))
            while waiting:
                yield waiting.popleft().result()
                for path in islice(coming, 1):
                    waiting.append(pool.submit(_outcome, path, work.form))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _outcome(path: Path, form: Form) -> tuple[Pixels, str] | str:
    try:
        pixels = decode(path, form)
    except BrokenPictureError as error:
        return str(error)
    return pixels, hashlib.blake2b(pixels.tobytes(), digest_size=16).hexdigest()


Verbose = Literal["auto", 0, 1, 2]


@contextmanager
def progress(total: int, verbose: Verbose) -> Iterator[Callable[[], None]]:
    """A live bar while pictures are decoded; call what it gives after each.

    Args:
        total: number of pictures.
        verbose: 0 silent; 1 a live bar on a terminal ("auto" too); 2 one line at the end.
    """
    if verbose == 0:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(highlight=False)
    columns = "decoding", BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn()
    live = verbose != 2 and console.is_terminal
    begun = time.perf_counter()
    with Progress(*columns, console=console, transient=True, disable=not live) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
    if verbose == 2:
        seconds = time.perf_counter() - begun
        console.print(f"decoded {total:,} pictures  [dim]({seconds:.2g} s)[/dim]", soft_wrap=True)
