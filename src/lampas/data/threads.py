"""Many files decoded by a few threads, in their order."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from .decode import decode
from .form import BrokenPictureError, Form, Pixels
from .progress import Verbose, progress

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
