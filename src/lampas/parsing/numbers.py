"""Numbers as people write them: ``1,234.5``, ``1.234,5``, ``12 %``, ``$ 9.99``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

PLAIN: Final = ""
"""The format of numbers that Python reads too."""
NUMBER_FORMATS: Final = {
    "1,234.5": re.compile(r"[-+]?([1-9]\d{0,2}(,\d{3})+|\d+)(\.\d+)?"),
    "1.234,5": re.compile(r"[-+]?([1-9]\d{0,2}(\.\d{3})+|\d+)(,\d+)?"),
}
"""The formats other than the plain one, each named by an example."""
_UNITS = re.compile(r"[$€£¥%]")
_SAMPLE_SIZE = 50
"""Words that are tried before all of them."""
_IGNORED = re.compile(r"[$€£¥%\s']")


def number_format(words: Sequence[str]) -> str | None:
    """The format in which all words are numbers; None if there is none.

    A currency or percent sign must stand with all of them or with none. Where both formats fit, as
    for ``1,234``, the comma separates thousands.
    """
    if not words or not any(sign.isdigit() for sign in words[0]):
        return None
    sample = parse_numbers(words[:_SAMPLE_SIZE])
    if not np.isnan(sample).any() and not np.isnan(parse_numbers(words)).any():
        return PLAIN
    if len({tuple(_UNITS.findall(word)) for word in words}) > 1:
        return None
    formats = (name for name in NUMBER_FORMATS if not np.isnan(parse_numbers(words, name)).any())
    return next(formats, None)


def number_warning(name: str, words: Sequence[str], format: str | None) -> str:
    """A warning if the comma or the point of all words may as well be the decimal sign, or ""."""
    other_format = next((candidate for candidate in NUMBER_FORMATS if candidate != format), PLAIN)
    if format not in NUMBER_FORMATS or np.isnan(parse_numbers(words, other_format)).any():
        return ""
    word = next((word for word in words if "," in word or "." in word), words[0])
    value, other_value = (parse_numbers([word], f)[0] for f in (format, other_format))
    return (
        f"{name!r} is read as in {word} = {value:.10g}; if it is {other_value:.10g}, write its "
        "numbers with a decimal point and without a thousands separator."
    )


def parse_numbers(words: Sequence[str], format: str = PLAIN) -> npt.NDArray[np.float64]:
    """The words as numbers, NaN where one is not a number in this format; 12 % becomes 12."""
    if format == PLAIN:
        values = _parse_plain(words)
    else:
        values = np.array([_parse_formatted(word, format) for word in words], np.float64)
    values[np.isinf(values)] = np.nan
    return values


def _parse_plain(words: Sequence[str]) -> npt.NDArray[np.float64]:
    try:
        values = np.array(list(map(float, words)), np.float64)
    except ValueError:
        values = np.array([_float_or_nan(word) for word in words], np.float64)
    # Python would take 1_000 for a number.
    if "_" in "".join(words):
        values[["_" in word for word in words]] = np.nan
    return values


def _float_or_nan(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        return np.nan


def _parse_formatted(word: str, format: str) -> float:
    digits = _IGNORED.sub("", word)
    if not NUMBER_FORMATS[format].fullmatch(digits):
        return np.nan
    thousands, point = (",", ".") if format == "1,234.5" else (".", ",")
    return float(digits.replace(thousands, "").replace(point, "."))
