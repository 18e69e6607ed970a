"""``lampas predict``: answers to any number of files, streamed into a CSV file."""

from __future__ import annotations

import csv
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from ..core.errors import FileError
from .handover import Handover
from .kind import Source
from .predictor import Answer, Predictor


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
