"""Numbers as people write them: ``1,234.5``, ``1.234,5``, ``12 %``, ``CHF 9.99``, ``(1,234)``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ..core.errors import ArgumentError

PLAIN: Final = ""
"""The format of numbers that Python reads too."""
NUMBER_FORMATS: Final = ("1,234.5", "1.234,5")
"""The formats other than the plain one, each named by an example; a unit may stand with it."""
MAX_NUMBER: Final = float(np.finfo(np.float32).max)
"""Larger numbers become infinite: float32 cannot hold them."""
_SAMPLE_SIZE = 50
"""Words that are tried before all of them."""
_EVIDENCE_SIZE = 200
"""Words of a column that may prove the decimal sign of a file."""
_CURRENCY = r"(?:[A-Z]{1,3})?[$€£¥₹₩₽₺₪₫฿₱]|[A-Z]{3}(?=\s)|(?:Fr|Rs|kr)\.?(?=\s)"
_UNIT = r"[^\W\d_][^\s\d,;:()]{0,11}[²³23]?|[%‰°$€£¥₹₩₽₺₪₫฿₱′″\"][^\W\d_]{0,2}"
_NUMBER = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+]?)\s*(?P<prefix>{_CURRENCY})?\s*(?P<inner>[-+]?)"
    rf"(?P<digits>[.,]?\d(?:[\d.,'\s]*\d)?[.,]?(?:[eE][-+]?\d+)?)"
    rf"\s*(?P<suffix>{_UNIT})?(?P<last>-?)\s*(?P<close>\))?"
)
_DIGITS = {
    "1,234.5": r"(?:[1-9]\d{0,2}(?:(?P<t>[,'\s])\d{3})(?:(?P=t)\d{3})*|[1-9]\d?(?:,\d\d)+,\d{3}|"
    r"\d+|(?=\.\d))(?:\.\d*)?(?:[eE][-+]?\d+)?",
    "1.234,5": r"(?:[1-9]\d{0,2}(?:(?P<t>[.'\s])\d{3})(?:(?P=t)\d{3})*|\d+|(?=,\d))"
    r"(?:,\d*)?(?:[eE][-+]?\d+)?",
}
_SIGNS = str.maketrans("−‐‑–﹣－’ʼ＇", "------'''")
"""Minus signs and apostrophes that are written in place of those of ASCII."""


class NumberFormat(NamedTuple):
    """How numbers are written.

    Args:
        digits: one of ``NUMBER_FORMATS``.
        prefix: currency before a number, if any.
        suffix: unit behind a number, if any.
    """

    digits: str
    prefix: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        before = " " if self.prefix[-1:].isalpha() else ""
        after = "" if self.suffix[:1] in ("", "%", "‰", '"', "′", "″") else " "
        return f"{self.prefix}{before}{self.digits}{after}{self.suffix}"


@cache
def parse_number_format(format: str) -> NumberFormat:
    """The parts of a format such as ``"1,234.5"`` or ``"1.234,5 kg"``.

    Raises:
        ArgumentError: when it has neither of ``NUMBER_FORMATS``.
    """
    for digits in NUMBER_FORMATS:
        prefix, separator, suffix = format.partition(digits)
        if separator:
            return NumberFormat(digits, prefix.strip(), suffix.strip())
    raise ArgumentError(
        f"{format!r} is not a format of numbers. Write {' or '.join(NUMBER_FORMATS)}, with the "
        "unit where there is one, as in '1,234.5 kg'; dates have formats such as '%d.%m.%Y'."
    )


def number_format(words: Sequence[str], decimal: str | None = None) -> str | None:
    """The format in which all words are numbers; None if there is none.

    A unit, currency or percent sign must stand with all of them or with none. Where both formats
    fit, as for ``1,234``, the comma separates thousands unless ``decimal`` is a comma. A point
    separates thousands if ``decimal`` is a comma and all words allow that, as in ``9.795``.

    Args:
        words: the distinct cells of a column.
        decimal: decimal sign of the file, as `decimal_sign` finds it; None if unknown.
    """
    if not any(sign.isdigit() for word in words[:_SAMPLE_SIZE] for sign in word):
        return None
    if _all_numbers(words, PLAIN):
        grouped = decimal == "," and any("." in word for word in words)
        return "1.234,5" if grouped and _all_numbers(words, "1.234,5") else PLAIN
    match = _NUMBER.fullmatch(_normalize(words[0]))
    if match is None:
        return None
    digits = NUMBER_FORMATS if decimal != "," else NUMBER_FORMATS[::-1]
    units = match["prefix"] or "", match["suffix"] or ""
    formats = (str(NumberFormat(name, *units)) for name in digits)
    return next((format for format in formats if _all_numbers(words, format)), None)


def decimal_sign(columns: Iterable[Sequence[str]]) -> str | None:
    """The decimal sign of a file: what some of its columns of numbers prove, and none refutes.

    ``8,44`` proves the comma and ``1.5`` the point; ``9.795`` and ``1,234`` prove nothing.

    Args:
        columns: the distinct cells of each column.
    """
    proofs = set()
    for words in columns:
        sample = words[:_EVIDENCE_SIZE]
        if any(sign in word for word in sample for sign in ",."):
            format = number_format(sample)
            if format is not None and not other_number_format(sample, format):
                proofs.add("," if format.find(",5") > 0 else ".")
    return proofs.pop() if len(proofs) == 1 else None


def other_number_format(words: Sequence[str], format: str) -> str:
    """Another format in which all words are numbers, but other ones; "" if there is none."""
    values = parse_numbers(words, format)
    if format == PLAIN:
        # The comma cannot be in doubt where Python reads all words.
        candidates = [NumberFormat("1.234,5")] if any("." in word for word in words) else []
    else:
        parts = parse_number_format(format)
        candidates = [parts._replace(digits=digits) for digits in NUMBER_FORMATS]
    for other in map(str, candidates):
        other_values = parse_numbers(words, other)
        if not np.isnan(other_values).any() and (other_values != values).any():
            return other
    return ""


def number_warning(
    name: str, words: Sequence[str], format: str | None, decimal: str | None = None
) -> str:
    """A warning if the comma or the point of all words may also be the decimal sign, or "".

    Args:
        name: name of the column.
        words: its distinct cells.
        format: their format, as `number_format` returns it.
        decimal: decimal sign of the file, which leaves no doubt; None if unknown.
    """
    if (
        format is None
        or decimal is not None
        or not (other_format := other_number_format(words, format))
    ):
        return ""
    word = next((word for word in words if "," in word or "." in word), words[0])
    value, other_value = (parse_numbers([word], f)[0] for f in (format, other_format))
    return (
        f"{name!r} is read as in {word} = {value:.10g}; if it is {other_value:.10g}, write its "
        "numbers with a decimal point and without a thousands separator."
    )


def parse_numbers(words: Sequence[str], format: str = PLAIN) -> npt.NDArray[np.float64]:
    """The words as numbers, NaN where one is not a number in this format; 12 % becomes 12.

    Numbers that float32 cannot hold become infinite.
    """
    if format == PLAIN:
        values = _parse_plain(words)
    else:
        parts = parse_number_format(format)
        values = np.array([_parse_formatted(word, parts) for word in words], np.float64)
    return bound_numbers(values)


def bound_numbers(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The numbers; those that float32 cannot hold are infinite."""
    large = np.abs(values) > MAX_NUMBER
    return np.where(large, np.copysign(np.inf, values), values) if large.any() else values


