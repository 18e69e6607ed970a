"""Decode many image files with threads, in memory or into a cache on disk."""

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
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

import numpy as np

from ...core.errors import FileError
from ...core.filesystem import atomic_write, cache_dir
from ...core.terminal import plain_console
from ..labels import FileIndex, value_or_reason
from .decode import ImageFormat, Pixels, decode

_VERSION = 1
"""Increases when the same file would be decoded to other pixels."""
_HOUR = 3600.0

Broken = list[tuple[int, str]]
"""Number of each file that cannot be decoded, and the reason."""
Verbose = Literal["auto", 0, 1, 2]
_Image = tuple[Pixels, str]
"""The pixels of an image and their hash."""


class DecodeOptions(NamedTuple):
    """How to decode.

    Args:
        format: format that every image is converted to.
        memory: maximum number of bytes to hold in memory.
        workers: number of threads.
        verbose: see `progress`.
        check: called with the broken files before anything is stored on disk; may raise.
    """

    format: ImageFormat
    memory: float
    workers: int
    verbose: Verbose
    check: Callable[[Broken], None]


class Decoded(NamedTuple):
    """The decoded files of an index.

    Args:
        x: pixels of the readable images, uint8 ``(n, height, width, channels)``.
        digests: hash of the pixels of each, ``n``.
        broken: number of each unreadable file, and the reason.
    """

    x: Pixels
    digests: list[str]
    broken: Broken


def decode_all(index: FileIndex, options: DecodeOptions) -> Decoded:
    """Decode into memory; or, if the images would take too much, into the cache, once.

    Raises:
        FileError: if the cache cannot be written; and whatever ``options.check`` raises.
    """
    shape = (len(index.names), *options.format.shape)
    if math.prod(shape) > options.memory:
        return _decode_to_disk(index, options, shape)
    x = np.empty(shape, np.uint8)
    digests, broken = decode_files(x.__setitem__, index.files, options)
    options.check(broken)
    return Decoded(x[: len(digests)], digests, broken)


def _decode_to_disk(index: FileIndex, options: DecodeOptions, shape: tuple[int, ...]) -> Decoded:
    array = cache_dir("images") / f"{_fingerprint(index, options.format)}.npy"
    if (cached := _load_cached(array)) is not None:
        options.check(cached.broken)
        return cached
    draft = array.with_name(f".{array.name}.{uuid.uuid4().hex}.part")
    try:
        array.parent.mkdir(parents=True, exist_ok=True)
        _remove_stale(array.parent)
        with draft.open("wb") as file:
            digests, broken = _write(file, index, options, shape)
        options.check(broken)
        draft.replace(array)
        # The metadata comes last: without it the array does not count as complete.
        atomic_write(array.with_suffix(".json"), json.dumps([digests, broken]).encode())
        return Decoded(np.load(array, mmap_mode="r"), digests, broken)
    except FileError:
        raise
    except OSError as error:
        raise FileError(
            f"cannot store {math.prod(shape) / 1e9:,.1f} GB of decoded images in {array.parent}: "
            f"{error.strerror or error}. Set LAMPAS_CACHE to a folder with enough space, choose a "
            "smaller size, or raise memory= so that they stay in memory."
        ) from error
    finally:
        with contextlib.suppress(OSError):  # It was moved away, or never created.
            draft.unlink()


def _write(
    file: BinaryIO, index: FileIndex, options: DecodeOptions, shape: tuple[int, ...]
) -> tuple[list[str], Broken]:
    """Write an .npy file of all readable images."""

    def write_header(count: int) -> None:
        file.seek(0)
        layout = {"descr": "|u1", "fortran_order": False, "shape": (count, *shape[1:])}
        np.lib.format.write_array_header_1_0(file, layout)

    write_header(shape[0])
    digests, broken = decode_files(lambda _, x: file.write(x.tobytes()), index.files, options)
    # NumPy reserves space in the header for any number of rows, so its length does not change.
    write_header(len(digests))
    file.flush()
    os.fsync(file.fileno())
    return digests, broken


def _fingerprint(index: FileIndex, image_format: ImageFormat) -> str:
    """A hash that changes with any of the files and with the format."""
    digest = hashlib.blake2b(repr((_VERSION, image_format)).encode(), digest_size=20)
    for name, path in zip(index.names, index.files, strict=True):
        try:
            status = path.stat()
            state = status.st_size, status.st_mtime_ns
        except OSError:
            state = -1, -1
        digest.update(os.fsencode(f"\0{name}\0{state}"))
    return digest.hexdigest()


def _load_cached(array: Path) -> Decoded | None:
    """The result of an earlier call, if it is complete."""
    try:
        digests, broken = json.loads(array.with_suffix(".json").read_bytes())
        x = np.load(array, mmap_mode="r")
    except (OSError, EOFError, ValueError):
        return None
    complete = len(x) == len(digests)
    return Decoded(x, digests, [tuple(pair) for pair in broken]) if complete else None


def _remove_stale(folder: Path) -> None:
    """Remove what killed processes have left."""
    for part in folder.glob(".*.part"):
        with contextlib.suppress(FileNotFoundError):  # Another process may remove it too.
            if time.time() - part.stat().st_mtime > _HOUR:
                part.unlink()


def decode_files(
    write: Callable[[int, Pixels], object], files: Sequence[Path], options: DecodeOptions
) -> tuple[list[str], Broken]:
    """Decode files and pass each image to ``write``, with its row.

    The rows are in the order of the files, without the broken ones. Returns the hashes of the
    images, and the broken files.
    """
    digests: list[str] = []
    broken: Broken = []
    with progress(len(files), options.verbose) as advance:
        for number, result in enumerate(_decode_ahead(files, options)):
            if isinstance(result, str):
                broken.append((number, result))
            else:
                pixels, digest = result
                write(len(digests), pixels)
                digests.append(digest)
            advance()
    return digests, broken


def _decode_ahead(files: Sequence[Path], options: DecodeOptions) -> Iterator[_Image | str]:
    """Pixels and hash of each file in turn, or why it is broken; some files ahead are decoded."""
    with ThreadPoolExecutor(options.workers, "lampas-decoder") as pool:
        try:
            submitted = (pool.submit(value_or_reason, _decode, p, options.format) for p in files)
            pending = deque(islice(submitted, 4 * options.workers))
            while pending:
                yield pending.popleft().result()
                pending.extend(islice(submitted, 1))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _decode(path: Path, image_format: ImageFormat) -> _Image:
    pixels = decode(path, image_format)
    return pixels, hashlib.blake2b(pixels.tobytes(), digest_size=16).hexdigest()


@contextmanager
def progress(total: int, verbose: Verbose) -> Iterator[Callable[[], None]]:
    """Show progress while images are decoded; yields a function to call after each image.

    Args:
        total: number of images.
        verbose: 0 silent; 1 a live bar on a terminal (same as "auto"); 2 one line at the end.
    """
    if verbose == 0:
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = plain_console()
    columns = "decoding", BarColumn(bar_width=24), MofNCompleteColumn(), TimeRemainingColumn()
    live = verbose != 2 and console.is_terminal
    start = time.perf_counter()
    with Progress(*columns, console=console, transient=True, disable=not live) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)
    if verbose == 2:
        seconds = time.perf_counter() - start
        console.print(f"decoded {total:,} images  [dim]({seconds:.2g} s)[/dim]", soft_wrap=True)
