"""Which learning rate? Try them all in one short training (Smith, 2017)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from ..core.errors import ArgumentError, DataError, DivergedError
from ..core.functional import Arrays
from ..core.jit import copy_arrays
from ..core.variable import Array
from ..train.callbacks.base import Callback, Logs
from ..train.model import Model

Floats = npt.NDArray[np.float64]

SMOOTHING = 0.9
"""Share of the mean so far in the smoothed loss; batches differ more than rates next to another."""
SETTLED = 10
"""Batches after which the mean is one of many."""
CLIMBED = 4.0
"""The test ends when the smoothed loss is so many times its least."""
BEFORE_THE_LEAST = 10.0
"""A rate so many times smaller than that of the least loss is safe."""


@dataclass(frozen=True)
class LearningRates:
    """What a range test found: the rates, the loss of the batch at each, and that smoothed."""

    rates: Floats
    losses: Floats
    smoothed: Floats
    suggestion: float
    """A rate to train with."""

    def __str__(self) -> str:
        least = _least(self.smoothed)
        return (
            f"learning rate {self.suggestion:.2g} (tried {len(self.rates)} from "
            f"{self.rates[0]:.2g} to {self.rates[-1]:.2g}; the loss, {self.smoothed[0]:.4g} at "
            f"first, was least at {self.rates[least]:.2g}: {self.smoothed[least]:.4g})"
        )


def lr_find(
    model: Model,
    x: Any,
    y: Any = None,
    batch_size: int = 32,
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 100,
    seed: int = 0,
) -> LearningRates:
    """Raise the learning rate step by step, and see where the loss falls and where it climbs.

    The rate grows by the same factor at each step until the smoothed loss is four times its least,
    or not finite. The suggestion is a tenth of the rate with the least loss. Afterwards model and
    optimizer are as they were; a model without weights has its first ones.

    Args:
        model: compiled, with a rate that is a number.
        x: inputs, or batches, as ``fit`` takes them.
        y: targets.
        batch_size: examples a step; use the one that you will train with.
        lowest: the first rate.
        highest: the last one.
        steps: how many rates.
        seed: of the order and of dropout, and of the first weights if there are none.

    Raises:
        ArgumentError: for rates in the wrong order, or an optimizer with a schedule.
        DataError: when the loss is not finite at the lowest rate.
        KeyboardInterrupt: on Ctrl-C.
    """
    if not 0 < lowest < highest or steps < 2:
        raise ArgumentError(
            "a range test needs 0 < lowest < highest and 2 steps or more, got "
            f"lowest={lowest!r}, highest={highest!r}, steps={steps!r}."
        )
    ramp = _Ramp(np.geomspace(lowest, highest, steps))
    with ramp.restored(model):
        history = model.fit(x, y, batch_size, epochs=steps, verbose=0, callbacks=[ramp], seed=seed)
        if history.interrupted:
            raise KeyboardInterrupt
    return ramp.found()


class _EnoughError(Exception):
    """Ends the fit in the middle of an epoch."""


class _Ramp(Callback):
    """Raises the rate before each batch and notes the loss after it."""

    def __init__(self, rates: Floats) -> None:
        self.rates = rates
        self.losses: list[float] = []
        self.smoothed: list[float] = []
        self._mean, self._total = 0.0, 0.0
        self._arrays: Arrays | None = None

    @contextmanager
    def restored(self, model: Model) -> Iterator[None]:
        """Let a fit end in any way, then bring the model back to where it began."""
        history = model.history
        try:
            yield
        except (_EnoughError, DivergedError):
            pass
        finally:
            if self._arrays is not None:
                model.assign_arrays(self._arrays)
                model.optimizer.learning_rate = self._rate
                assert model.optimizer.slots is not None
                model.optimizer.slots.value = cast(Array, self._slots)
            model.history = history

    def on_train_begin(self, logs: Logs | None = None) -> None:
        assert self.fit is not None
        optimizer = self.model.optimizer
        self._rate = optimizer.learning_rate
        optimizer.learning_rate = self._rate  # an error if it follows a schedule
        self._slots = copy_arrays(self.fit.trainer.learner.slots)
        self._arrays = self.model.copy_arrays()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._total = 0.0

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self.model.optimizer.learning_rate = float(self.rates[len(self.losses)])

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        # The log is the mean of the epoch so far; this batch's own loss is what it adds.
        total = (logs or {})["loss"] * (batch + 1)
        self.losses.append(total - self._total)
        self._total = total
        self._mean = SMOOTHING * self._mean + (1 - SMOOTHING) * self.losses[-1]
        self.smoothed.append(self._mean / (1 - SMOOTHING ** len(self.losses)))
        climbed = self.smoothed[-1] > CLIMBED * min(self.smoothed) > 0
        if climbed or len(self.losses) == len(self.rates):
            raise _EnoughError

    def found(self) -> LearningRates:
        """The result."""
        if not self.losses:
            raise DataError(
                f"the loss is not finite at the lowest rate, {self.rates[0]:g}; train with it to "
                "see where that comes from."
            )
        tried = self.rates[: len(self.losses)]
        least = float(tried[_least(np.array(self.smoothed))])
        suggestion = max(least / BEFORE_THE_LEAST, float(tried[0]))
        digits = 1 - math.floor(math.log10(suggestion))
        return LearningRates(
            tried, np.array(self.losses), np.array(self.smoothed), round(suggestion, digits)
        )


def _least(smoothed: Floats) -> int:
    """The step with the least mean, once it is one of so many losses that it is not by chance."""
    settled = min(SETTLED, len(smoothed) // 2)
    return settled + int(np.argmin(smoothed[settled:]))
