"""``lampas train``: profile the data, train by a written script, evaluate, write a report."""

from __future__ import annotations

import glob
import shutil
import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ...core.arguments import NonNegativeFloat
from ...core.errors import FileError
from ...core.random import set_seed
from ...evaluation.comparison import PRIMARY_METRIC
from ...evaluation.forecast_intervals import ForecastIntervals
from ...evaluation.types import Splits, Task
from ...inspection.lr_finder import LRFinderResult, lr_find
from ...layers.preprocessing.table import NewCategoryWarning
from ...train.callbacks.base import Callback, Logs
from ...train.checkpoint import Checkpoint
from ...train.history import History
from ...train.model import Model
from ...train.progress_bar import Verbose
from ..runs.folder import run_folder, write_run
from ..runs.record import is_unfinished, record_run, start_run
from .detect import detect_kind
from .manifest import MODEL, RUN, RunManifest, read_manifest
from .predictor import predict_outputs
from .report import build_report
from .result import NETWORK, TrainingResult, describe_saved_model, difference_to
from .script import import_script, render_script, write_script
from .settings import DEFAULT_LEARNING_RATE, SettingsT
from .task import DataKind, DataProfile, Refit, TrainOptions

CHECKPOINT, REFIT = "checkpoint", "refit"
"""Folder of the checkpoints, and inside it that of the training on all examples."""
_QUESTIONS: Final[Mapping[Task, str]] = {
    "classify": "which {}?",
    "regress": "how much is {}?",
    "forecast": "what will {} be?",
}


class RunSummary(NamedTuple):
    """The network's score on the test split beside that of the best baseline.

    Intervals are 95 % confidence intervals.

    Args:
        metric: name of the metric of the scores: ``"accuracy"`` or ``"RMSE"``.
        score: score of the network.
        low: lower end of its interval.
        high: upper end.
        baseline: name of the best baseline.
        baseline_score: its score.
        difference: improvement over the baseline; negative where it is worse.
        difference_low: lower end of its interval.
        difference_high: upper end.
        saved_model: which network was scored and which one is saved, in a sentence.
        report: path of the report.
    """

    metric: str
    score: float
    low: float
    high: float
    baseline: str
    baseline_score: float
    difference: float
    difference_low: float
    difference_high: float
    saved_model: str
    report: Path


@record_run("train")
def train(
    path: str | Path,
    target: str | None = None,
    task: Task | None = None,
    kind: str | None = None,
    model: str | None = None,
    epochs: int | None = None,
    minutes: float | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    group: str | None = None,
    time: str | None = None,
    text: str | None = None,
    sheet: str | None = None,
    columns: dict[str, str] | None = None,
    size: int | None = None,
    seconds: float | None = None,
    length: int | None = None,
    horizon: int | None = None,
    seed: int = 0,
    out: Path | None = None,
    verbose: Verbose = "auto",
) -> RunSummary:
    """Train a network on the data at a path and write the run's folder.

    The same call after Ctrl-C resumes the training.

    Args:
        path: path of a file or folder with the data.
        target: column to predict.
        task: ``"classify"``, ``"regress"`` or ``"forecast"``; None to infer it from the data.
        kind: ``"table"``, ``"images"``, ``"text"``, ``"series"`` or ``"audio"``, or None.
        model: one of the kind's networks; None for the default.
        epochs: maximum number of epochs.
        minutes: maximum training time; the current epoch is finished. Where the network is trained
            again on all examples, half of it is for that.
        batch_size: examples per step.
        learning_rate: learning rate of Adam; None to choose it by a range test.
        group: column whose groups are not divided between splits.
        time: column with the time.
        text: column with the texts.
        sheet: name or number, from 1, of the sheet of an Excel file.
        columns: kinds of columns by name, where the guess is wrong.
        size: height and width of images in pixels.
        seconds: length of audio clips.
        length: steps of the input of a forecast.
        horizon: steps to forecast.
        seed: random seed of the run.
        out: folder of the run; None for the next free one in ``runs``.
        verbose: as in ``Model.fit``.

    Raises:
        DataError, FileError, ArgumentError: when a network cannot be trained on the data, before
            anything is written.
        KeyboardInterrupt: when training was stopped by Ctrl-C.
    """
    path = Path(path).expanduser()
    options = TrainOptions(
        path, target, task, model, group, time, text, sheet, dict(columns or {}), size, seconds,
        length, horizon, seed,
    )  # fmt: skip
    data_kind, decision = detect_kind(options, kind)
    profile = data_kind.profile_data(options)
    overrides = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate}
    requested = {name: value for name, value in overrides.items() if value is not None}
    settings = replace(profile.settings, **requested)
    profile = replace(profile, decisions=(decision, *profile.decisions), settings=settings)
    if verbose != 0:
        show_profile(profile)

    folder, resumes = _find_folder(out and out.expanduser(), path)
    if resumes:
        profile = replace(profile, settings=_resumed_settings(folder, profile.settings))
    else:
        _clear(folder)
    start_run(folder, path.absolute())
    title = f"{path.name}: {_QUESTIONS[profile.task].format(profile.target)}"
    run = ScriptRun(folder, data_kind, profile, title)
    splits, examples = run.load_data()
    if verbose != 0:
        show_splits(data_kind, splits, folder, resumes)
    with warnings.catch_warnings():
        # Those of the validation and test rows: the report counts rare categories.
        warnings.simplefilter("ignore", NewCategoryWarning)
        lr_finder = None if run.profile.settings.learning_rate else run.range_test(splits)
        network, history = run.fit(splits, minutes, verbose)
        refit = run.refit(splits, examples, network, history, verbose) if run.refits else None

        profile = run.profile
        y_pred = predict_outputs(network, profile.task, data_kind.inputs(splits.test))
        baselines = data_kind.baselines(splits, profile)
        result = TrainingResult(
            title, data_kind, profile, splits, network, history, lr_finder, y_pred, baselines, refit
        )
        report = write_run(folder, build_report(result), result.saved_model, history)
    shutil.rmtree(folder / CHECKPOINT, ignore_errors=True)
    return _summary(result, report)


