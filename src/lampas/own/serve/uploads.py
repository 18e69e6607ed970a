"""Uploaded files, looked at before anything reads them."""

from __future__ import annotations

import re

from ...core.errors import DataError
from ..kind import Kind
from .limits import Limits
from .packed import check_packed

_UNBOUNDED = frozenset({".parquet", ".feather", ".xls"})
_SEPARATORS = (b",", b";", b"\t", b"|")


def taken(kind: Kind) -> tuple[str, ...]:
    """Suffixes of a kind's files, but those whose size is only known once they are unfolded."""
    return tuple(suffix for suffix in kind.uploads if suffix not in _UNBOUNDED)


def check_upload(name: str, content: bytes, kind: Kind, limits: Limits) -> None:
    """Make sure that a file is of the kind, and no larger inside than can be taken.

    Raises DataError, which names it.
    """
    suffixes = taken(kind)
    if not name.lower().endswith(suffixes):
        raise DataError(f"{name} is none of the files that are taken here: {', '.join(suffixes)}.")
    check_packed(name, content, limits)
    if name.lower().endswith((".csv", ".tsv")):
        _check_columns(name, content, limits)


def _check_columns(name: str, content: bytes, limits: Limits) -> None:
    first = re.split(rb"[\r\n]", content.lstrip(), maxsplit=1)[0]
    columns = 1 + max(map(first.count, _SEPARATORS))
    if columns > limits.columns:
        raise DataError(
            f"{name} has {columns:,} columns; {limits.columns:,} are taken at most. Send those "
            "that the model was trained on."
        )
