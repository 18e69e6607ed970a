"""``lampas train``: look, decide, learn, measure, tell, hand over; in this order below."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from glob import escape
from pathlib import Path
from typing import Final, NamedTuple

from ..cases.folder import run_folder, write_run
from ..cases.record import begin, recorded, unfinished
from ..train.progress import Verbose
from .handover import MODEL, RUN, read_handover
from .headline import HEADLINE
from .kind import Task, Wishes
from .look import choose
from .outputs import outputs
from .report import tell
from .terminal import show_found, show_parts
from .trained import NETWORK, Trained
from .verdict import against
from .work import CHECKPOINT, Work

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
    there = [out] if out else sorted(Path("runs").glob(f"{escape(path.stem)}*"))
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