def _find_folder(out: Path | None, path: Path) -> tuple[Path, bool]:
    """The locked folder of the run, and whether it holds the same run, begun but not finished."""
    folders = [out] if out else sorted(Path("runs").glob(f"{glob.escape(path.stem)}*"))
    for folder in folders:
        if (folder / RUN).exists() and is_unfinished(folder, path.absolute()):
            return run_folder(folder, path.stem), True
    return run_folder(out, path.stem), False


def _resumed_settings(folder: Path, settings: SettingsT) -> SettingsT:
    """The settings of a begun run: those of this call, and what the run has chosen itself.

    Raises:
        FileError: when the run has other settings.
    """
    begun = read_manifest(folder).settings
    rate = settings.learning_rate or begun.learning_rate
    resumed = replace(settings, learning_rate=rate, epochs=min(settings.epochs, begun.epochs))
    if resumed != begun:
        values = vars(begun)
        names = [name for name, value in vars(resumed).items() if values.get(name) != value]
        raise FileError(
            f"the unfinished run in {folder} has other settings ({', '.join(names)}), perhaps of "
            "another version of Lampas. Choose another folder with --out, or remove this one."
        )
    return resumed


def _clear(folder: Path) -> None:
    """Remove the files of an earlier run in the same folder."""
    shutil.rmtree(folder / CHECKPOINT, ignore_errors=True)
    for name in (MODEL, "history.csv", "report.html"):
        (folder / name).unlink(missing_ok=True)


def _summary(result: TrainingResult, report: Path) -> RunSummary:
    metric, best = PRIMARY_METRIC[result.profile.task], result.best_baseline
    score, baseline_score = (result.metrics[name][metric] for name in (NETWORK, best.name))
    difference = difference_to(result, best).interval
    return RunSummary(
        metric,
        *score,
        best.name,
        baseline_score.value,
        *difference,
        describe_saved_model(result),
        report,
    )


