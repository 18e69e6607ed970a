"""Show texts whose words are shaded by their influence on a prediction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...core.errors import ShapeError
from ...plots.colors import rgb
from ...plots.style import FLAME, SEA
from .report import Report

MAX_OPACITY = 0.62
"""Opacity of the strongest shade: text stays readable on it in light and dark mode."""
MIN_STRENGTH = 0.08
"""Weaker shades would not be visible."""


@dataclass(frozen=True)
class ShadedText:
    """A text and the influence of some of its words.

    Args:
        text: the original text.
        spans: start and end of each word, in order, not overlapping.
        values: influence of each word: positive for the prediction, negative against it.
        caption: caption of the text.
    """

    text: str
    spans: Sequence[tuple[int, int]]
    values: npt.NDArray[np.floating]
    caption: str


def add_shaded_texts(report: Report, texts: Sequence[ShadedText], max_letters: int = 600) -> Report:
    """Add texts with shaded words: orange for the prediction, blue against it.

    The most influential word of each text has the strongest shade.

    Args:
        report: the report.
        texts: the texts, with the influence of their words.
        max_letters: longer texts are cut.

    Raises:
        ShapeError: if the spans and values of a text differ in number.
    """
    for text in texts:
        if len(text.spans) != len(text.values):
            raise ShapeError(f"{len(text.spans)} spans of a text have {len(text.values)} values.")
        report._add("shaded_text", list(_pieces(text, max_letters)), text.caption)
    return report


def _pieces(text: ShadedText, max_letters: int) -> Iterator[tuple[str, str]]:
    """Parts of the text, each with its CSS color; without a color between the words."""
    largest = float(np.abs(text.values).max(initial=0)) or 1.0
    position = 0
    for (start, end), value in zip(text.spans, text.values, strict=True):
        if end > max_letters:
            break
        yield text.text[position:start], ""
        yield text.text[start:end], _color(float(value) / largest)
        position = end
    complete = len(text.text) <= max_letters
    yield text.text[position:] if complete else " …", ""


def _color(value: float) -> str:
    """Orange for 1, blue for -1, none near 0."""
    if abs(value) < MIN_STRENGTH:
        return ""
    red, green, blue = rgb(FLAME if value > 0 else SEA).astype(int)
    return f"rgb({red} {green} {blue} / {MAX_OPACITY * abs(value):.2f})"
