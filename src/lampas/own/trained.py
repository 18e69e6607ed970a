"""A run that has come to its end, with all that is to be told of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..cases.intervals import Interval
from ..lr_find import LearningRates
from ..train.history import History
from ..train.model import Model
from .headline import score
from .kind import Found, Kind, Parts, Said, Settings, Yardstick
from .measures import measures

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
