"""``lampas train``: look, decide, learn, measure, tell, hand over; in this order below."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from ..cases.folder import run_folder, write_run
from ..cases.record import begin, recorded, unfinished
from ..core.seed import set_seed
from ..lr_find import LearningRates, lr_find
from ..train.checkpoint import Checkpoint
from ..train.history import History
from ..train.model import Model
from ..train.progress import Verbose
from .handover import RUN, Handover, read_handover
from .kind import Found, Kind, Parts, Said, Settings, Task, Wishes
from .look import choose
from .outputs import outputs
from .report import tell
from .script import imported, render, write
from .terminal import show_found, show_parts
from .time_limit import TimeLimit
from .trained import Trained

USUAL_RATE, LEAST_RATE, MOST_RATE = 1e-3, 1e-4, 1e-2
"""Of Adam: without a range test, and the bounds within which one is believed."""
CHECKPOINT = "checkpoint"
_QUESTIONS: Final[Mapping[Task, str]] = {
    "classify": "which {}?",
    "regress": "how much {}?",
    "forecast": "{}, and what comes next?",
}


class Result(NamedTuple):
    """How good the network is on the test part, and the strongest yardstick; the report.

    ``measure`` names what both numbers are: accuracy, or the root of the mean squared error.
    """

    measure: str
    score: float
    yardstick: str
    yardstick_score: float
    report: Path


@recorded
def run(
    path: str | Path,
    target: str | None = None,
    task: Task | None = None,
    kind: str | None = None,
    model: str | None = None,
    epochs: int | None = None,
    minutes: float | None = None,
    batch_size: int | None = None,
    rate: float | None = None,
    group: str | None = None,
    time: str | None = None,
    text: str | None = None,
    columns: dict[str, str] | None = None,
    size: int | None = None,
    seconds: float | None = None,
    length: int | None = None,
    horizon: int | None = None,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> Result:
    """Train on a person's own data and write the run's folder.

    Started again after Ctrl-C, with the same arguments, it goes on where it was.

    Args:
        path: of the data.
        target: the column to learn.
        task: ``"classify"``, ``"regress"`` or ``"forecast"``; None for what the data suggests.
        kind: ``"table"``, ``"images"``, ``"texts"``, ``"series"`` or ``"sounds"``; likewise.
        model: one of the kind's networks; None for the usual one.
        epochs: at most.
        minutes: of training at most, to the end of the epoch.
        batch_size: examples a step.
        rate: of learning; None for a range test.
        group: column whose equal values stay in one part of the split.
        time: column with the time.
        text: column with the texts.
        columns: kinds of columns by name, where the guess is wrong.
        size: pixels a side of images.
        seconds: that sounds are cut or filled up to.
        length: steps of a series that are looked at.
        horizon: steps of a series that are forecast.
        seed: decides everything random.
        out: folder of the run; None for the next free one in ``runs``.
        verbose: as of ``Model.fit``.

    Raises:
        DataError, FileError, ArgumentError: when the data can not be learnt from, before anything
            is written.
        KeyboardInterrupt: when Ctrl-C has ended the training.
    """
    path = Path(path).expanduser()
    wishes = Wishes(
        path, target, task, model, group, time, text, dict(columns or {}), size, seconds, length,
        horizon, seed,
    )  # fmt: skip
    chosen, reason = choose(wishes, kind)
    found = chosen.look(wishes)
    found = replace(found, reasons=(reason, *found.reasons))
    given = {"epochs": epochs, "batch_size": batch_size, "rate": rate}
    settings = found.settings | {name: value for name, value in given.items() if value is not None}
    settings |= {"path": str(path.absolute()), "seed": seed}
    if verbose != 0:
        show_found(chosen, found)

    folder, goes_on = _folder(out, path)
    if goes_on:
        settings = read_handover(folder).settings
    begin(folder, path)
    work = _Work(folder, chosen, found, settings, f"{path.name}: {_QUESTIONS[found.task]}")
    parts = work.parts()
    if verbose != 0:
        show_parts(chosen, parts, folder, goes_on)
    rates = None if "rate" in settings else work.range_test(parts)
    network, history = work.fit(parts, minutes, verbose)

    said = outputs(network, found.task, chosen.inputs(parts.test))
    yardsticks = chosen.yardsticks(parts, found, settings)
    trained = Trained(
        work.title, chosen, found, settings, parts, network, history, rates, said, yardsticks
    )
    report = write_run(folder, tell(trained), network, history)
    shutil.rmtree(folder / CHECKPOINT, ignore_errors=True)
    return _result(trained, report)


@dataclass
class _Work:
    """A run under way: the script in its folder is what is run."""

    folder: Path
    kind: Kind
    found: Found
    settings: Settings
    question: str

    @property
    def title(self) -> str:
        return self.question.format(self.found.target)

    def parts(self) -> Parts:
        """The data as the script loads and parts it."""
        self._write()
        set_seed(self.settings["seed"])
        return Parts(*self.script.data())

    def range_test(self, parts: Parts) -> LearningRates:
        """Choose the learning rate; the script has it from then on."""
        model = self.script.network(parts.train)
        self.script.prepare(model, parts.train)
        x, y = self.kind.inputs(parts.train), self.kind.targets(parts.train)
        found = lr_find(model, x, y, self.settings["batch_size"], seed=self.settings["seed"])
        most = self.settings.get("fastest", MOST_RATE)
        self.settings["rate"] = min(max(found.suggestion, LEAST_RATE), most)
        self._write()
        return found

    def fit(self, parts: Parts, minutes: float | None, verbose: Verbose) -> tuple[Model, History]:
        """Train, or go on training.

        Raises KeyboardInterrupt when Ctrl-C has ended it.
        """
        set_seed(self.settings["seed"])
        model = self.script.network(parts.train)
        self.script.prepare(model, parts.train)
        clock = TimeLimit(math.inf if minutes is None else 60 * minutes)
        history = self.script.fit(
            model,
            parts.train,
            parts.validation,
            callbacks=[clock],
            verbose=verbose,
            checkpoint=Checkpoint(self.folder / CHECKPOINT, every_seconds=10),
        )
        if history.interrupted:
            raise KeyboardInterrupt
        if clock.over:
            # The script ends where the clock has ended the run.
            self.settings["epochs"] = len(history.epoch)
            self._write()
        return model, history

    def _write(self) -> None:
        known = {"rate": USUAL_RATE} | self.settings
        code = render(self.title, self.found, known, self.kind.script(self.found, known))
        self.script: Any = imported(write(self.folder, code))
        about = self.found
        Handover(self.kind.name, about.task, about.target, about.classes, self.settings).write(
            self.folder
        )


def _folder(out: Path | None, path: Path) -> tuple[Path, bool]:
    """The folder of the run, and whether it has this very run, begun and not ended."""
    there = [out] if out else sorted(Path("runs").glob(f"{path.stem}*"))
    for folder in there:
        if (folder / RUN).exists() and unfinished(folder, path):
            return folder, True
    return run_folder(out, path.stem), False


def _result(trained: Trained, report: Path) -> Result:
    targets = trained.kind.targets(trained.parts.test)

    def score(said: Said) -> float:
        if trained.found.task == "classify":
            return float((said.argmax(1) == targets).mean())
        return float(np.sqrt(np.mean((said - targets) ** 2)))

    strongest = trained.strongest
    measure = "accuracy" if trained.found.task == "classify" else "RMSE"
    return Result(measure, score(trained.said), strongest.name, score(strongest.said), report)
