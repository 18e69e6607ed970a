"""Texts whose words are shaded by what they have done to an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...core.errors import ShapeError
from ...plots.colors import rgb
from ...plots.style import FLAME, SEA
from .report import Report, safe

STRONGEST = 0.62
"""Opacity of the strongest shade: ink is still read on it, by day and by night."""
FAINTEST = 0.08
"""Weaker shades are left out: nobody sees them."""


@dataclass(frozen=True)
class Marked:
    """A text and the places in it that count.

    Args:
        text: as it was written.
        spans: begin and end of each place, in order, not overlapping.
        values: for each, above 0 where it speaks for the answer, below where against.
        caption: what was said of it.
    """

    text: str
    spans: Sequence[tuple[int, int]]
    values: npt.NDArray[np.floating]
    caption: str


def add_marked(report: Report, texts: Sequence[Marked], most: int = 600) -> Report:
    """Texts with shades behind the words: orange for the answer, blue against it.

    The strongest word of each text has the full shade. Longer texts are cut after ``most`` letters.

    Raises:
        ShapeError: when a text has not as many values as places.
    """
    for text in texts:
        if len(text.spans) != len(text.values):
            raise ShapeError(f"{len(text.spans)} places of a text have {len(text.values)} values.")
        words = "".join(_pieces(text, most))
        report._add(
            f'<figure style="margin: 0 0 1.5rem"><p style="margin: 0; line-height: 1.9">{words}</p>'
            f'<figcaption style="margin-top: 0.2rem">{safe(text.caption)}</figcaption></figure>'
        )
    return report


def _pieces(text: Marked, most: int) -> Iterator[str]:
    """The text's HTML, place by place and what lies between."""
    largest = float(np.abs(text.values).max(initial=0)) or 1.0
    done = 0
    for (begin, end), value in zip(text.spans, text.values, strict=True):
        if end > most:
            break
        yield safe(text.text[done:begin])
        yield _shaded(text.text[begin:end], float(value) / largest)
        done = end
    whole = len(text.text) <= most
    yield safe(text.text[done:]) if whole else " …"


def _shaded(word: str, value: float) -> str:
    """A word on orange for 1, on blue for -1, plain for 0."""
    if abs(value) < FAINTEST:
        return safe(word)
    red, green, blue = rgb(FLAME if value > 0 else SEA).astype(int)
    shade = f"rgb({red} {green} {blue} / {STRONGEST * abs(value):.2f})"
    return f'<span style="background: {shade}; border-radius: 0.2em">{safe(word)}</span>'
