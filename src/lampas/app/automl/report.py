"""The report of ``lampas train``: data, splits and training, and its order of sections."""

from __future__ import annotations

from typing import Any

from ... import plots
from ...evaluation.comparison import PRIMARY_METRIC
from ...evaluation.formatting import format_interval
from ..report import Report
from ..runs.folder import add_summary
from .report_evaluation import add_commands, add_evaluation, add_recommendations
from .result import NETWORK, TrainingResult, describe_saved_model, summarize
from .settings import Settings
from .task import DataKind, DataProfile

SPLIT_PURPOSES = {
    "training": "the network is fitted to it",
    "validation": "its loss after each epoch decides when to stop",
    "test": "used once, for the evaluation of the finished network",
}
SETTING_MEANINGS = {
    "model": "the network; its layers are listed below",
    "learning_rate": "how far the weights move per step",
    "batch_size": "examples per step",
    "dropout": "share of a layer's values that are dropped at random, against overfitting",
    "l2": "factor of the penalty on large weights",
    "epochs": "maximum number of passes over the training data",
    "patience": "epochs without a lower validation loss after which training stops",
    "seed": "determines all random numbers of the run",
}


def build_report(result: TrainingResult) -> Report:
    """The whole report of a run."""
    kind, profile, splits = result.kind, result.profile, result.splits
    report = Report(result.title, _subtitle(result))
    _add_key_figures(report, result)
    add_profile(report, profile)
    kind.add_data(report, profile, splits)
    add_splits(report, result)
    add_training(report, result)
    add_evaluation(report, result)
    if result.refit and result.refit.intervals:
        report.section("The forecast")
        kind.add_forecast(report, profile, result.refit)
    report.section("Mistakes")
    kind.add_mistakes(report, profile, splits.test, result.y_pred)
    if type(kind).add_explanations is not DataKind.add_explanations:
        report.section("Explanations")
        kind.add_explanations(report, profile, result.model, splits)
    add_recommendations(report, result)
    add_summary(report, result.saved_model)
    add_commands(report)
    return report


def _subtitle(result: TrainingResult) -> str:
    train, _, test = map(result.kind.num_examples, result.splits)
    goal = {
        "classify": f"distinguish {len(result.profile.classes)} classes",
        "regress": f"predict {result.profile.target}",
        "forecast": f"forecast {result.profile.target}",
    }[result.profile.task]
    return f"Trained on {train:,} examples to {goal}; evaluated on {test:,} held-out test examples."


def _add_key_figures(report: Report, result: TrainingResult) -> None:
    """The scores and the summary in words."""
    metric, best = PRIMARY_METRIC[result.profile.task], result.best_baseline
    (score, interval), (baseline_score, _) = (
        format_interval(metric, result.metrics[name][metric]) for name in (NETWORK, best.name)
    )
    report.facts(
        {
            f"{metric} of the network": score,
            "95 % interval": interval,
            f"{metric} of {best.name}": baseline_score,
            "test examples": result.kind.num_examples(result.splits.test),
        }
    )
    report.text(f"{summarize(result)} {describe_saved_model(result)}")


def add_profile(report: Report, profile: DataProfile[Any]) -> None:
    """Begin the section on the data with decisions and warnings."""
    report.section("Data")
    report.table(
        ["decision", "reason"],
        [list(decision) for decision in profile.decisions],
        "What the data is, and what was decided. Where a guess is wrong, an option of lampas train "
        "overrides it.",
    )
    if profile.warnings:
        report.table(
            ["", "warning"],
            [[number, warning] for number, warning in enumerate(profile.warnings, 1)],
            "Possible problems with the data or the task.",
        )


def add_splits(report: Report, result: TrainingResult) -> None:
    """Sizes and purposes of the splits."""
    report.section("Training, validation and test data")
    sizes = [result.kind.num_examples(split) for split in result.splits]
    rows = [
        [name, size, f"{size / sum(sizes):.0%}", purpose]
        for (name, purpose), size in zip(SPLIT_PURPOSES.items(), sizes, strict=True)
    ]
    report.table(
        ["split", "examples", "share", "purpose"],
        rows,
        "Each example is in one split only. The network and the baselines are fitted to the same "
        "training data and evaluated on the same test data.",
    )


def add_training(report: Report, result: TrainingResult) -> None:
    """Training curves, the learning rate range test and the settings."""
    history, best = result.history, result.best_epoch
    report.section("Training")
    report.text(
        f"The network was trained for {len(history.epoch)} epochs (passes over the training data) "
        f"in {history.seconds:.0f} s. It has the weights of epoch {best + 1}, which had the lowest "
        "validation loss."
    )
    report.figure(
        plots.training_curves(history.history, best),
        "Loss and metrics by epoch. Where the validation curve departs from the training curve the "
        "network begins to overfit. Training metrics are computed with dropout, so they may be the "
        "worse ones.",
        "Training and validation curves by epoch.",
    )
    if finder := result.lr_finder:
        suggestion = finder.suggestion
        rate = result.profile.settings.learning_rate
        if suggestion is None:
            choice = (
                "It is inconclusive: no rate lowered the loss by more than it varies from batch to "
                f"batch. Training used {rate:.2g}."
            )
        else:
            choice = f"A tenth of the rate with the lowest loss is a safe choice: {suggestion:.2g}."
            if rate != suggestion:
                choice += f" Training used {rate:.2g}, the nearest value within the usual limits."
        report.figure(
            plots.lr_range(finder.rates, finder.losses, finder.smoothed_losses, suggestion),
            "Choice of the learning rate: a short training in which it rises from step to step. "
            f"{choice}",
            "Loss by learning rate.",
        )
    report.table(
        ["setting", "value", "meaning"],
        _format_settings(result.profile.settings),
        "Settings of the training; train.py has the same values.",
    )


def _format_settings(settings: Settings) -> list[list[object]]:
    """Name, value and meaning of the settings; values are text, so that 1e-05 stays as it is."""
    rows = [(name, getattr(settings, name), text) for name, text in SETTING_MEANINGS.items()]
    return [
        [name.replace("_", " "), f"{value:g}" if isinstance(value, float) else str(value), text]
        for name, value, text in rows
        if value is not None
    ]
