"""Texts with a class each: a recurrent network reads them.

A first look at labelled texts: which columns, which classes, how long, how much to learn.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...core.errors import ArgumentError, DataError, unknown_name
from ...data.labels import count, few
from ...data.text.dataset import Texts
from ...data.text.load import text
from ...evaluation.baselines import majority
from ...evaluation.text_baseline import tfidf
from ...layers.preprocessing.text_vectorization import FITTING, TextVectorization
from ...train.model import Model
from ..report import Report
from .defaults import amounts
from .files import tell_broken
from .task import (
    Asked,
    Found,
    Kind,
    Parts,
    Reason,
    Said,
    Script,
    Settings,
    Source,
    Wishes,
    Yardstick,
)
from .text_files import SUFFIXES, columns, read_texts
from .text_network import NETWORKS, TITLES, script
from .text_report import add_mistakes, add_moving_words, add_texts

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


FEWEST, CLASS = 20, 3
"""Texts that are needed in all, and of each class, for three parts."""
MANY = 20
"""Numbers from which on a target is no class but a quantity."""
TOKENS = 1_500_000
"""Words that an epoch may have, lest it take long; texts are cut for that."""
SHORTEST, LONGEST = 40, 400
"""Words of a text that such a cut leaves at least; and that are read at most."""
DROPOUT = 0.5
"""Words are many, and one or two must not decide alone."""
LARGE = 0.7
"""Share of the commonest class from which on accuracy says little."""


def look(wishes: Wishes) -> Found:
    """What texts there are, and what to make of them.

    Raises DataError, FileError or ArgumentError when they can not be learnt from.
    """
    _check(wishes)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        names, why = _text_columns(wishes)
        texts = text(wishes.path, **names)
    _check_classes(texts, names.get("label_column", "class"))
    texts.split(0.15, 0.15, wishes.seed)
    settings = _settings(texts, wishes.model or next(iter(NETWORKS)))
    settings |= {"text_column": None, "label_column": None, "on_error": "raise"} | names
    return Found(
        "classify",
        names.get("label_column", "class"),
        texts.classes,
        (Reason(f"{len(texts.classes)} classes", why), *_reasons(texts, settings)),
        (
            *dict.fromkeys(str(one.message) for one in told),
            *tell_broken("text", texts.skipped, len(texts) + len(texts.skipped)),
            *_warnings(texts),
        ),
        settings,
    )


def _check(wishes: Wishes) -> None:
    """Raise ArgumentError for a wish that says nothing of texts."""
    for option in ("group", "time", "columns", "size", "seconds", "length", "horizon"):
        if value := getattr(wishes, option):
            raise ArgumentError(f"{option}={value!r} says nothing of texts. Leave it out.")
    if wishes.path.is_dir() and (wishes.text or wishes.target):
        raise ArgumentError(
            f"{wishes.path} is a folder and has no columns: leave out the text and the target; the "
            "names of its sub-folders are the classes."
        )
    if wishes.task not in (None, "classify"):
        raise ArgumentError(f"texts are told apart (classify); task={wishes.task!r} can not be.")
    if wishes.model not in (None, *NETWORKS):
        raise unknown_name("network", str(wishes.model), NETWORKS)


def _text_columns(wishes: Wishes) -> tuple[dict[str, Any], str]:
    """What ``text`` must know, and why: the columns; or of a folder, that files may be empty."""
    if wishes.path.is_dir():
        return {"on_error": "skip"}, "the names of the folders"
    chosen = columns(wishes.path, wishes.text, wishes.target)
    why = f"texts in {chosen.text!r}, classes in {chosen.label!r}, {chosen.why}"
    return {"text_column": chosen.text, "label_column": chosen.label}, why


def _check_classes(texts: Texts, target: str) -> None:
    names, counts = texts.classes, texts.counts
    if len(texts) < FEWEST:
        raise DataError(
            f"there are {count(len(texts), 'text')}; to learn, to stop and to be judged at least "
            f"{FEWEST} are needed."
        )
    if len(names) > MANY and all(map(_number, names)):
        raise DataError(
            f"{target!r} has {len(names):,} different numbers: a quantity, and texts are told "
            "apart by classes only. Put it into a few classes, such as low and high."
        )
    if len(names) > len(texts) / 2:
        raise DataError(
            f"{target!r} has {len(names):,} different values in {len(texts):,} texts: these are no "
            "classes. Name another column as the target."
        )
    scarce = [name for name in names if counts[name] < CLASS]
    if scarce:
        raise DataError(
            f"{target!r} has {count(len(scarce), 'class', 'classes')} of fewer than {CLASS} texts: "
            f"{few(scarce)}. Each part needs one: add texts, or join or leave out such classes."
        )


def _number(name: str) -> bool:
    try:
        return bool(np.isfinite(float(name)))
    except ValueError:
        return False


def _settings(texts: Texts, model: str) -> Settings:
    return {
        "model": model,
        **amounts(len(texts))._asdict(),
        "dropout": DROPOUT,
        "batch_size": 64 if len(texts) > 5_000 else 16,
        "epochs": 30 if model == "bag" else 15,
        "patience": 3,
        "fastest": 5e-3 if model == "bag" else 1e-3,
        "length": _length(texts),
    }


def _length(texts: Texts) -> int:
    """Words that are read of a text: all that most have, unless that takes too long."""
    words = TextVectorization()
    words.adapt(texts.texts)
    assert words.output_sequence_length is not None
    return min(words.output_sequence_length, LONGEST, max(SHORTEST, TOKENS // len(texts)))


def _reasons(texts: Texts, settings: Settings) -> list[Reason]:
    model = settings["model"]
    longest = sorted(len(one.split()) for one in texts.texts)[int(FITTING * (len(texts) - 1))]
    return [
        Reason(
            count(len(texts), "text"),
            few((f"{name} {number:,}" for name, number in texts.counts.items()), 12),
        ),
        Reason(
            f"the first {settings['length']} words and marks",
            f"98 of 100 texts have up to {longest:,} words"
            + "; to read more would take long" * (settings["length"] < longest),
        ),
        Reason(f"network {model}", f"it {TITLES[model]}"),
        Reason(
            f"dropout {settings['dropout']}, l2 {settings['l2']}",
            "words are many and examples of each are few",
        ),
    ]


def _warnings(texts: Texts) -> list[str]:
    found = []
    name, number = max(texts.counts.items(), key=lambda pair: pair[1])
    if number > LARGE * len(texts):
        found.append(
            f"{number / len(texts):.0%} of the texts are “{name}”: whoever always says so is right "
            "as often. Look at the confusion matrix, not at accuracy alone."
        )
    if copies := len(texts) - len(set(texts.groups.tolist())):
        found.append(
            f"{count(copies, 'text')} {'repeats' if copies == 1 else 'repeat'} another one; copies "
            "lie in the same part."
        )
    return found
