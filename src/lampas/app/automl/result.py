"""A run that has come to its end, with all that is to be told of it.

What came of it, in plain words: is the network any better than something simple?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...data.labels import count
from ...evaluation.comparison import HEADLINE, Lead, lead, score
from ...evaluation.formatting import UNKNOWN, in_units, in_words, value_in_words
from ...evaluation.intervals import Interval
from ...evaluation.metrics import measures
from ...inspection.lr_finder import LearningRates
from ...train.history import History
from ...train.model import Model
from .task import Found, Kind, Parts, Said, Settings, Yardstick

NETWORK = "the network"
"""What the trained one is called beside the yardsticks."""


@dataclass(frozen=True)
class Trained:
    """A trained network and what it was measured against.

    Args:
        title: of the report.
        kind: of the data.
        found: what the look at the data has found.
        settings: everything decided, with ``path``, ``seed`` and ``rate``.
        parts: the examples, parted.
        model: with the weights of its best epoch.
        history: of the fit, with validation.
        rates: what the range test of the learning rate has found; None where there was none.
        said: the network's answers on the test part.
        yardsticks: simple methods asked the same, one or more.
    """

    title: str
    kind: Kind
    found: Found
    settings: Settings
    parts: Parts
    model: Model
    history: History
    rates: LearningRates | None
    said: Said
    yardsticks: list[Yardstick]

    @property
    def targets(self) -> np.ndarray:
        """What is true of the test part."""
        return self.kind.targets(self.parts.test)

    @property
    def answers(self) -> dict[str, Said]:
        """What the network says of the test part, then what the strong yardsticks do, by name."""
        others = sorted(self.yardsticks, key=lambda one: not one.strong)
        return {NETWORK: self.said} | {one.name: one.said for one in others}

    @cached_property
    def measured(self) -> dict[str, dict[str, Interval]]:
        """The measures of the same, by name."""
        return {
            name: measures(self.found.task, self.targets, said, self.found.classes)
            for name, said in self.answers.items()
        }

    @property
    def best_epoch(self) -> int:
        """The epoch, from 0, with the least loss on the validation part: its weights are kept."""
        return int(np.nanargmin(self.history.history["val_loss"]))

    @property
    def strongest(self) -> Yardstick:
        """The yardstick with the best answers to the test part; of equal ones the strong one."""
        return max(self.yardsticks, key=lambda one: (self._score(one.said), one.strong))

    @property
    def floor(self) -> Yardstick | None:
        """The best of the yardsticks that anything learnt should be above."""
        floors = [one for one in self.yardsticks if not one.strong]
        return max(floors, key=lambda one: self._score(one.said), default=None)

    def _score(self, said: Said) -> float:
        return score(self.found.task, self.targets, said)


FEW = 30
"""Test examples below which the numbers themselves are to be doubted."""
BALANCED = "balanced accuracy"


def verdict(trained: Trained) -> str:
    """The network's headline, the strongest yardstick's, and what their difference is worth."""
    return " ".join(_sentences(trained))


def against(trained: Trained, one: Yardstick) -> Lead:
    """By how much the network is ahead of a yardstick."""
    return lead(trained.found.task, trained.targets, trained.said, one.said)


def _sentences(trained: Trained) -> Iterator[str]:
    task = trained.found.task
    asked, headline = _asked(trained), HEADLINE[task]
    best = trained.strongest
    own, other = (trained.measured[name][headline] for name in (NETWORK, best.name))
    if task == "classify":
        yield f"Asked about {asked} it had not met, the network is right in {_spans(own)}."
    else:
        yield (
            f"On {asked} it had not met, the network's error, the root of the mean square, is "
            f"{_spans(own, headline)}."
        )
    found = against(trained, best)
    yield _compared(best, value_in_words(headline, other.value), found, headline, asked)
    floor = trained.floor
    if floor is not None and not _above(against(trained, floor)):
        yield _beside_floor(trained, floor)
    yield from _few(trained)


def _asked(trained: Trained) -> str:
    number = len(trained.targets)
    if trained.found.task == "forecast":
        return count(number, "stretch of time", "stretches of time")
    return count(number, "example")


def _few(trained: Trained) -> Iterator[str]:
    """A caution where the test part is small; windows of a series say the same several times."""
    number = len(trained.targets)
    if trained.found.task == "forecast":
        apart = max(1, number // trained.targets.shape[1])
        if apart < FEW:
            yield f"They overlap and are worth about {apart}: other times may give other numbers."
    elif number < FEW:
        yield "So small a test part says little: other examples may give quite other numbers."


def _spans(found: Interval, name: str = "accuracy") -> str:
    value, span = in_words(name, found)
    return value if span == UNKNOWN else f"{value} (95 % interval {span})"


def _above(found: Lead) -> bool:
    return found.sure and found.by.value > 0


def _beside_floor(trained: Trained, floor: Yardstick) -> str:
    """What is to be said of a network that is not surely above one that has learnt nothing."""
    found = against(trained, floor)
    if not found.enough and found.by.value > 0:
        return (
            f"“{floor.name}”, which has learnt nothing, is behind; but in so small a test part "
            "that may be chance."
        )
    if trained.found.task == "classify":
        own, other = (trained.measured[one][BALANCED] for one in (NETWORK, floor.name))
        if own.low > other.high:
            return (
                f"That is not surely better than “{floor.name}”. But it tells the classes apart: "
                f"with every class counting alike it is right in {_spans(own)}, “{floor.name}” in "
                f"{value_in_words(BALANCED, other.value)}."
            )
    return (
        f"It is not surely better than “{floor.name}”, which has learnt nothing: nobody can say "
        "from this that the network has learnt something."
    )


def _compared(best: Yardstick, value: str, found: Lead, headline: str, asked: str) -> str:
    by = _by(found.by, headline)
    simple = f"{best.name}, the best of the simple methods"
    if found.sure and found.by.value > 0:
        return f"It is ahead of {simple} ({value}), by {by}."
    if found.sure:
        return f"The simple method wins: {best.name} ({value}) is ahead of the network, by {by}."
    if found.by.value == 0:
        return (
            f"{best.name[:1].upper()}{best.name[1:]}, the best of the simple methods, does as well."
        )
    side = "ahead of" if found.by.value > 0 else "behind"
    return f"It is {side} {simple} ({value}), by {by}: no difference that {asked} can show."


def _by(by: Interval, headline: str) -> str:
    """The difference without its sign, and its interval seen from the one that is ahead."""
    value, low, high = by if by.value >= 0 else (-by.value, -by.high, -by.low)
    if headline == "accuracy":
        return f"{100 * value:.1f} points ({100 * low:z.1f} to {100 * high:.1f})".replace("-", "−")
    return f"{in_units(value)} ({in_units(low)} to {in_units(high)})"
