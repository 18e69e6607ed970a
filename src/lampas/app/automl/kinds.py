"""The kinds of data that ``lampas train`` supports, by name."""

from __future__ import annotations

from typing import Any

from ...core.errors import unknown_name
from .audio import AudioKind
from .images import ImagesKind
from .series import SeriesKind
from .tables import TableKind
from .task import DataKind
from .text import TextKind

KINDS: dict[str, type[DataKind[Any]]] = {
    kind.name: kind for kind in (TableKind, ImagesKind, TextKind, SeriesKind, AudioKind)
}


def get_kind(name: str) -> DataKind[Any]:
    """The kind of that name.

    Raises:
        UnknownNameError: for another name.
    """
    if name not in KINDS:
        raise unknown_name("kind of data", name, KINDS)
    return KINDS[name]()
