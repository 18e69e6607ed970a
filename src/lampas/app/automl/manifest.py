"""``run.json``: what a trained model predicts and the settings of its run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...core.errors import ArgumentError, FileError, UnknownNameError, unknown_name
from ...evaluation.forecast_intervals import ForecastIntervals
from ...evaluation.types import Task
from ..runs.record import read_json
from .kinds import get_kind
from .script import write_text
from .settings import SeriesSettings, Settings, from_dict

RUN, MODEL = "run.json", "model.safetensors"
FORMAT = 2


@dataclass(frozen=True)
class RunManifest:
    """What a model predicts, and what its inputs are.

    Args:
        kind: kind of the data, such as ``"table"``.
        task: task of the model.
        target: what is predicted.
        classes: names by label; empty unless the task is classification.
        settings: settings of the run.
        intervals: prediction intervals of the forecasts, if there are any.
    """

    kind: str
    task: Task
    target: str
    classes: tuple[str, ...]
    settings: Settings
    intervals: ForecastIntervals | None = None

    def write(self, folder: Path) -> None:
        """Write the manifest into the run's folder.

        Raises:
            FileError: when the file cannot be written.
        """
        content = {"format": FORMAT, **asdict(self)}
        write_text(folder / RUN, f"{json.dumps(content, indent=2)}\n")


def read_manifest(folder: Path) -> RunManifest:
    """Read the manifest in a run's folder.

    Raises:
        FileError: when the folder is not that of a run of ``lampas train``, or the file is
            damaged.
    """
    path = folder / RUN
    try:
        return _parse(read_json(path))
    except OSError as error:
        raise FileError(
            f"cannot read {path}: {error.strerror}. Give a folder that lampas train has written."
        ) from error
    except (ValueError, TypeError, ArgumentError, UnknownNameError) as error:
        reason = str(error).removesuffix(".")
        raise FileError(
            f"{path} is damaged or of another version: {reason}. Train again with lampas train."
        ) from error


@dataclass(frozen=True)
class _Content:
    """The values in the file; the type of the settings depends on the kind."""

    format: int
    kind: str
    task: Task
    target: str
    classes: tuple[str, ...]
    settings: Any
    intervals: ForecastIntervals | None = None


def _parse(values: Any) -> RunManifest:
    if isinstance(values, dict) and values.get("format", FORMAT) != FORMAT:
        raise ValueError("it was written by another version of Lampas")
    content = from_dict(_Content, values)
    kind = get_kind(content.kind)
    settings = from_dict(kind.settings_type, content.settings)
    if settings.model not in kind.networks:
        raise unknown_name("network", settings.model, kind.networks)
    if (content.task == "classify") != bool(content.classes):
        raise ValueError(f"{content.task!r} has {len(content.classes)} classes")
    steps = settings.horizon if isinstance(settings, SeriesSettings) else 0
    if content.intervals and len(content.intervals.origins) != steps:
        raise ValueError(
            f"it has intervals for {len(content.intervals.origins)} steps of a forecast of {steps}"
        )
    return RunManifest(
        content.kind, content.task, content.target, content.classes, settings, content.intervals
    )
