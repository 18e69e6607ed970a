"""What the report shows of a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ... import plots
from ...data.tables import Table
from ...evaluation.formatting import in_units
from ...evaluation.mistakes import MOST, surest_mistakes
from ...evaluation.permutation_importance import importances
from ...layers import TableReader
from ...plots.intervals import intervals
from ...train.model import Model
from ..report import Report
from .task import Found, Parts, Said, Settings

SHOWN = 8
"""Columns of a row that are shown."""
WIDE = 500
"""Columns from which on asking for the importance of each takes too long."""
DRAWN = 15
"""Columns whose importance is drawn."""


def add_columns(report: Report, found: Found, settings: Settings, parts: Parts) -> None:
    """Each column and what it was taken for; how often there is which answer."""
    rows = [
        [name, kind, why, f"{missing:.0%}" if missing else "", distinct, note]
        for name, kind, why, missing, distinct, note in settings["seen"]
    ]
    report.table(
        ["column", "taken for", "because", "missing", "different", "note"], rows, "The columns."
    )
    parted = dict(zip(("training", "validation", "test"), parts, strict=True))
    if found.classes:
        report.figure(
            plots.class_balance({name: part.counts for name, part in parted.items()}),
            f"How many rows there are of each {found.target}.",
        )
        return
    every = [0.0, 0.25, 0.5, 0.75, 1.0]
    report.table(
        ["part", "least", "a quarter is below", "half", "three quarters", "most"],
        [[name, *map(in_units, np.quantile(part.y, every))] for name, part in parted.items()],
        f"How {found.target} is spread.",
    )


def add_mistakes(report: Report, test: Table, said: Said) -> None:
    """The rows that the network was surest of and wrong about."""
    worst = surest_mistakes(test.y, said)
    if not len(worst):
        report.text("It makes no mistake on the test rows.")
        return
    answers = [
        [test.classes[test.y[i]], test.classes[said[i].argmax()], f"{said[i].max():.0%}"]
        for i in worst
    ]
    _add_rows(
        report, test, worst, ["true", "said", "sure"], answers, "The mistakes it was surest of."
    )


def add_errors(report: Report, test: Table, said: Said) -> None:
    """The rows with the largest errors."""
    worst = np.argsort(-np.abs(said - test.y), kind="stable")[:MOST]
    answers = [
        [in_units(test.y[i]), in_units(said[i]), in_units(said[i] - test.y[i])] for i in worst
    ]
    _add_rows(report, test, worst, ["true", "said", "error"], answers, "The largest errors.")


def _add_rows(
    report: Report,
    test: Table,
    chosen: np.ndarray,
    heads: Sequence[str],
    answers: Sequence[Sequence[str]],
    caption: str,
) -> None:
    names = list(test.columns)[:SHOWN]
    shown = test.x[names].iloc[chosen].itertuples(index=False)
    rows = [
        [int(test.lines[i]), *answer, *map(_cell, cells)]
        for i, answer, cells in zip(chosen, answers, shown, strict=True)
    ]
    more = len(test.columns) - len(names)
    left = f" {more:,} more columns are not shown." if more else ""
    report.table(["line", *heads, *names], rows, caption + left)


def _cell(value: object) -> str:
    if value is None or value != value:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def add_importance(report: Report, found: Found, model: Model, test: Table, seed: int) -> None:
    """By how much the network is worse when a column's cells are shuffled among the test rows."""

    def right(said: np.ndarray, y: np.ndarray) -> float:
        return float((said.argmax(1) == y).mean())

    def exact(said: np.ndarray, y: np.ndarray) -> float:
        return -float(np.sqrt(np.mean((said[:, 0] - y) ** 2)))

    if len(test.columns) > WIDE:
        report.text(f"To ask for the importance of {len(test.columns):,} columns takes too long.")
        return
    reader = next(part for _, part in model.modules() if isinstance(part, TableReader))
    score = right if found.classes else exact
    drops = importances(model.predict, score, reader.read(test.x), reader.sources, test.y, seed)
    what = "accuracy falls" if found.classes else f"RMSE of {found.target} rises"
    report.text(
        "Each column's cells were shuffled among test rows, several times over, so that the column "
        "says nothing: the more the network needs it, the worse it gets. Of two columns that say "
        "the same, both may seem to matter little."
    )
    drawn = dict(list(drops.items())[:DRAWN])
    left = (
        f" The {len(drops) - DRAWN:,} that matter less are not drawn." if len(drops) > DRAWN else ""
    )
    report.figure(
        intervals(drawn, f"how much the {what}", share=bool(found.classes)),
        f"What the network goes by.{left}",
    )
