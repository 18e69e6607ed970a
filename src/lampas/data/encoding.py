"""The letters of a text file, whatever wrote it."""

from __future__ import annotations

import codecs
import warnings
from pathlib import Path

from ..core.errors import ArgumentError, FileError

_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(path: Path, encoding: str | None = None) -> str:
    """What a text file says, its line ends as ``\\n``.

    Without an ``encoding`` it is UTF-8, or UTF-16 where the file begins with that mark. A file that
    is neither is read as Latin-1, which takes any bytes, and a warning says so.

    Raises:
        FileError: when the file can not be read, or is not in this encoding.
        ArgumentError: for an encoding that does not exist.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FileError(f"can not read {path}: {error.strerror or error}.") from error
    return decoded(raw, encoding, str(path)).replace("\r\n", "\n").replace("\r", "\n")


def decoded(raw: bytes, encoding: str | None = None, name: str = "the text") -> str:
    """Bytes as text; see `read_text`."""
    usual = "utf-16" if raw.startswith(_MARKS) else "utf-8-sig"
    try:
        return raw.decode(encoding or usual)
    except LookupError as error:
        raise ArgumentError(
            f"there is no encoding {encoding!r}. Known are 'utf-8', 'cp1252', 'utf-16' and more."
        ) from error
    except UnicodeDecodeError as error:
        if encoding is not None:
            raise FileError(
                f"{name} is not in {encoding}: {error}. Leave encoding= out, or name another."
            ) from error
        warnings.warn(
            f"{name} is not UTF-8 (byte {raw[error.start]:#04x} at {error.start:,}) and was read "
            "as Latin-1. If letters look wrong, give its encoding, such as encoding='cp1252'.",
            stacklevel=4,
        )
        return raw.decode("latin-1")
