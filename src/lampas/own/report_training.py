"""The report on what was found in the data, how it was parted, and how training went."""

from __future__ import annotations

from ..report import Report, figures
from .kind import Settings
from .trained import Trained

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
        figures.curves(history.history, best),
        "What was made small (the loss) and what was measured beside it, epoch by epoch. Where "
        "validation turns away from training the network begins to learn examples by heart. "
        "Training is measured while dropout is at work, so it may look the worse of the two.",
        "Curves of training and validation by epoch.",
    )
    rates = trained.rates
    if rates is not None:
        report.figure(
            figures.lr_range(rates.rates, rates.losses, rates.smoothed, rates.suggestion),
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
