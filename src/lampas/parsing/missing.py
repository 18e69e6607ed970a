"""The words that stand for a missing value."""

from __future__ import annotations

from typing import Final

MISSING_WORDS: Final = frozenset(
    (
        *("", "na", "n/a", "n.a.", "n.a", "<na>", "nan", "nat", "null", "(null)", "?", "-", "."),
        *("--", "---", "—", "–", "...", "…", "\\n", "#n/a", "#n/a n/a", "#na", "#div/0!"),
        *("#value!", "#ref!", "#name?", "#num!", "#null!"),
    )
)
"""In lower case. "None" is not one of them: it may well be a category."""
MISSING_VALUE_WORDS: Final = frozenset(
    (
        *("none", "missing", "unknown", "nil", "*", "**", "***", "not available", "no data", "tbd"),
        *("not applicable", "n.d.", "nd", "n/d", "undefined", "-nan", "1.#qnan", "1.#ind"),
        *("-1.#ind", "#error", "k.a.", "k. a.", "keine angabe", "unbekannt", "fehlt", "n.v."),
    )
)
"""Words, in lower case, that stand for a missing value in columns of numbers, dates or booleans."""


def is_missing(text: str) -> bool:
    """Whether a cell is empty or holds a word for a missing value, in any case."""
    return text.strip().lower() in MISSING_WORDS


def is_missing_value(text: str) -> bool:
    """Whether a cell of a column of numbers, dates or booleans has none of them."""
    word = text.strip().lower()
    return word in MISSING_WORDS or word in MISSING_VALUE_WORDS
