"""The words that stand for a missing value."""

from __future__ import annotations

from typing import Final

MISSING_WORDS: Final = frozenset(
    ("", "na", "n/a", "<na>", "nan", "nat", "null", "#n/a", "?", "-", ".")
)
"""In lower case. "None" is not one of them: it may well be a category."""


def is_missing(text: str) -> bool:
    """Whether a cell is empty or holds a word for a missing value, in any case."""
    return text.strip().lower() in MISSING_WORDS
