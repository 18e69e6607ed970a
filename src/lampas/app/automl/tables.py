"""Tables: rows with a column to predict, encoded by column and classified by dense layers."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ...applications.table_networks import (
    hidden_layers,
    log_table_regressor,
    squared_log_error,
    table_classifier,
    table_regressor,
)
from ...core.errors import ArgumentError, DataError, unknown_name
from ...data import tables
from ...data.labels import format_list, pluralize
from ...data.memory_file import MemoryFile
from ...data.system import list_files
from ...data.tables import Table, TableProfile, convert_rows, profile_table
from ...data.tables.column_types import column_option
from ...data.tables.row_structure import command_line_option
from ...data.tables.target import TableTask
from ...evaluation.baselines import gradient_boosting, trivial_baseline
from ...evaluation.types import Baseline, Predictions, Splits
from ...layers import TableReader
from ...parsing.csv import SUFFIXES as CSV_SUFFIXES
from ...parsing.missing import MISSING_VALUE_WORDS, MISSING_WORDS
from ...train.model import Model
from ..report import Report
from .script import quoted
from .settings import ColumnSummary, Scale, TableSettings
from .tables_report import add_columns, add_importance, add_mistakes
from .target_scale import choose_scale, log_gradient_boosting
from .task import DataKind, DataProfile, Decision, InputFile, PredictionBatch, Script, TrainOptions

if TYPE_CHECKING:
    from pandas import DataFrame

SUFFIXES = (*CSV_SUFFIXES, ".parquet", ".xlsx", ".xls")
WIDTH, EPOCHS, PATIENCE = 128, 200, 20
SMALL = 500
"""Number of training rows below which more rows are recommended."""
MAX_CHOICES = 30
"""Number of categories up to which a form offers them as choices."""
PLAIN_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?"
_WORDS = "|".join(map(re.escape, sorted(MISSING_WORDS | MISSING_VALUE_WORDS)))
NUMBER_OR_MISSING = f"^ *({PLAIN_NUMBER}|{_WORDS}) *$"
"""Pattern of texts that stand for a number, or for a missing one, in any column of numbers."""
TARGET_NAMES = ("target", "label", "class", "y", "outcome")
Profile = DataProfile[TableSettings]


class TableKind(DataKind[TableSettings]):
    """Rows and columns."""

    name: ClassVar[str] = "table"
    networks: ClassVar[tuple[str, ...]] = ("mlp", "linear")
    uploads: ClassVar[tuple[str, ...]] = SUFFIXES
    settings_type = TableSettings

    def profile_data(self, options: TrainOptions) -> Profile:
        task = _check_options(options, self.networks)
        frame = tables.read_frame(options.path, options.sheet)
        target = options.target or _guess_target(list(frame.columns), options)
        table = profile_table(frame, target, task, options.columns, options.group, options.time)
        scale, scale_reason = _choose_scale(frame, target, table, options.seed)
        settings = TableSettings(
            **options.common_settings(options.model or self.networks[0], len(frame)),
            epochs=EPOCHS,
            patience=PATIENCE,
            width=WIDTH,
            target=target,
            columns=dict(table.kinds),
            formats=dict(table.formats),
            choices=_choices(frame, table),
            group=table.structure.group,
            time=table.structure.time,
            scale=scale,
            sheet=frame.attrs.get("sheet"),
            summary=tuple(
                ColumnSummary(c.name, c.kind, c.reason, float(c.missing), int(c.distinct), c.note)
                for c in table.columns.values()
            ),
        )
        decisions = tuple(_decisions(table, settings, len(frame)))
        if scale_reason:
            decisions = (*decisions, Decision(f"{scale} scale", scale_reason))
        return DataProfile(table.task, target, table.classes, decisions, table.warnings, settings)

    def script(self, profile: Profile) -> Script:
        settings, is_classifier = profile.settings, profile.task == "classify"
        is_log = settings.scale == "log"
        regressor = log_table_regressor if is_log else table_regressor
        network = table_classifier if is_classifier else regressor
        outputs = len(profile.classes) if is_classifier else "train.y"
        if settings.model == "mlp":
            regularization = f"dropout={settings.dropout}, l2={settings.l2}"
            hidden = f"hidden_layers(width={settings.width}, {regularization})"
        else:
            hidden = "[]"
        functions = (hidden_layers, network) if settings.model == "mlp" else (network,)
        if is_classifier:
            loss = '"sparse_categorical_crossentropy"'
        elif is_log:
            loss = "squared_log_error(train.y)"
        else:
            # In standard deviations, so that the target's units do not matter.
            loss = "lambda y_true, y_pred: ((y_true - y_pred) / train.y.std()) ** 2"
        return Script(
            load_data=_load_data(profile),
            build_model=(
                "reader = TableReader(train.columns, formats=train.formats)\n"
                "reader.adapt(train.x)\n"
                f"hidden = {hidden}\n"
                f"return {network.__name__}(reader, hidden, {outputs}, l2={settings.l2})"
            ),
            functions=functions,
            names=(TableReader, squared_log_error) if is_log else (TableReader,),
            y="split.y" if is_classifier else "split.y[:, None]",
            loss=loss,
            metrics=("accuracy",) if is_classifier else ("mae",),
            refits=settings.time is not None,
        )

    def baselines(self, splits: Splits, profile: Profile) -> list[Baseline]:
        num_classes, seed = len(profile.classes), profile.settings.seed
        trees = (
            log_gradient_boosting(splits, seed)
            if profile.settings.scale == "log"
            else gradient_boosting(splits, num_classes, seed)
        )
        return [trivial_baseline(splits, num_classes), trees]

    def read_batches(
        self, files: Iterable[InputFile], settings: TableSettings
    ) -> Iterator[PredictionBatch]:
        for name, content in files:
            for file in _tables_in(name, content):
                for chunk in tables.read_chunks(file, default_sheet=settings.sheet):
                    x = convert_rows(chunk, settings.columns, settings.formats)
                    lines = [f"{file}, {chunk.index.name} {line}" for line in chunk.index]
                    yield PredictionBatch(lines, x)

    def load_labelled(self, path: Path, settings: TableSettings, classes: Sequence[str]) -> Table:
        task: TableTask = "classify" if classes else "regress"
        return tables.load_labelled(
            path, settings.target, task, settings.columns, classes, settings.formats, settings.sheet
        )

    def add_data(self, report: Report, profile: Profile, splits: Splits) -> None:
        add_columns(report, profile, splits)

    def add_mistakes(
        self, report: Report, profile: Profile, test: Table, y_pred: Predictions
    ) -> None:
        add_mistakes(report, test, y_pred)

    def add_explanations(
        self, report: Report, profile: Profile, model: Model, splits: Splits
    ) -> None:
        add_importance(report, profile, model, splits.test)

    def recommendations(self, profile: Profile, splits: Splits) -> list[str]:
        sentences = []
        if len(splits.train) < SMALL:
            sentences.append(
                f"There are only {len(splits.train):,} training rows. More rows help most, then "
                "columns with new information."
            )
        if profile.settings.group is None and profile.settings.time is None:
            sentences.append(
                "Rows were split at random. If several rows belong to the same person, place or "
                "device, keep these together with --group COLUMN; if you will predict later rows, "
                "hold out the latest with --time COLUMN."
            )
        return sentences

    def json_schema(self, settings: TableSettings) -> dict[str, Any]:
        names = {name: kind for name, kind in settings.columns.items() if kind != "leave-out"}
        properties = {name: _cell_schema(name, kind, settings) for name, kind in names.items()}
        return {"type": "object", "properties": properties, "required": list(names)}

    def parse_items(self, items: Sequence[Any], settings: TableSettings) -> PredictionBatch:
        x = convert_rows(list(items), settings.columns, settings.formats)
        return PredictionBatch([str(number) for number in range(1, len(items) + 1)], x)


def _cell_schema(name: str, kind: str, settings: TableSettings) -> dict[str, Any]:
    """JSON Schema of a cell; categories that are not among the examples are missing values."""
    if kind == "number":
        schema: dict[str, Any] = {"type": ["number", "boolean", "string", "null"]}
        return schema if name in settings.formats else schema | {"pattern": NUMBER_OR_MISSING}
    if kind == "date":
        return {"type": ["string", "null"], "format": "date"}
    if kind == "boolean":
        return {"type": ["boolean", "number", "string", "null"]}
    if kind == "text":
        types = ["string", "number", "boolean", "null"]
        return {"type": types, "contentMediaType": "text/plain"}
    choices = settings.choices.get(name, ())
    if not choices:
        return {"type": ["string", "number", "boolean", "null"]}
    booleans = ["boolean"] if {"true", "false"} & {c.lower() for c in choices} else []
    return {"type": ["string", "number", *booleans, "null"], "examples": list(choices)}


def _check_options(options: TrainOptions, networks: Sequence[str]) -> TableTask | None:
    """The task of the options. Raises ArgumentError for an option that is not for tables."""
    if options.task == "forecast":
        raise ArgumentError(
            "rows of a table cannot be forecast; --kind series treats it as a series in time."
        )
    if options.model is not None and options.model not in networks:
        raise unknown_name("model", options.model, networks)
    if options.text is not None:
        raise ArgumentError(
            "--text trains on texts alone and does not apply to tables; choose "
            f"{column_option(options.text, 'text')} to read the column beside others."
        )
    for name in ("size", "seconds", "length", "horizon"):
        if getattr(options, name) is not None:
            raise ArgumentError(f"--{name} does not apply to tables.")
    return options.task


def _guess_target(names: list[str], options: TrainOptions) -> str:
    candidates = [name for name in names if name.lower() in TARGET_NAMES]
    if len(candidates) == 1:
        return candidates[0]
    raise ArgumentError(
        f"which column is to be predicted? Choose it with --target NAME; {options.path} has "
        f"{format_list(map(repr, names), 20)}."
    )


def _choices(frame: DataFrame, table: TableProfile) -> dict[str, tuple[str, ...]]:
    """The values of columns with few categories."""
    columns = {
        name: kind
        for name, kind in table.kinds.items()
        if kind == "category" and table.columns[name].distinct <= MAX_CHOICES
    }
    if not columns:
        return {}
    x = convert_rows(frame, columns, table.formats)
    return {name: tuple(sorted(x[name].dropna().unique())) for name in columns}


def _decisions(table: TableProfile, settings: TableSettings, num_rows: int) -> Iterator[Decision]:
    kinds = Counter(table.kinds.values())
    excluded = {c.name: c.reason for c in table.columns.values() if c.kind == "leave-out"}
    yield Decision(f"{pluralize(num_rows, 'row')}", f"to predict {settings.target!r}")
    yield Decision(table.task, table.reason)
    counts = (
        pluralize(number, kind, "categories" if kind == "category" else "")
        for kind, number in kinds.items()
    )
    yield Decision(format_list(counts, 6), format_list(map(str, table.kinds), 12))
    if excluded:
        yield Decision(
            f"{pluralize(len(excluded), 'column')} excluded",
            format_list((f"{name}: {reason}" for name, reason in excluded.items()), 6),
        )
    for name in (name for name, kind in table.kinds.items() if kind == "text"):
        yield Decision(
            f"the words of {name!r}",
            f"{table.columns[name].reason}; {column_option(name, 'leave-out')} leaves it out",
        )
    hidden = f"two hidden layers of {settings.width} units, the usual network for tables"
    reason = "no hidden layer, as requested" if settings.model == "linear" else hidden
    yield Decision(f"network {settings.model}", reason)
    size = "small" if settings.dropout > 0.1 else "large"
    yield Decision(
        f"dropout {settings.dropout}, l2 {settings.l2}", f"{num_rows:,} rows are a {size} data set"
    )
    yield from _split_decision(table)


def _choose_scale(
    frame: DataFrame, target: str, table: TableProfile, seed: int
) -> tuple[Scale, str]:
    """The scale of the target, and the reason for it; none for classes."""
    if table.task == "classify":
        return "linear", ""
    group, time = table.structure.group, table.structure.time
    rows = tables.table(
        frame,
        target,
        task=table.task,
        columns=table.kinds,
        group=group,
        time=time,
        formats=table.formats,
    )
    return choose_scale(rows, seed)


def _split_decision(table: TableProfile) -> Iterator[Decision]:
    """The column that the rows are split by, and how to split them at random instead."""
    structure = table.structure
    name, reason = structure.group or structure.time, structure.reason
    if name is None:
        return
    if reason != "as requested":
        kind, effect = "date", "the latest rows are held out"
        if structure.group:
            kind, effect = "category", "these rows stay in one split"
        elif structure.series:
            effect += f" ({command_line_option('group', structure.series)} holds out whole series)"
        reason += f": {effect}; --as {shlex.quote(f'{name}={kind}')} splits at random"
    yield Decision(f"split by {name!r}", reason)


def _load_data(profile: Profile) -> str:
    settings = profile.settings
    columns = "".join(
        f"        {quoted(name)}: {quoted(kind)},\n" for name, kind in settings.columns.items()
    )
    arguments = {"group": settings.group, "time": settings.time, "sheet": settings.sheet}
    options = "".join(f"    {name}={quoted(v)},\n" for name, v in arguments.items() if v)
    if settings.formats:
        formats = ", ".join(f"{quoted(n)}: {quoted(f)}" for n, f in settings.formats.items())
        options += f"    formats={{{formats}}},\n"
    return (
        "return lp.data.table(\n"
        f"    {quoted(settings.path)},\n"
        f"    {quoted(settings.target)},\n"
        f"    task={quoted(profile.task)},\n"
        f"    columns={{\n{columns}    }},\n"
        f"{options})"
    )


def _tables_in(name: str, content: Path | bytes) -> Sequence[Path | MemoryFile]:
    """The file itself, or all tables in a folder."""
    if isinstance(content, bytes):
        return [MemoryFile(name, content)]
    if not content.is_dir():
        return [content]
    files = list_files(content, SUFFIXES)
    if not files:
        raise DataError(f"{content} has no tables: no file in it ends in {', '.join(SUFFIXES)}.")
    return files