def unit_of(word: str) -> str | None:
    """The unit or currency of a number, "" if it has none; None if the word is not a number."""
    match = _NUMBER.fullmatch(_normalize(word))
    return None if match is None else (match["prefix"] or "") + (match["suffix"] or "")


def _all_numbers(words: Sequence[str], format: str) -> bool:
    """Whether all words are numbers in this format, and not all of them are infinite."""
    if np.isnan(parse_numbers(words[:_SAMPLE_SIZE], format)).any():
        return False
    values = parse_numbers(words, format)
    return not np.isnan(values).any() and bool(np.isfinite(values).any())


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


def _parse_formatted(word: str, format: NumberFormat) -> float:
    match = _NUMBER.fullmatch(_normalize(word))
    if match is None or (match["prefix"] or "", match["suffix"] or "") != format[1:]:
        return np.nan
    if not re.fullmatch(_DIGITS[format.digits], match["digits"]):
        return np.nan
    signs = match["sign"] + match["inner"] + match["last"]
    if len(signs) > 1 or bool(match["open"]) != bool(match["close"]) or (signs and match["open"]):
        return np.nan
    thousands, point = (",", ".") if format.digits == "1,234.5" else (".", ",")
    digits = re.sub(r"['\s]", "", match["digits"]).replace(thousands, "").replace(point, ".")
    value = float(digits)
    return -value if match["open"] or signs == "-" else value


def _normalize(word: str) -> str:
    return word.strip().translate(_SIGNS)
