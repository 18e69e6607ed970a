"""Columns, mistakes and column importances of a table in the report."""

from __future__ import annotations

from textwrap import shorten

import numpy as np

from ... import plots
from ...data.tables import Table
from ...evaluation.formatting import format_in_units
from ...evaluation.mistakes import MAX_MISTAKES, most_confident_mistakes
from ...evaluation.permutation_importance import permutation_importance
from ...evaluation.types import Predictions, Splits
from ...layers import TableReader
from ...plots.intervals import intervals
from ...train.model import Model
from ..report import Report
from .settings import TableSettings
from .task import DataProfile

MAX_COLUMNS = 8
"""Number of columns of a row that are shown."""
MAX_LETTERS = 200
"""Letters of a text that are shown."""
TOO_WIDE = 500
"""Minimum number of columns for which importances take too long."""
MAX_IMPORTANCES = 15
"""Number of columns whose importance is shown."""


def add_columns(report: Report, profile: DataProfile[TableSettings], splits: Splits) -> None:
    """Add the kinds of the columns and the distribution of the target."""
    rows = [
        [c.name, c.kind, c.reason, f"{c.missing:.0%}" if c.missing else "", c.distinct, c.note]
        for c in profile.settings.summary
    ]
    report.table(
        ["column", "kind", "reason", "missing", "distinct values", "note"], rows, "The columns."
    )
    tables = dict(zip(("training", "validation", "test"), splits, strict=True))
    if profile.classes:
        report.figure(
            plots.class_balance({name: table.counts for name, table in tables.items()}),
            f"Number of rows by {profile.target}.",
        )
        return
    quantiles = [0.0, 0.25, 0.5, 0.75, 1.0]
    report.table(
        ["split", "minimum", "25% quantile", "median", "75% quantile", "maximum"],
        [
            [name, *map(format_in_units, np.quantile(table.y, quantiles))]
            for name, table in tables.items()
        ],
        f"Distribution of {profile.target}.",
    )


def add_mistakes(report: Report, test: Table, y_pred: Predictions) -> None:
    """Add the test rows with the most confident mistakes, or with the largest errors."""
    if test.classes:
        worst = most_confident_mistakes(test.y, y_pred)
        if not len(worst):
            report.text("All test rows are classified correctly.")
            return
        caption, column = "The most confident mistakes.", "probability"
        cells = [
            [test.classes[test.y[i]], test.classes[y_pred[i].argmax()], f"{y_pred[i].max():.0%}"]
            for i in worst
        ]
    else:
        worst = np.argsort(-np.abs(y_pred - test.y), kind="stable")[:MAX_MISTAKES]
        caption, column = "The largest errors.", "error"
        cells = [
            [format_in_units(value) for value in (test.y[i], y_pred[i], y_pred[i] - test.y[i])]
            for i in worst
        ]
    names = list(test.columns)[:MAX_COLUMNS]
    values = test.x[names].iloc[worst].itertuples(index=False)
    rows = [
        [int(test.lines[i]), *row_cells, *map(_format_value, row_values)]
        for i, row_cells, row_values in zip(worst, cells, values, strict=True)
    ]
    hidden = len(test.columns) - len(names)
    note = f" {hidden:,} more columns are not shown." if hidden else ""
    report.table(["line", "true", "predicted", column, *names], rows, caption + note)


def _format_value(value: object) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return shorten(str(value), MAX_LETTERS, placeholder=" …")


def add_importance(
    report: Report, profile: DataProfile[TableSettings], model: Model, test: Table
) -> None:
    """Add the permutation importances of the columns."""
    if len(test.columns) > TOO_WIDE:
        report.text(
            f"Importances of {len(test.columns):,} columns take too long and are not computed."
        )
        return
    reader = next(layer for _, layer in model.modules() if isinstance(layer, TableReader))
    importances = permutation_importance(
        model.predict,
        _accuracy if profile.classes else _negative_rmse,
        reader.convert(test.x),
        reader.sources,
        test.y,
        profile.settings.seed,
    )
    increase = f"increase of the RMSE of {profile.target}"
    what = "decrease of the accuracy" if profile.classes else increase
    report.text(
        "Permutation importance: the values of a column are shuffled between test rows, several "
        "times over. The more the network relies on the column, the worse it gets. Two columns "
        "with the same information may both seem unimportant."
    )
    hidden = len(importances) - MAX_IMPORTANCES
    note = f" {hidden:,} less important columns are not shown." if hidden > 0 else ""
    shown = dict(list(importances.items())[:MAX_IMPORTANCES])
    report.figure(
        intervals(shown, what, percent=bool(profile.classes)),
        f"Importance of the columns: the {what}.{note}",
    )


def _accuracy(y_pred: Predictions, y_true: np.ndarray) -> float:
    return float((y_pred.argmax(1) == y_true).mean())


def _negative_rmse(y_pred: Predictions, y_true: np.ndarray) -> float:
    return -float(np.sqrt(np.mean((y_pred[:, 0] - y_true) ** 2)))
