"""Texts in class folders or a CSV file, classified by a recurrent network or a bag of words."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any, ClassVar

import numpy as np

from ...applications import text_networks
from ...core.errors import ArgumentError, DataError
from ...data.labels import format_list, format_share, pluralize
from ...data.text.dataset import Texts
from ...data.text.load import text
from ...evaluation.baselines import tfidf, trivial_baseline
from ...evaluation.types import Baseline, Predictions, Splits
from ...layers import Dense, Dropout
from ...layers.preprocessing.text_vectorization import LENGTH_QUANTILE, TextVectorization
from ...parsing.words import count_words
from ...train.model import Model
from ..report import Report
from ..report.class_sizes import add_class_sizes
from ..report.texts import add_text_mistakes, add_word_attributions
from .files import DOMINANT_CLASS, unreadable_warnings, warn_of_skipped
from .script import quoted, sequential
from .settings import TEST, VALIDATION, TextSettings
from .task import DataKind, DataProfile, Decision, InputFile, PredictionBatch, Script, TrainOptions
from .text_files import SUFFIXES, detect_columns, read_texts

SMALL_CLASS = 200
"""Number of training texts of a class below which more are recommended."""
MIN_TEXTS, MIN_PER_CLASS = 20, 3
"""Number of texts needed for three splits, in total and of each class."""
MANY_NUMBERS = 20
"""Minimum number of distinct numbers of a target that is a quantity, not a class."""
MAX_TOKENS = 1_500_000
"""Number of tokens per epoch; texts are cut to limit the time."""
SHORTEST, LONGEST = 40, 400
"""Limits of the number of tokens that are read of a text."""
DROPOUT = 0.5
"""For all sizes of data: vocabularies are large, and single words should not decide alone."""
MAX_CLASSES, TEXTS_PER_CLASS, MAX_LETTERS = 6, 2, 200
"""Classes, texts of each class and letters of a text that the report shows."""
NETWORKS = {
    "lstm": text_networks.bidirectional_lstm,
    "gru": text_networks.bidirectional_gru,
    "conv": text_networks.convolution,
    "bag": text_networks.bag_of_words,
}
_DESCRIPTIONS = {
    "lstm": "reads forwards and backwards by an LSTM and weights the words by attention",
    "gru": "reads forwards and backwards by a GRU and weights the words by attention",
    "conv": "detects patterns of three consecutive words",
    "bag": "uses words and word pairs regardless of their order",
}
Profile = DataProfile[TextSettings]


class TextKind(DataKind[TextSettings]):
    """Labelled texts."""

    name: ClassVar[str] = "text"
    networks: ClassVar[tuple[str, ...]] = tuple(NETWORKS)
    uploads: ClassVar[tuple[str, ...]] = SUFFIXES
    settings_type = TextSettings

    def profile_data(self, options: TrainOptions) -> Profile:
        excluded = ("group", "time", "columns", "size", "seconds", "length", "horizon")
        model = options.check("texts", excluded, self.networks)
        if options.path.is_dir() and (options.text or options.target):
            raise ArgumentError(
                f"{options.path} is a folder and has no columns: leave out the text and the "
                "target; the names of its sub-folders are the classes."
            )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if options.path.is_dir():
                text_column = label_column = None
                source = "the names of the folders"
            else:
                columns = detect_columns(options.path, options.text, options.target)
                text_column, label_column = columns.text, columns.label
                source = f"texts in {text_column!r}, classes in {label_column!r}, {columns.reason}"
            texts = text(
                options.path,
                text_column=text_column,
                label_column=label_column,
                on_error="skip",
            )
        _check_classes(texts, label_column or "class")
        texts.split(VALIDATION, TEST, options.seed)
        common = options.common_settings(model, len(texts))
        common |= {"dropout": DROPOUT, "batch_size": 64 if len(texts) > 5_000 else 16}
        settings = TextSettings(
            **common,
            epochs=30 if model == "bag" else 15,
            patience=3,
            max_learning_rate=5e-3 if model == "bag" else 1e-3,
            length=_choose_length(texts),
            text_column=text_column,
            label_column=label_column,
        )
        return DataProfile(
            "classify",
            label_column or "class",
            texts.classes,
            (Decision(f"{len(texts.classes)} classes", source), *_decisions(texts, settings)),
            (
                *dict.fromkeys(str(warning.message) for warning in caught),
                *unreadable_warnings("text", texts.skipped, len(texts)),
                *_class_warnings(texts),
            ),
            settings,
        )

    def script(self, profile: Profile) -> Script:
        settings, body = profile.settings, NETWORKS[profile.settings.model]
        dropout = "" if settings.model == "bag" else f", dropout={settings.dropout}"
        columns = {"text_column": settings.text_column, "label_column": settings.label_column}
        arguments = "".join(f"    {name}={quoted(v)},\n" for name, v in columns.items() if v)
        layers = sequential(
            [
                "words",
                f"*{body.__name__}(words.vocabulary_size{dropout})",
                f"Dropout({settings.dropout})",
                f'Dense({len(profile.classes)}, "softmax", '
                f"kernel_regularizer=lp.L2({settings.l2}))",
            ]
        )
        return Script(
            load_data=(
                f"return lp.data.text(\n    {quoted(settings.path)},\n{arguments}"
                '    on_error="skip",\n)'
            ),
            build_model=(
                f"words = TextVectorization(output_sequence_length={settings.length}, "
                "min_frequency=2)\n"
                f"words.adapt(train.texts)\n{layers}"
            ),
            functions=(body,),
            names=(TextVectorization, Dense, Dropout),
            x="split.texts",
        )

    def inputs(self, split: Texts) -> list[str]:
        return split.texts

    def baselines(self, splits: Splits, profile: Profile) -> list[Baseline]:
        trivial, result = trivial_baseline(splits, len(profile.classes)), tfidf(*splits)
        name = "TF-IDF and logistic regression"
        return [trivial, Baseline(name, result.probabilities, True, result.seconds)]

    def read_batches(
        self, files: Iterable[InputFile], settings: TextSettings
    ) -> Iterator[PredictionBatch]:
        return read_texts(files, settings.text_column)

    def load_labelled(self, path: Path, settings: TextSettings, classes: Sequence[str]) -> Texts:
        columns = {"text_column": settings.text_column, "label_column": settings.label_column}
        dataset = text(path, classes=classes, on_error="skip", **({} if path.is_dir() else columns))
        warn_of_skipped(dataset)
        return dataset

    def add_data(self, report: Report, profile: Profile, splits: Splits) -> None:
        add_class_sizes(report, splits)
        train: Texts = splits.train
        lengths = np.array([count_words(text) for text in train.texts])
        low, median, high = np.quantile(lengths, (0.05, 0.5, 0.95)).astype(int)
        report.text(
            f"Half of the texts have up to {median:,} words, and 90% have {low:,} to {high:,}; the "
            f"network reads the first {profile.settings.length} tokens (words and punctuation "
            "marks) of each."
        )
        rows = [
            [name, shorten(train.texts[i], MAX_LETTERS, placeholder=" …")]
            for label, name in enumerate(train.classes[:MAX_CLASSES])
            for i in np.flatnonzero(train.y == label)[:TEXTS_PER_CLASS]
        ]
        report.table(["class", "text"], rows, "Some of the training texts.")

    def add_mistakes(
        self, report: Report, profile: Profile, test: Texts, y_pred: Predictions
    ) -> None:
        add_text_mistakes(report, test, y_pred)

    def add_explanations(
        self, report: Report, profile: Profile, model: Model, splits: Splits
    ) -> None:
        y_pred = model.predict(splits.test.texts)
        add_word_attributions(report, model, splits.test, y_pred)

    def recommendations(self, profile: Profile, splits: Splits) -> list[str]:
        sentences = []
        if profile.settings.model != "bag":
            sentences.append(
                "--model bag uses words and word pairs alone; it is trained in seconds and is hard "
                "to beat where single words decide."
            )
        smallest, number = Counter(splits.train.counts).most_common()[-1]
        if number < SMALL_CLASS:
            sentences.append(f"“{smallest}” has only {number:,} training texts; more help most.")
        return sentences

    def json_schema(self, settings: TextSettings) -> dict[str, Any]:
        return {"type": "string"}

    def parse_items(self, items: Sequence[Any], settings: TextSettings) -> PredictionBatch:
        for number, item in enumerate(items, 1):
            if not isinstance(item, str):
                raise DataError(f"item {number} is {item!r:.60}; each must be a text.")
        return PredictionBatch([str(number) for number in range(1, len(items) + 1)], list(items))


def _check_classes(texts: Texts, target: str) -> None:
    names, counts = texts.classes, texts.counts
    if len(texts) < MIN_TEXTS:
        raise DataError(
            f"there are only {pluralize(len(texts), 'text')}; training, validation and test data "
            f"need at least {MIN_TEXTS}."
        )
    if len(names) > MANY_NUMBERS and all(map(_is_number, names)):
        raise DataError(
            f"{target!r} has {len(names):,} different numbers: it is a quantity, which --kind "
            "table predicts from the words of texts. To classify, replace the numbers by a few "
            "classes, such as low and high."
        )
    if len(names) > len(texts) / 2:
        raise DataError(
            f"{target!r} has {len(names):,} different values in {len(texts):,} texts, so these are "
            "not classes. Choose another column as the target."
        )
    small = [name for name in names if counts[name] < MIN_PER_CLASS]
    if small:
        raise DataError(
            f"{target!r} has {pluralize(len(small), 'class', 'classes')} of fewer than "
            f"{MIN_PER_CLASS} texts: {format_list(small)}. Each split needs one: add texts, or "
            "merge or remove these classes."
        )


def _is_number(name: str) -> bool:
    try:
        return bool(np.isfinite(float(name)))
    except ValueError:
        return False


def _choose_length(texts: Texts) -> int:
    """Number of tokens that covers most texts, or fewer where that takes too long."""
    words = TextVectorization()
    words.adapt(texts.texts)
    assert words.output_sequence_length is not None
    return min(words.output_sequence_length, LONGEST, max(SHORTEST, MAX_TOKENS // len(texts)))


def _decisions(texts: Texts, settings: TextSettings) -> list[Decision]:
    lengths = sorted(count_words(line) for line in texts.texts)
    covering = lengths[int(LENGTH_QUANTILE * (len(texts) - 1))]
    return [
        Decision(
            pluralize(len(texts), "text"),
            format_list((f"{name} {number:,}" for name, number in texts.counts.items()), 12),
        ),
        Decision(
            f"the first {settings.length} tokens (words and punctuation marks)",
            f"98% of the texts have up to {covering:,} words"
            + ("; reading more would be slow" if settings.length < covering else ""),
        ),
        Decision(f"network {settings.model}", f"it {_DESCRIPTIONS[settings.model]}"),
        Decision(
            f"dropout {settings.dropout}, l2 {settings.l2}",
            "the vocabulary is large, and there are few examples of each word",
        ),
    ]


def _class_warnings(texts: Texts) -> Iterator[str]:
    name, number = max(texts.counts.items(), key=lambda pair: pair[1])
    if number > DOMINANT_CLASS * len(texts):
        yield (
            f"{format_share(number, len(texts))} of the texts are “{name}”: always predicting "
            "this class would be as accurate. See the confusion matrix, not the accuracy alone."
        )
    if copies := len(texts) - len(set(texts.groups.tolist())):
        yield (
            f"{pluralize(copies, 'text is a copy', 'texts are copies')} of another one; copies "
            "stay in one split."
        )
