"""The kinds of data there are, by name."""

from __future__ import annotations

import importlib

from ...core.errors import unknown_name
from ..kind import Kind

KINDS = {
    "table": "TableKind",
    "images": "ImagesKind",
    "texts": "TextsKind",
    "series": "SeriesKind",
    "sounds": "SoundsKind",
}


def kind_of(name: str) -> Kind:
    """The kind of that name. Raises UnknownNameError for another."""
    if name not in KINDS:
        raise unknown_name("kind of data", name, KINDS)
    made: Kind = getattr(importlib.import_module(f".{name}", __package__), KINDS[name])()
    return made
