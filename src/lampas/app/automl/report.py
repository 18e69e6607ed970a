"""The report of ``lampas train``: what was found, how good it is, and what to do next.

The report on what was found in the data, how it was parted, and how training went.
"""

from __future__ import annotations

from ... import plots
from ...evaluation.comparison import HEADLINE
from ...evaluation.formatting import in_words
from ..report import Report
from ..runs.folder import add_summary
from .report_evaluation import add_commands, add_next, add_quality
from .result import NETWORK, Trained, verdict
from .task import Kind, Settings

KEYS = {"accuracy": "accuracy of the network", "RMSE": "error of the network (RMSE)"}


def tell(trained: Trained) -> Report:
    """The whole report of a run, from what it found to how to go on."""
    kind, found, settings, parts = trained.kind, trained.found, trained.settings, trained.parts
    report = Report(trained.title, _subtitle(trained))
    _add_head(report, trained)
    add_found(report, trained)
    kind.add_data(report, found, settings, parts)
    add_split(report, trained)
    add_training(report, trained)
    add_quality(report, trained)
    report.section("Where it errs")
    kind.add_mistakes(report, found, settings, parts.test, trained.said)
    if type(kind).add_insight is not Kind.add_insight:
        report.section("What it goes by")
        kind.add_insight(report, found, settings, trained.model, parts)
    add_next(report, trained)
    add_summary(report, trained.model)
    add_commands(report, trained)
    return report


def _subtitle(trained: Trained) -> str:
    learnt, _, asked = map(trained.kind.examples, trained.parts)
    doing = {
        "classify": f"tell {len(trained.found.classes)} classes apart",
        "regress": f"estimate {trained.found.target}",
        "forecast": f"forecast {trained.found.target}",
    }[trained.found.task]
    return (
        f"A network has learnt from {learnt:,} examples to {doing}, and was judged by {asked:,} "
        "that were kept back."
    )


def _add_head(report: Report, trained: Trained) -> None:
    """The key figures and the verdict."""
    headline, best = HEADLINE[trained.found.task], trained.strongest
    own, other = (
        in_words(headline, trained.measured[name][headline]) for name in (NETWORK, best.name)
    )
    report.facts(
        {
            KEYS[headline]: own[0],
            "95 % interval": own[1],
            best.name: other[0],
            "examples kept back": trained.kind.examples(trained.parts.test),
        }
    )
    report.text(verdict(trained))


PURPOSES = (
    "the network learns from it",
    "after each epoch the loss on it says when to stop",
    "asked once, when all is learnt and chosen",
)
MEANINGS = {
    "model": "the network; its layers stand below",
    "rate": "learning rate: how far the weights move in a step",
    "batch_size": "examples in a step",
    "dropout": "share of a layer's values left out at random, so that none is relied on alone",
    "l2": "what large weights cost",
    "epochs": "passes over the training part, at most",
    "patience": "epochs without a better validation loss after which it stops",
    "seed": "decides everything random",
}


def add_found(report: Report, trained: Trained) -> None:
    """What was found and decided, and what to look into; begins the section on the data."""
    found = trained.found
    report.section("What was found")
    report.table(
        ["what", "why"],
        [list(reason) for reason in found.reasons],
        "What the data was taken for and what was decided from that. An option of lampas train "
        "decides otherwise where a guess is wrong.",
    )
    if found.warnings:
        report.table(
            ["", "look into this"],
            [[number, warning] for number, warning in enumerate(found.warnings, 1)],
            "What may be wrong with the data, or with what is asked of it.",
        )


def add_split(report: Report, trained: Trained) -> None:
    """How many examples are in each part, and what for."""
    report.section("The split")
    sizes = [trained.kind.examples(part) for part in trained.parts]
    rows = [
        [name, size, f"{size / sum(sizes):.0%}", purpose]
        for name, size, purpose in zip(
            ("training", "validation", "test"), sizes, PURPOSES, strict=True
        )
    ]
    report.table(
        ["part", "examples", "share", "what for"],
        rows,
        "No example is in two parts. All methods learn from the same part and are asked the same "
        "test questions.",
    )


def add_training(report: Report, trained: Trained) -> None:
    """The range test, the curves and the settings."""
    history, best = trained.history, trained.best_epoch
    report.section("How it learnt")
    report.text(
        f"It learnt for {len(history.epoch)} epochs (passes over the training part) in "
        f"{history.seconds:.0f} s. The weights of epoch {best + 1}, which had the least loss on "
        "the validation part, are the ones kept."
    )
    report.figure(
        plots.curves(history.history, best),
        "What was made small (the loss) and what was measured beside it, epoch by epoch. Where "
        "validation turns away from training the network begins to learn examples by heart. "
        "Training is measured while dropout is at work, so it may look the worse of the two.",
        "Curves of training and validation by epoch.",
    )
    rates = trained.rates
    if rates is not None:
        report.figure(
            plots.lr_range(rates.rates, rates.losses, rates.smoothed, rates.suggestion),
            "How the learning rate was chosen: a short training in which it rises step by step. "
            f"A tenth of the rate with the least loss is safe: {rates.suggestion:.2g}. "
            f"{_used(trained)}",
            "Loss by learning rate.",
        )
    report.table(
        ["setting", "value", "meaning"],
        [list(row) for row in _shown(trained.settings)],
        "What it was trained with; train.py has the same numbers.",
    )


def _used(trained: Trained) -> str:
    """Which rate it was, where it is another than the range test suggests."""
    rate = trained.settings["rate"]
    if trained.rates is None or rate == trained.rates.suggestion:
        return ""
    return f"Used was {rate:.2g}, the nearest within the usual bounds."


def _shown(settings: Settings) -> list[tuple[str, object, str]]:
    """Settings by the names that people know, as texts so that small numbers stay as written."""
    return [
        (name.replace("_", " "), f"{value:g}" if isinstance(value, float) else str(value), meaning)
        for name, meaning in MEANINGS.items()
        if (value := settings.get(name)) is not None
    ]
