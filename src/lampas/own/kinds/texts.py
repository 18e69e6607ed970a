"""Texts with a class each: a recurrent network reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...cases.text_baseline import tfidf
from ...core.errors import DataError
from ...data.load_text import text
from ...data.texts import Texts
from ...report import Report
from ...train.model import Model
from ..kind import (
    Asked,
    Found,
    Kind,
    Parts,
    Said,
    Script,
    Settings,
    Source,
    Wishes,
    Yardstick,
)
from .media_yardsticks import majority
from .text_files import SUFFIXES, read_texts
from .text_look import look
from .text_report import add_mistakes, add_moving_words, add_texts
from .text_script import NETWORKS, script

FEW = 200
"""Texts of a class below which more of them help most."""


class TextsKind(Kind):
    """Labelled texts."""

    name: ClassVar[str] = "texts"
    networks: ClassVar[tuple[str, ...]] = tuple(NETWORKS)
    uploads: ClassVar[tuple[str, ...]] = SUFFIXES

    def look(self, wishes: Wishes) -> Found:
        return look(wishes)

    def script(self, found: Found, settings: Settings) -> Script:
        return script(settings, len(found.classes))

    def examples(self, part: Texts) -> int:
        return len(part)

    def inputs(self, part: Texts) -> list[str]:
        return part.texts

    def targets(self, part: Texts) -> np.ndarray:
        return part.y

    def yardsticks(self, parts: Parts, found: Found, settings: Settings) -> list[Yardstick]:
        train, _, test = parts
        counted = tfidf(*parts)
        name = "TF-IDF and logistic regression"
        return [
            majority(train.y, len(test), len(found.classes)),
            Yardstick(name, counted.probabilities, True, counted.seconds),
        ]

    def read(self, sources: Iterable[Source], settings: Settings) -> Iterator[Asked]:
        return read_texts(sources, settings)

    def labelled(self, path: Path, settings: Settings, classes: Sequence[str]) -> Texts:
        if path.is_dir():
            return text(path, classes=classes, on_error="skip")
        return text(path, classes=classes, **_columns(settings))

    def add_data(self, report: Report, found: Found, settings: Settings, parts: Parts) -> None:
        add_texts(report, settings, parts)

    def add_mistakes(
        self, report: Report, found: Found, settings: Settings, test: Texts, said: Said
    ) -> None:
        add_mistakes(report, test, said)

    def add_insight(
        self, report: Report, found: Found, settings: Settings, model: Model, parts: Parts
    ) -> None:
        add_moving_words(report, model, parts.test)

    def advice(self, found: Found, settings: Settings, parts: Parts) -> list[str]:
        advice = []
        if settings["model"] != "bag":
            advice.append(
                "--model bag looks at words and pairs of words alone; it learns in seconds and is "
                "hard to beat where single words decide."
            )
        least, number = Counter(parts.train.counts).most_common()[-1]
        if number < FEW:
            advice.append(f"It has learnt from {number:,} texts of “{least}”; more help most.")
        return advice

    def schema(self, settings: Settings) -> dict[str, Any]:
        return {"type": "string", "minLength": 1}

    def items(self, items: Sequence[Any], settings: Settings) -> Asked:
        for number, item in enumerate(items, 1):
            if not isinstance(item, str) or not item.strip():
                raise DataError(f"item {number} is {item!r:.60}; each must be a text, not empty.")
        return Asked([str(number) for number in range(1, len(items) + 1)], list(items))


def _columns(settings: Settings) -> dict[str, Any]:
    return {name: settings[name] for name in ("text_column", "label_column")}
