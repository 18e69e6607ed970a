"""The report on what to try next, and the commands to go on with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..data.listing import count
from ..report import Report
from .calibration import calibration
from .headline import HEADLINE
from .trained import NETWORK, Trained
from .verdict import against

GAP = 0.1
"""Accuracy on the training part less that on the validation part, from which on it is told."""
TIMES = 2.0
"""The same of losses, the one by the other."""
RARE = 0.2
"""Share of an equal share of the examples below which a class is rare."""
WIDE = 0.1
"""Width of an accuracy's interval from which on the test part is small."""
EARLY = 2
"""A best epoch before this one was reached in leaps."""


def add_next(report: Report, trained: Trained) -> None:
    """Advice from what came of the run, then what the kind of data suggests."""
    report.section("What to try next")
    advice = [*_advice(trained)]
    advice += trained.kind.advice(trained.found, trained.settings, trained.parts)
    if not advice:
        report.text("Nothing stands out. More examples are what helps most networks.")
        return
    report.table(
        ["", "advice"],
        [[number, sentence] for number, sentence in enumerate(advice, 1)],
        "From what was measured here; the most telling first.",
    )


def add_commands(report: Report, trained: Trained) -> None:
    """How to ask it, measure it, serve it and change it."""
    report.section("Go on from here", "In the folder of this report, in a terminal:")
    report.code(
        "lampas predict . FILES --out answers.csv\n"
        "lampas evaluate . PATH  # how good it is on other data\n"
        "lampas serve .          # a page to ask it, and an HTTP service\n"
        "python train.py         # this training again: read it, change it"
    )


def _advice(trained: Trained) -> Iterator[str]:
    yield from _of_yardsticks(trained)
    yield from _of_training(trained)
    if trained.found.task == "classify":
        yield from _of_classes(trained)
        yield from _of_probabilities(trained)
    yield from _of_amount(trained)


def _of_yardsticks(trained: Trained) -> Iterator[str]:
    best = trained.strongest
    ahead = against(trained, best)
    if ahead.sure and ahead.by.value < 0:
        yield (
            f"Use {best.name}: on this data it is ahead of the network, and that is not by chance."
        )


def _of_training(trained: Trained) -> Iterator[str]:
    epochs, best = len(trained.history.epoch), trained.best_epoch
    if best == epochs - 1:
        yield (
            f"It was still getting better when it stopped after {epochs} epochs: let it learn "
            f"longer (--epochs {2 * epochs})."
        )
    elif best < EARLY:
        yield (
            f"Its best epoch was number {best + 1}: it learns too fast to stop at the right time. "
            f"Try a smaller learning rate (--rate {trained.settings['rate'] / 3:.2g})."
        )
    gap = _gap(trained)
    if gap:
        yield (
            f"{gap}: it knows its training examples better than the world. More examples help "
            "most; stronger dropout or l2 in train.py, or a smaller network, may."
        )


def _gap(trained: Trained) -> str:
    """How far training and validation are apart in the best epoch, where that is far."""
    history, best = trained.history.history, trained.best_epoch
    if trained.found.task == "classify" and "val_accuracy" in history:
        learnt, other = history["accuracy"][best], history["val_accuracy"][best]
        far = learnt - other > GAP
        return f"Accuracy is {learnt:.0%} in training and {other:.0%} in validation" * far
    learnt, other = history["loss"][best], history["val_loss"][best]
    return f"The loss is {learnt:.3g} in training and {other:.3g} in validation" * (
        other > TIMES * learnt
    )


def _of_classes(trained: Trained) -> Iterator[str]:
    classes = trained.found.classes
    counts = np.bincount(trained.kind.targets(trained.parts.train), minlength=len(classes))
    rare = np.flatnonzero(counts < RARE * counts.mean())
    if len(rare):
        least = rare[counts[rare].argmin()]
        others = (
            f", and {count(len(rare) - 1, 'more class', 'more classes')} as rare"
            if len(rare) > 1
            else ""
        )
        yield (
            f"“{classes[least]}” has {counts[least]:,} of {counts.sum():,} training examples"
            f"{others}: collect more of it, or weigh it more (class_weight of fit in train.py). "
            "Look at the balanced accuracy rather than at the accuracy."
        )


def _of_probabilities(trained: Trained) -> Iterator[str]:
    found = calibration(trained.targets, trained.said)
    if found.off:
        how = "too high" if found.surer > 0 else "too low"
        yield (
            f"Its probabilities are {how} (by {found.error:.0%}): where you decide by them, choose "
            "the threshold on examples of your own."
        )


def _of_amount(trained: Trained) -> Iterator[str]:
    found = trained.measured[NETWORK][HEADLINE[trained.found.task]]
    wide = found.high - found.low
    few = wide > WIDE if trained.found.task == "classify" else wide > 2 * WIDE * found.value
    if few and trained.found.task == "forecast":
        yield (
            f"{trained.kind.examples(trained.parts.test):,} stretches of time say little, and they "
            "overlap: judge it again when more of the series is known (lampas evaluate)."
        )
    elif few:
        yield (
            f"{trained.kind.examples(trained.parts.test):,} test examples say little: another "
            f"split (--seed {trained.settings['seed'] + 1}) may give another number. Run some, or "
            "collect more."
        )
