"""The kinds of data that ``lampas train`` knows, by name."""

from __future__ import annotations

from ...core.errors import unknown_name
from .audio import SoundsKind
from .images import ImagesKind
from .series import SeriesKind
from .tables import TableKind
from .task import Kind
from .text import TextsKind

KINDS: dict[str, type[Kind]] = {
    "table": TableKind,
    "images": ImagesKind,
    "texts": TextsKind,
    "series": SeriesKind,
    "sounds": SoundsKind,
}


def kind_of(name: str) -> Kind:
    """The kind of that name. Raises UnknownNameError for another."""
    if name not in KINDS:
        raise unknown_name("kind of data", name, KINDS)
    return KINDS[name]()
