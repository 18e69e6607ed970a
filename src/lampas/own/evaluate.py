"""``lampas evaluate``: how good a trained run is on other data with known answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from ..cases.fingerprint import fingerprint
from ..cases.intervals import Interval
from ..cases.record import CONFIG
from ..core.errors import FileError
from .measures import measures
from .outputs import outputs
from .predictor import Predictor


class Evaluation(NamedTuple):
    """How good a model is on some examples.

    Args:
        examples: how many there were.
        measures: each with its 95 % interval.
        met: whether the data is what the model has learnt from.
    """

    examples: int
    measures: dict[str, Interval]
    met: bool


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
    return Evaluation(kind.examples(part), found, _same_data(run, path))


def _same_data(run: Path, path: Path) -> bool:
    """Whether the data at the path is that of the run, as far as its record tells."""
    try:
        known = json.loads((run / CONFIG).read_bytes())["data"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(fingerprint(path)["sha256"] == known)