@dataclass
class ScriptRun:
    """Training by the functions of the script in the run's folder.

    Args:
        folder: folder of the run.
        kind: kind of the data.
        profile: profile of the data; the range test adds the learning rate to its settings.
        title: title of the script.
    """

    folder: Path
    kind: DataKind[Any]
    profile: DataProfile[Any]
    title: str

    def __post_init__(self) -> None:
        self.intervals: ForecastIntervals | None = None
        self.script: ModuleType = self._write()
        self.refits: bool = self.kind.script(self.profile).refits

    def load_data(self) -> tuple[Splits, Any]:
        """The splits, and all examples; None for these where they are not trained on again."""
        set_seed(self.profile.settings.seed)
        examples = self.script.load_data()
        return Splits(*self.script.split_data(examples)), examples if self.refits else None

    def range_test(self, splits: Splits) -> LRFinderResult:
        """Choose the learning rate, and write it into the script."""
        settings = self.profile.settings
        model = self.script.build_model(splits.train)
        self.script.compile_model(model, splits.train)
        x, y = self.script.inputs(splits.train), self.script.targets(splits.train)
        result = lr_find(model, x, y, settings.batch_size, seed=settings.seed)
        suggestion = result.suggestion or DEFAULT_LEARNING_RATE
        rate = max(suggestion, settings.min_learning_rate)
        self._update(learning_rate=min(rate, settings.max_learning_rate))
        return result

    def fit(self, splits: Splits, minutes: float | None, verbose: Verbose) -> tuple[Model, History]:
        """Train, or resume training.

        Raises:
            KeyboardInterrupt: when training was stopped by Ctrl-C.
        """
        set_seed(self.profile.settings.seed)
        model = self.script.build_model(splits.train)
        self.script.compile_model(model, splits.train)
        # The second training takes as many steps as the first one, or fewer.
        time_limit = TimeLimit(None if minutes is None else 60 * minutes / (1 + self.refits))
        history = self.script.fit_model(
            model,
            splits.train,
            splits.validation,
            callbacks=[time_limit],
            verbose=verbose,
            checkpoint=Checkpoint(self.folder / CHECKPOINT, every_seconds=10),
        )
        if history.interrupted:
            raise KeyboardInterrupt
        if time_limit.exceeded:
            # The script should reproduce this run, which the time limit ended.
            self._update(epochs=len(history.epoch))
        return model, history

    def refit(
        self, splits: Splits, examples: Any, model: Model, history: History, verbose: Verbose
    ) -> Refit:
        """Train a second network on all examples, or resume that.

        Args:
            splits: the splits of the first training.
            examples: all examples.
            model: the first network, for back-tests on what it has not seen.
            history: history of the first training.
            verbose: as in ``Model.fit``.

        Raises:
            KeyboardInterrupt: when training was stopped by Ctrl-C.
        """
        self.intervals = self.kind.back_test(model, examples, self.profile.settings)
        self.script = self._write()
        if verbose != 0:
            number = self.kind.num_examples(examples)
            if self.intervals and self.intervals.shortage:
                print(self.intervals.shortage)
            print(f"training again on all {number:,} examples, the latest included")
        network: Model = self.script.refit_model(
            splits.train,
            examples,
            history,
            verbose=verbose,
            checkpoint=Checkpoint(self.folder / CHECKPOINT / REFIT, every_seconds=10),
        )
        assert network.history is not None
        if network.history.interrupted:
            raise KeyboardInterrupt
        return Refit(network, examples, len(network.history.epoch), self.intervals)

    def _update(self, **settings: Any) -> None:
        self.profile = replace(self.profile, settings=replace(self.profile.settings, **settings))
        self.script = self._write()

    def _write(self) -> ModuleType:
        profile = self.profile
        source = render_script(self.title, profile, self.kind.script(profile))
        script = import_script(write_script(self.folder, source))
        RunManifest(
            self.kind.name,
            profile.task,
            profile.target,
            profile.classes,
            profile.settings,
            self.intervals,
        ).write(self.folder)
        return script


class TimeLimit(Callback):
    """Ends training after the epoch in which a number of seconds has passed, if one is given.

    ``exceeded`` is then True. The time before an interruption counts.
    """

    state_attributes = ("seconds_used", "exceeded")

    def __init__(self, seconds: NonNegativeFloat | None) -> None:
        self.seconds = seconds
        self.seconds_used, self.exceeded = 0.0, False

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._counted_until = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        now = time.monotonic()
        self.seconds_used += now - self._counted_until
        self._counted_until = now
        if self.seconds is not None and self.seconds_used > self.seconds:
            self.exceeded = self.model.stop_training = True


def show_profile(profile: DataProfile[Any]) -> None:
    """Print the decisions with their reasons, then the warnings."""
    console = Console(highlight=False)
    table = Table.grid(padding=(0, 2))
    for choice, reason in profile.decisions:
        table.add_row(f"[bold]{escape(choice)}[/]", escape(reason))
    console.print(table)
    for warning in profile.warnings:
        console.print(f"[yellow]warning:[/] {escape(warning)}", soft_wrap=True)


def show_splits(kind: DataKind[Any], splits: Splits, folder: Path, resumes: bool) -> None:
    """Print the sizes of the splits, and the folder of a run that is resumed."""
    train, validation, test = map(kind.num_examples, splits)
    console = Console(highlight=False)
    console.print(f"{train:,} training, {validation:,} validation and {test:,} test examples")
    if resumes:
        console.print(f"resuming the run in {escape(str(folder))}")
