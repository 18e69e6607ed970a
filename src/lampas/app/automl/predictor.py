"""Predictions of a trained run: ``lampas predict`` and ``lampas evaluate``."""

from __future__ import annotations

import csv
import sys
import uuid
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from ...core.errors import ArgumentError, FileError
from ...data.tables.read import SHEET_SUFFIXES
from ...evaluation.forecast_intervals import IntervalBounds
from ...evaluation.intervals import Interval
from ...evaluation.metrics import compute_metrics
from ...evaluation.types import Predictions, Task
from ...saving import load
from ...train.model import Model
from ..runs.fingerprint import fingerprint
from ..runs.record import CONFIG, read_json
from .kinds import get_kind
from .manifest import MODEL, RunManifest, read_manifest
from .settings import TableSettings
from .task import DataKind, InputFile, PredictionBatch


@dataclass(frozen=True)
class Prediction:
    """The prediction for one example.

    Args:
        name: name of the example: its file, or its row.
        prediction: the class, the value in the target's units, or the forecast values.
        probabilities: probability of each class; empty unless the task is classification.
        times: times of the forecast values, where they are known.
        intervals: prediction intervals of the forecast values, for each level.
        origins: number of back-tests that the intervals of each step rest on.
    """

    name: str
    prediction: str | float | list[float]
    probabilities: dict[str, float] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)
    intervals: list[IntervalBounds] = field(default_factory=list)
    origins: list[int] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """A dict of the values that are not empty."""
        values = {name: value for name, value in vars(self).items() if value not in ({}, [])}
        if self.intervals:
            values["intervals"] = [bounds._asdict() for bounds in self.intervals]
        return values


class Predictor:
    """The model in a run's folder, for examples in files or from JSON.

    Args:
        folder: folder of the run.
        sheet: name or number of the sheet of Excel files; None for the one that was trained on.

    Raises:
        FileError: when the folder has no run, or its model cannot be read.
        ArgumentError: when the run has no table, and therefore no sheets.
    """

    def __init__(self, folder: Path, sheet: str | None = None) -> None:
        self.manifest: RunManifest = read_manifest(folder)
        if sheet is not None:
            self.manifest = _with_sheet(self.manifest, sheet)
        self.kind: DataKind[Any] = get_kind(self.manifest.kind)
        if not (folder / MODEL).is_file():
            raise FileError(
                f"the run in {folder} is not finished and has no model yet. Repeat the same "
                "lampas train command to resume it."
            )
        self.model = load(folder / MODEL)

    def predict_files(self, files: Iterable[InputFile]) -> Iterator[list[Prediction]]:
        """Predictions for the examples in files, a batch at a time.

        Raises:
            DataError, FileError: naming the file and the row that cannot be read.
        """
        for batch in self.kind.read_batches(files, self.manifest.settings):
            yield self.predict_batch(batch)

    def predict_items(self, items: Sequence[Any]) -> list[Prediction]:
        """Predictions for rows or texts.

        Raises:
            DataError: for an item that is not such an example.
        """
        return self.predict_batch(self.kind.parse_items(items, self.manifest.settings))

    def predict_batch(self, batch: PredictionBatch) -> list[Prediction]:
        """Predictions for a batch of examples."""
        y_pred = predict_outputs(self.model, self.manifest.task, batch.x)
        times = batch.times or [[]] * len(batch.names)
        examples = zip(batch.names, y_pred, times, strict=True)
        return [self._to_prediction(*example) for example in examples]

    def _to_prediction(self, name: str, output: Predictions, times: Sequence[str]) -> Prediction:
        task, classes = self.manifest.task, self.manifest.classes
        if task == "classify":
            probabilities = dict(zip(classes, output.astype(float).tolist(), strict=True))
            return Prediction(name, classes[int(output.argmax())], probabilities)
        if task == "regress":
            return Prediction(name, float(output))
        prediction = Prediction(name, output.astype(float).tolist(), times=list(times))
        if (intervals := self.manifest.intervals) is None:
            return prediction
        return replace(
            prediction, intervals=intervals.around(output), origins=list(intervals.origins)
        )


def _with_sheet(manifest: RunManifest, sheet: str) -> RunManifest:
    """The manifest with another sheet to read."""
    if not isinstance(manifest.settings, TableSettings):
        raise ArgumentError(f"sheet={sheet!r} does not apply to {manifest.kind}. Leave it out.")
    return replace(manifest, settings=replace(manifest.settings, sheet=sheet))


def _check_sheet(paths: Sequence[Path], sheet: str | None) -> None:
    """Raise ArgumentError for a sheet where no file has sheets."""
    is_book = [path.is_dir() or path.name.lower().endswith(SHEET_SUFFIXES) for path in paths]
    if sheet is not None and not any(is_book):
        raise ArgumentError(f"sheet={sheet!r} is for Excel files, and {paths[0]} is none.")


