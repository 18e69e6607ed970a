"""A trained run, asked: raw files or items in, answers out.

What a model says, in the form of its task.

``lampas predict``: answers to any number of files, streamed into a CSV file.

``lampas evaluate``: how good a trained run is on other data with known answers.
"""

from __future__ import annotations

import csv
import json
import sys
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from ...core.errors import FileError
from ...evaluation.intervals import Interval
from ...evaluation.metrics import measures
from ...serialization import load
from ...train.model import Model
from ..runs.fingerprint import fingerprint
from ..runs.record import CONFIG
from .manifest import MODEL, Handover, read_handover
from .task import Asked, Kind, Said, Source, Task


@dataclass(frozen=True)
class Answer:
    """What the model says of one example.

    Args:
        name: of the example: its file, or its row.
        prediction: the class, the value in the target's units, or the values that follow.
        probabilities: of each class; empty unless it classifies.
        times: of the values that follow, where they are known.
    """

    name: str
    prediction: str | float | list[float]
    probabilities: dict[str, float] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """A dict of plain values."""
        return {name: value for name, value in asdict(self).items() if value not in ({}, [])}


class Predictor:
    """The model in a run's folder, with what is needed to ask it.

    Raises FileError when the folder has no run, or its model can not be read.
    """

    def __init__(self, folder: Path) -> None:
        from .registry import kind_of

        self.handover: Handover = read_handover(folder)
        self.kind: Kind = kind_of(self.handover.kind)
        if not (folder / MODEL).is_file():
            raise FileError(
                f"the run in {folder} has not ended and has no model yet. The same lampas train "
                "goes on with it."
            )
        self.model = load(folder / MODEL)

    def files(self, sources: Iterable[Source]) -> Iterator[list[Answer]]:
        """Answers to what is in files, some at a time.

        Raises DataError or FileError, which name file and row, when one can not be read.
        """
        for asked in self.kind.read(sources, self.handover.settings):
            yield self.answers(asked)

    def items(self, items: Sequence[Any]) -> list[Answer]:
        """Answers to rows or texts. Raises DataError for what is no such example."""
        return self.answers(self.kind.items(items, self.handover.settings))

    def answers(self, asked: Asked) -> list[Answer]:
        """Answers to raw examples."""
        said = outputs(self.model, self.handover.task, asked.x)
        times = asked.times or [[]] * len(asked.names)
        return [self._answer(*one) for one in zip(asked.names, said, times, strict=True)]

    def _answer(self, name: str, said: Said, times: Sequence[str]) -> Answer:
        task, classes = self.handover.task, self.handover.classes
        if task == "classify":
            shares = dict(zip(classes, said.astype(float).tolist(), strict=True))
            return Answer(name, classes[int(said.argmax())], shares)
        if task == "regress":
            return Answer(name, float(said))
        return Answer(name, said.astype(float).tolist(), times=list(times))


def outputs(model: Model, task: Task, x: Any) -> Said:
    """Probabilities ``(n, classes)``, values ``(n,)`` or the steps that follow ``(n, horizon)``."""
    said = np.asarray(model.predict(x))
    return said[:, 0] if task == "regress" else said


def predict(run: Path, paths: Sequence[Path], out: Path | None = None) -> int:
    """Write the answers to ``out``, whole or not at all, or else to standard output.

    A row for each example, with the probability of each class; of a forecast a row for each step.
    Returns the number of examples.

    Raises:
        FileError: when the run or a file can not be read, ``out`` not be written, or is read too.
        DataError: when a file or row can not be used; nothing is written then.
    """
    predictor, out = Predictor(run.expanduser()), out and out.expanduser()
    for path in paths:
        if not path.exists():
            raise FileError(f"there is no file or folder {path}.")
        if out is not None and out.exists() and out.samefile(path):
            raise FileError(f"{path} is to be read: give the answers another name with --out.")
    sources = [Source(str(path), path) for path in paths]
    done = 0
    with _opened(out) as file, _progress() as progress:
        writer = csv.writer(file, lineterminator="\n")
        task = progress.add_task("", total=None)
        for answers in predictor.files(sources):
            if not done:
                writer.writerow(_heads(predictor.handover))
            for answer in answers:
                writer.writerows(_rows(predictor.handover, answer))
            done += len(answers)
            progress.update(task, completed=done)
    return done


def _heads(about: Handover) -> list[str]:
    if about.task == "forecast":
        return ["name", "step", "time", about.target]
    return ["name", about.target, *(f"probability of {name}" for name in about.classes)]


def _rows(about: Handover, answer: Answer) -> Iterator[list[Any]]:
    if isinstance(answer.prediction, list):
        times = answer.times or [""] * len(answer.prediction)
        for step, (time, value) in enumerate(zip(times, answer.prediction, strict=True), 1):
            yield [answer.name, step, time, f"{value:.7g}"]
    elif isinstance(answer.prediction, float):
        yield [answer.name, f"{answer.prediction:.7g}"]
    else:
        shares = (f"{share:.6f}" for share in answer.probabilities.values())
        yield [answer.name, answer.prediction, *shares]


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.completed:,} predicted"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


@contextmanager
def _opened(out: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a file that is there once all is well."""
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
        raise FileError(f"can not write {out}: {error.strerror or error}.") from error
    finally:
        draft.unlink(missing_ok=True)


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
