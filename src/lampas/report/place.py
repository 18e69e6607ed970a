"""Write a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from .errors import ReportError


def write_whole(path: Path, text: str) -> Path:
    """Write ``text`` beside ``path``, then put it in place in one step.

    A reader never sees half a file, and a failure leaves the old one as it was.

    Raises:
        ReportError: the folder can not be made or written to; says what to do.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise ReportError(
            f"The report could not be written to the folder {str(path.parent.absolute())!r} "
            f"as {path.name!r}: {error.strerror or error}. "
            f"Give a folder that you may write to, or free this one."
        ) from error
    return path
