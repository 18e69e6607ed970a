"""``lampas evaluate``: how good a trained run is on other data with known answers."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..cases.intervals import Interval
from ..core.errors import FileError
from .measures import measures
from .outputs import outputs
from .predictor import Predictor


class Evaluation(NamedTuple):
    """How many examples there were, and each measure with its 95 % interval."""

    examples: int
    measures: dict[str, Interval]


def evaluate(run: Path, path: Path) -> Evaluation:
    """Ask the model of a run about data with known answers.

    Raises:
        FileError: when the run or the data can not be read.
        DataError: when the data has no answers, or not the form that the model takes.
    """
    predictor = Predictor(run)
    if not path.exists():
        raise FileError(f"there is no file or folder {path}.")
    about, kind = predictor.handover, predictor.kind
    part = kind.labelled(path, about.settings, about.classes)
    said = outputs(predictor.model, about.task, kind.inputs(part))
    found = measures(about.task, kind.targets(part), said, about.classes)
    return Evaluation(kind.examples(part), found)
