"""Section of a report with the number of examples per class."""

from __future__ import annotations

from ... import plots
from ...evaluation.types import Splits
from .report import Report


def add_class_sizes(report: Report, splits: Splits) -> None:
    """Add the number of examples of each class in each split.

    Args:
        report: the report.
        splits: labelled training, validation and test data.
    """
    named = zip(("training", "validation", "test"), splits, strict=True)
    report.figure(
        plots.class_balance({name: split.counts for name, split in named}),
        "Number of examples by class.",
    )
