"""``lampas train``: look, decide, learn, measure, tell, hand over; in this order below.

A run at work: its script is written, run, and written again when more is decided.

Training by the clock.

What the tool says in the terminal while it works.
"""

from __future__ import annotations

import glob
import math
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ...core.random import set_seed
from ...evaluation.comparison import HEADLINE
from ...inspection.lr_finder import LearningRates, lr_find
from ...train.callbacks.base import Callback, Logs
from ...train.checkpoint import Checkpoint
from ...train.history import History
from ...train.model import Model
from ...train.progress_bar import Verbose
from ..runs.folder import run_folder, write_run
from ..runs.record import begin, recorded, unfinished
from .detect import choose
from .manifest import MODEL, RUN, Handover, read_handover
from .predictor import outputs
from .report import tell
from .result import NETWORK, Trained, against
from .script import imported, render, write
from .task import Found, Kind, Parts, Settings, Task, Wishes

_QUESTIONS: Final[Mapping[Task, str]] = {
    "classify": "which {}?",
    "regress": "how much is {}?",
    "forecast": "what will {} be?",
}


class Result(NamedTuple):
    """How good the network is on the test part, beside the strongest yardstick; the report.

    ``measure`` names what ``score`` and ``yardstick_score`` are: accuracy, or the root of the mean
    squared error. ``ahead`` is above 0 where the network is the better. Each ``low`` and ``high``
    are the ends of a 95 % interval.
    """

    measure: str
    score: float
    low: float
    high: float
    yardstick: str
    yardstick_score: float
    ahead: float
    ahead_low: float
    ahead_high: float
    report: Path


@recorded("train")
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

    folder, goes_on = _folder(out and out.expanduser(), path)
    if goes_on:
        settings = read_handover(folder).settings
    else:
        _clear(folder)
    begin(folder, path.absolute())
    title = f"{path.name}: {_QUESTIONS[found.task].format(found.target)}"
    work = Work(folder, chosen, found, settings, title)
    parts = work.parts()
    if verbose != 0:
        show_parts(chosen, parts, folder, goes_on)
    rates = None if "rate" in settings else work.range_test(parts)
    network, history = work.fit(parts, minutes, verbose)

    said = outputs(network, found.task, chosen.inputs(parts.test))
    yardsticks = chosen.yardsticks(parts, found, settings)
    trained = Trained(
        title, chosen, found, settings, parts, network, history, rates, said, yardsticks
    )
    report = write_run(folder, tell(trained), network, history)
    shutil.rmtree(folder / CHECKPOINT, ignore_errors=True)
    return _result(trained, report)


def _folder(out: Path | None, path: Path) -> tuple[Path, bool]:
    """The folder of the run, and whether it has this very run, begun and not ended."""
    there = [out] if out else sorted(Path("runs").glob(f"{glob.escape(path.stem)}*"))
    for folder in there:
        if (folder / RUN).exists() and unfinished(folder, path.absolute()):
            return folder, True
    return run_folder(out, path.stem), False


def _clear(folder: Path) -> None:
    """Remove what an earlier run has left: it must not be taken for this one's."""
    shutil.rmtree(folder / CHECKPOINT, ignore_errors=True)
    for name in (MODEL, "history.csv", "report.html"):
        (folder / name).unlink(missing_ok=True)


def _result(trained: Trained, report: Path) -> Result:
    measure, best = HEADLINE[trained.found.task], trained.strongest
    own, other = (trained.measured[name][measure] for name in (NETWORK, best.name))
    ahead = against(trained, best).by
    return Result(measure, *own, best.name, other.value, *ahead, report)


USUAL_RATE, LEAST_RATE, MOST_RATE = 1e-3, 1e-4, 1e-2
"""Of Adam: without a range test, and the bounds within which one is believed."""
CHECKPOINT = "checkpoint"


@dataclass
class Work:
    """A run under way: the script in its folder is what is run.

    Args:
        folder: of the run.
        kind: of the data.
        found: what the look at it has found.
        settings: everything decided; the learning rate comes in with the range test.
        title: of the script.
    """

    folder: Path
    kind: Kind
    found: Found
    settings: Settings
    title: str

    def parts(self) -> Parts:
        """The data as the script loads and parts it."""
        self._write()
        set_seed(self.settings["seed"])
        return Parts(*self.script.data())

    def range_test(self, parts: Parts) -> LearningRates:
        """Choose the learning rate; the script has it from then on."""
        model = self.script.network(parts.train)
        self.script.prepare(model, parts.train)
        x, y = self.script.inputs(parts.train), self.script.targets(parts.train)
        found = lr_find(model, x, y, self.settings["batch_size"], seed=self.settings["seed"])
        bounds = {"slowest": LEAST_RATE, "fastest": MOST_RATE} | self.settings
        self.settings["rate"] = min(max(found.suggestion, bounds["slowest"]), bounds["fastest"])
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


class TimeLimit(Callback):
    """Ends a fit with the epoch in which so many seconds are over; ``over`` tells that it did."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.over = False

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._end = time.monotonic() + self.seconds

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if time.monotonic() > self._end:
            self.over = self.model.stop_training = True


def show_found(kind: Kind, found: Found) -> None:
    """What was found and decided, and why; then what to look into."""
    console = Console(highlight=False)
    table = Table.grid(padding=(0, 2))
    for what, why in found.reasons:
        table.add_row(f"[bold]{escape(what)}[/]", escape(why))
    console.print(table)
    for warning in found.warnings:
        console.print(f"[yellow]look into this[/] {escape(warning)}", soft_wrap=True)


def show_parts(kind: Kind, parts: Parts, folder: Path, goes_on: bool) -> None:
    """How many examples are in each part, and where the run is."""
    train, validation, test = map(kind.examples, parts)
    console = Console(highlight=False)
    console.print(
        f"{train:,} examples to learn from, {validation:,} to stop by, {test:,} to be judged by"
    )
    if goes_on:
        console.print(f"going on with the run in {escape(str(folder))}")
