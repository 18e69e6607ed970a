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


def count_words(text: str) -> int:
    """The number of words, where each letter of a script without blanks counts as one.

    Example:
        >>> count_words("two words"), count_words("今天天气很好")
        (2, 6)
    """
    return len(_WORD.findall(text))