def predict_outputs(model: Model, task: Task, x: Any) -> Predictions:
    """Probabilities ``(n, classes)``, values ``(n,)`` or forecasts ``(n, horizon)``."""
    outputs = np.asarray(model.predict(x))
    return outputs[:, 0] if task == "regress" else outputs


def predict(
    run: Path, paths: Sequence[Path], out: Path | None = None, sheet: str | None = None
) -> int:
    """Write predictions as CSV: a row per example, or per step of a forecast.

    Args:
        run: folder of the run.
        paths: files or folders to predict.
        out: file, written as a whole or not at all; None for the standard output.
        sheet: as for `Predictor`.

    Returns:
        The number of examples.

    Raises:
        FileError: when the run or a file cannot be read, or ``out`` cannot be written or is one
            of the files to read.
        DataError: when a file or row cannot be used; then nothing is written.
    """
    predictor, out = Predictor(run.expanduser(), sheet), out and out.expanduser()
    _check_sheet(paths, sheet)
    for path in paths:
        if not path.exists():
            raise FileError(f"there is no file or folder {path}.")
        if out is not None and out.exists() and out.samefile(path):
            raise FileError(f"{path} is an input: choose another output file with --out.")
    files = [InputFile(str(path), path) for path in paths]
    num_examples = 0
    columns = TextColumn("{task.completed:,} predicted"), TimeElapsedColumn()
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    with _open_output(out) as output, bar as progress:
        writer = csv.writer(output, lineterminator="\n")
        task = progress.add_task("", total=None)
        for predictions in predictor.predict_files(files):
            if not num_examples:
                writer.writerow(_header(predictor.manifest))
            for prediction in predictions:
                writer.writerows(_rows(prediction))
            num_examples += len(predictions)
            progress.update(task, completed=num_examples)
    if (intervals := predictor.manifest.intervals) and intervals.shortage:
        warnings.warn(intervals.shortage, stacklevel=2)
    return num_examples


def _header(manifest: RunManifest) -> list[str]:
    if manifest.task == "forecast":
        levels = manifest.intervals.levels if manifest.intervals else ()
        ends = [f"{end} {level:.0%}" for level in levels for end in ("lower", "upper")]
        return ["name", "step", "time", manifest.target, *ends]
    return ["name", manifest.target, *(f"probability of {name}" for name in manifest.classes)]


def _rows(prediction: Prediction) -> Iterator[list[Any]]:
    name, value = prediction.name, prediction.prediction
    if isinstance(value, list):
        times = prediction.times or [""] * len(value)
        ends = [end for bounds in prediction.intervals for end in (bounds.lower, bounds.upper)]
        for step, (time, *numbers) in enumerate(zip(times, value, *ends, strict=True), 1):
            yield [name, step, time, *("" if n is None else f"{n:.7g}" for n in numbers)]
    elif isinstance(value, float):
        yield [name, f"{value:.7g}"]
    else:
        yield [name, value, *(f"{p:.6f}" for p in prediction.probabilities.values())]


@contextmanager
def _open_output(out: Path | None) -> Iterator[IO[str]]:
    """The standard output, or a file that replaces ``out`` when all has been written."""
    if out is None:
        yield sys.stdout
        return
    draft = out.with_name(f".{out.name}.{uuid.uuid4().hex}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            yield file
        draft.replace(out)
    except OSError as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"cannot write {out}: {error.strerror or error}.") from error
    finally:
        draft.unlink(missing_ok=True)


class Evaluation(NamedTuple):
    """The metrics of a model on a data set.

    Args:
        num_examples: size of the data set.
        metrics: metrics by name, with 95 % intervals.
        is_training_data: whether it is the data set that the model was trained on.
    """

    num_examples: int
    metrics: dict[str, Interval]
    is_training_data: bool


def evaluate(run: Path, path: Path, sheet: str | None = None) -> Evaluation:
    """Evaluate the model of a run on other data with known targets.

    Args:
        run: folder of the run.
        path: path of the data.
        sheet: as for `Predictor`.

    Raises:
        FileError: when the run or the data cannot be read.
        DataError: when the data has no targets, or another form than the training data.
    """
    predictor = Predictor(run, sheet)
    _check_sheet([path], sheet)
    if not path.exists():
        raise FileError(f"there is no file or folder {path}.")
    manifest, kind = predictor.manifest, predictor.kind
    split = kind.load_labelled(path, manifest.settings, manifest.classes)
    y_pred = predict_outputs(predictor.model, manifest.task, kind.inputs(split))
    metrics = compute_metrics(manifest.task, kind.targets(split), y_pred, manifest.classes)
    return Evaluation(kind.num_examples(split), metrics, _is_training_data(run, path))


def _is_training_data(run: Path, path: Path) -> bool:
    """Whether the record of the run has the checksum of the data."""
    try:
        checksum = read_json(run / CONFIG)["data"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(fingerprint(path)["sha256"] == checksum)
