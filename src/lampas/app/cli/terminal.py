"""Output that every terminal can show."""

from __future__ import annotations

import codecs
import io
import sys
from typing import Final

_PLAIN: Final = str.maketrans(
    {
        "·": "-",
        "×": "x",
        "≠": "!=",
        "…": "...",
        "–": "-",
        "—": "-",
        "−": "-",
        "→": "->",
        "“": '"',
        "”": '"',
        "’": "'",
        "±": "+-",
        "µ": "u",
        "≤": "<=",
        "≥": ">=",
        "•": "*",
        "━": "-",
        "╸": "-",
        "╺": "-",
        "─": "-",
        "│": "|",
    }
)
_HANDLER = "lampas.plain"


def use_plain_characters() -> None:
    """Write plain characters where the encoding of the terminal cannot show others."""
    codecs.register_error(_HANDLER, _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_PLAIN)
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end
