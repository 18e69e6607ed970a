"""What came of a run, in numbers to keep and to compare."""

from __future__ import annotations

from typing import NamedTuple

from .headline import HEADLINE
from .trained import NETWORK, Trained
from .verdict import against


class Numbers(NamedTuple):
    """How good the network is on the test part, beside the strongest yardstick.

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


def result_numbers(trained: Trained) -> Numbers:
    """The headline of a run."""
    measure, best = HEADLINE[trained.found.task], trained.strongest
    own, other = (trained.measured[name][measure] for name in (NETWORK, best.name))
    return Numbers(measure, *own, best.name, other.value, *against(trained, best).by)
