"""Write a file whole or not at all."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A draft beside ``path`` to write to, which is moved there in one step after the block.

    A reader finds the old file or the new one, never half of one; a failure, or Ctrl-C, leaves the
    old one as it was and nothing else.

    Raises:
        OSError: when that can not be done.
    """
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file by :func:`whole`.

    Raises:
        OSError: when that can not be done.
    """
    with whole(path) as draft:
        draft.write_bytes(content)
