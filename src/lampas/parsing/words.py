"""Words of texts, in scripts with and without blanks between them."""

from __future__ import annotations

import re

UNSPACED_LETTERS = (
    "\u0e00-\u0eff"  # Thai and Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Chinese
)
"""Letters of scripts without blanks between words, as ranges of a regular expression."""
_WORD = re.compile(rf"[{UNSPACED_LETTERS}]|[^\s{UNSPACED_LETTERS}]+")


def split_words(text: str) -> list[str]:
    """The words of a text, where each letter of a script without blanks counts as one.

    Example:
        >>> split_words("two words"), split_words("今天")
        (['two', 'words'], ['今', '天'])
    """
    return _WORD.findall(text)


def count_words(text: str) -> int:
    """The number of words of a text, as `split_words` finds them."""
    return len(split_words(text))
