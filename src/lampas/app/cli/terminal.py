"""Output that every terminal can show."""

from __future__ import annotations

import io
import sys

from ...core.terminal import PLAIN_ERRORS


def use_plain_characters() -> None:
    """Write plain characters where the encoding of the terminal cannot show others."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN_ERRORS)
