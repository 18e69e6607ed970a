"""Numbers as people write them: ``1,234.5``, ``1.234,5``, ``12 %``, ``$ 9.99``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

PLAIN = ""
FORMS: Final = {
    "1,234.5": re.compile(r"[-+]?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d+)?"),
    "1.234,5": re.compile(r"[-+]?([1-9]\d{0,2}(\.\d{3})+|\d+)(,\d+)?"),
}
"""Forms other than the plain one, by an example."""
_SIGNS = re.compile(r"[$€£¥%]")
_LOOK = 50
"""Words that are looked at before all of them."""
_BESIDE = re.compile(r"[$€£¥%\s']")


def number_form(words: Sequence[str]) -> str | None:
    """In which form all words are numbers; None if in none.

    A sign of money or a percent sign must be with all of them or with none. Where both forms would
    do, as for ``1,234``, the comma parts thousands.
    """
    if not words or not any(sign.isdigit() for sign in words[0]):
        return None
    if not np.isnan(numbers(words[:_LOOK])).any() and not np.isnan(numbers(words)).any():
        return PLAIN
    if len({tuple(_SIGNS.findall(word)) for word in words}) > 1:
        return None
    return next((form for form in FORMS if not np.isnan(numbers(words, form)).any()), None)


def doubt(name: str, words: Sequence[str], form: str | None) -> str:
    """A warning where the comma or point of all words may as well be that of decimals."""
    other = next((one for one in FORMS if one != form), PLAIN)
    if form not in FORMS or np.isnan(numbers(words, other)).any():
        return ""
    word = next((word for word in words if "," in word or "." in word), words[0])
    meant, else_meant = (numbers([word], one)[0] for one in (form, other))
    return (
        f"{name!r} is read as in {word} = {meant:.10g}; if {else_meant:.10g} is meant, write its "
        "numbers with a decimal point and without one of thousands."
    )


def numbers(words: Sequence[str], form: str = PLAIN) -> npt.NDArray[np.float64]:
    """The words as numbers, NaN for what is none in this form. Percents keep their unit."""
    if form == PLAIN:
        found = _plain(words)
    else:
        found = np.array([_formed(word, form) for word in words], np.float64)
    found[np.isinf(found)] = np.nan
    return found


def _plain(words: Sequence[str]) -> npt.NDArray[np.float64]:
    try:
        found = np.array(list(map(float, words)), np.float64)
    except ValueError:
        found = np.array([_number(word) for word in words], np.float64)
    # Python would take 1_000 for a number.
    if "_" in "".join(words):
        found[["_" in word for word in words]] = np.nan
    return found


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return np.nan


def _formed(word: str, form: str) -> float:
    bare = _BESIDE.sub("", word)
    if not FORMS[form].fullmatch(bare):
        return np.nan
    thousands, point = (",", ".") if form == "1,234.5" else (".", ",")
    return float(bare.replace(thousands, "").replace(point, "."))
