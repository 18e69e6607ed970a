"""Text that every terminal can show: plain characters where its encoding lacks others."""

from __future__ import annotations

import codecs
import sys
from typing import IO, TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from rich.console import Console

_BOX_DRAWING = range(0x2500, 0x2580)
_PLAIN: Final = (
    dict.fromkeys(_BOX_DRAWING, "+")
    | dict.fromkeys(map(ord, "─━╸╺╌╍═"), "-")
    | dict.fromkeys(map(ord, "│┃║"), "|")
    | str.maketrans(
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
            "²": "2",
            "≤": "<=",
            "≥": ">=",
            "•": "*",
            "█": "#",
        }
    )
)
PLAIN_ERRORS = "lampas.plain"
"""Name of the error handler of codecs that writes plain characters."""


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].translate(_PLAIN)
    return text.encode("ascii", "backslashreplace").decode("ascii"), error.end


codecs.register_error(PLAIN_ERRORS, _replace)


def plain(text: str, stream: IO[str] | None = None) -> str:
    """``text`` as a stream can write it: characters that its encoding lacks are plain ones.

    Args:
        text: the text.
        stream: where it is written; standard output by default.
    """
    encoding = getattr(stream or sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, PLAIN_ERRORS).decode(encoding)


def write_line(text: str) -> None:
    """Print a line on standard output, in plain characters where others cannot be shown."""
    print(plain(text))


def show(text: str, html: str) -> None:
    """Display HTML where this is a notebook, else print a text."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if hasattr(shell, "kernel"):
        from IPython.display import display

        display({"text/plain": text, "text/html": html}, raw=True)
    else:
        write_line(text)


def plain_console() -> Console:
    """A console of rich on standard output, with plain characters where others cannot be shown."""
    from rich.console import Console

    stream = None if sys.stdout is None else cast(IO[str], _PlainStream(sys.stdout))
    return Console(file=stream, highlight=False)


class _PlainStream:
    """A text stream that writes plain characters in place of those that it cannot show."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(plain(text, self._stream))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
