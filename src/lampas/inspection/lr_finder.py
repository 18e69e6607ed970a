"""Find a learning rate with a range test: one short training run at rising rates (Smith, 2017)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, cast

import numpy as np
import numpy.typing as npt

from ..core.arguments import Interval, PositiveFloat, PositiveInt, Seed, check_arguments
from ..core.errors import ArgumentError, DataError, DivergedError
from ..core.functional import Arrays
from ..core.jit import copy_arrays
from ..core.variable import Array
from ..train.callbacks.base import Callback, Logs
from ..train.model import Model

Floats = npt.NDArray[np.float64]

SMOOTHING = 0.9
"""Weight of the previous mean in the moving average of the loss."""
WARMUP_STEPS = 10
"""Steps after which the moving average is reliable; earlier ones are not considered."""
DIVERGENCE_FACTOR = 4.0
"""The test stops when the smoothed loss exceeds its minimum by this factor."""
SAFETY_FACTOR = 10.0
"""The suggestion is the rate of minimal loss divided by this factor."""
LOWEST_STEPS = 5
"""The last steps up to the lowest smoothed loss, which are compared with those of the warm-up."""
MIN_IMPROVEMENT = 4.5
"""The mean loss has to fall by this many standard errors. Losses that vary by chance alone do so in
one of a hundred tests: the lowest of many means is selected."""


@dataclass(frozen=True)
class LRFinderResult:
    """Result of a learning-rate range test.

    Args:
        rates: the learning rate of each step, ``(steps,)``.
        losses: the loss of the batch at each step, ``(steps,)``.
        smoothed_losses: moving average of the losses, ``(steps,)``.
        suggestion: a learning rate to train with; None if the test is inconclusive, since no rate
            lowered the loss by more than it varies from batch to batch.
    """

    rates: Floats
    losses: Floats
    smoothed_losses: Floats
    suggestion: float | None

    def __str__(self) -> str:
        best = _best_step(self.smoothed_losses)
        outcome = "inconclusive, no learning rate lowered the loss by more than it varies"
        if self.suggestion is not None:
            outcome = f"learning rate {self.suggestion:.2g}"
        return (
            f"{outcome} (tried {len(self.rates)} rates from "
            f"{self.rates[0]:.2g} to {self.rates[-1]:.2g}; the loss started at "
            f"{self.smoothed_losses[0]:.4g} and was lowest, {self.smoothed_losses[best]:.4g}, at "
            f"{self.rates[best]:.2g})"
        )


@check_arguments
def lr_find(
    model: Model,
    x: Any,
    y: Any = None,
    batch_size: PositiveInt = 32,
    lowest: PositiveFloat = 1e-6,
    highest: PositiveFloat = 10.0,
    steps: Annotated[int, Interval(2)] = 100,
    seed: Seed = 0,
) -> LRFinderResult:
    """Run a learning-rate range test.

    The learning rate grows by a constant factor per step until the smoothed loss exceeds four
    times its minimum or becomes NaN or infinite. The suggestion is a tenth of the rate with the
    lowest smoothed loss; there is none if that loss is not lower than the first ones by more than
    the losses vary from batch to batch. Model and optimizer are restored afterwards; a model
    without weights keeps its initial ones.

    Args:
        model: a compiled model whose learning rate is a number, not a schedule.
        x: inputs, or batches, as ``fit`` takes them.
        y: targets.
        batch_size: examples per step; use the batch size of the training to come.
        lowest: the first learning rate.
        highest: the last learning rate.
        steps: number of learning rates.
        seed: seed of the order of the examples and of dropout, and of the initial weights if there
            are none yet.

    Raises:
        ArgumentError: the rates are not increasing, or the optimizer has a schedule.
        DataError: the loss is not finite at the lowest rate.
        KeyboardInterrupt: on Ctrl-C.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> model = lp.Sequential([lp.Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", "mse")
        >>> x = np.linspace(-1, 1, 64)[:, None]
        >>> result = lp.lr_find(model, x, 2 * x)
        >>> bool(1e-6 <= result.suggestion <= 1.0)
        True
    """
    if lowest >= highest:
        raise ArgumentError(f"lr_find: lowest must be below highest, got {lowest} and {highest}.")
    sweep = _LRSweep(np.geomspace(lowest, highest, steps))
    model.check_built_in_step("lr_find")
    with sweep.restoring(model):
        history = model.fit(x, y, batch_size, epochs=steps, verbose=0, callbacks=[sweep], seed=seed)
        if history.interrupted:
            raise KeyboardInterrupt
    return sweep.result()


class _SweepFinishedError(Exception):
    """Ends the fit in the middle of an epoch."""


class _LRSweep(Callback):
    """Raises the learning rate before each batch and records the loss after it."""

    def __init__(self, rates: Floats) -> None:
        self.rates = rates
        self.losses: list[float] = []
        self.smoothed_losses: list[float] = []
        self._mean = 0.0
        self._arrays: Arrays | None = None

    @contextmanager
    def restoring(self, model: Model) -> Iterator[None]:
        """Restore the model and its optimizer after the block, however it ends."""
        history = model.history
        try:
            yield
        except (_SweepFinishedError, DivergedError):
            pass
        finally:
            if self._arrays is not None:
                model.assign_arrays(self._arrays)
                model.optimizer.learning_rate = self._rate
                assert model.optimizer.opt_state is not None
                model.optimizer.opt_state.value = cast(Array, self._opt_state)
            model.history = history

    def on_train_begin(self, logs: Logs | None = None) -> None:
        assert self.fit_state is not None
        optimizer = self.model.optimizer
        self._rate = optimizer.learning_rate
        optimizer.learning_rate = self._rate  # Raises if it follows a schedule.
        self._opt_state = copy_arrays(self.fit_state.trainer.train_state.opt_state)
        self._arrays = self.model.copy_arrays()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._sums: list[np.ndarray] = []

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self.model.optimizer.learning_rate = float(self.rates[len(self.losses)])

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        # The sums are those of the epoch so far; this batch's own loss is what it adds.
        assert self.fit_state is not None
        sums = [np.asarray(total, np.float64) for total in self.fit_state.sums]
        before = self._sums or [np.zeros_like(total) for total in sums]
        rows = [(total - earlier)[None] for total, earlier in zip(sums, before, strict=True)]
        self.losses += self.fit_state.trainer.objective.losses(rows)
        self._sums = sums
        self._mean = SMOOTHING * self._mean + (1 - SMOOTHING) * self.losses[-1]
        self.smoothed_losses.append(self._mean / (1 - SMOOTHING ** len(self.losses)))
        diverged = self.smoothed_losses[-1] > DIVERGENCE_FACTOR * min(self.smoothed_losses) > 0
        if diverged or len(self.losses) == len(self.rates):
            raise _SweepFinishedError

    def result(self) -> LRFinderResult:
        """Return the rates that were tried, their losses and the suggestion."""
        if not self.losses:
            raise DataError(
                f"the loss is not finite at the lowest learning rate, {self.rates[0]:g}; train "
                "with it to see the cause."
            )
        rates = self.rates[: len(self.losses)]
        losses, smoothed = np.array(self.losses), np.array(self.smoothed_losses)
        best, suggestion = _best_step(smoothed), None
        if _is_lower(losses, best):
            rate = max(float(rates[best]) / SAFETY_FACTOR, float(rates[0]))
            suggestion = round(rate, 1 - math.floor(math.log10(rate)))
        return LRFinderResult(rates, losses, smoothed, suggestion)


def _best_step(smoothed: Floats) -> int:
    """The step with the lowest smoothed loss, not counting the warm-up."""
    warmup = _warmup(smoothed)
    return warmup + int(np.argmin(smoothed[warmup:]))


def _is_lower(losses: Floats, best: int) -> bool:
    """Whether the losses up to the best step are lower than the first ones by more than chance."""
    first = losses[: _warmup(losses)]
    lowest = losses[max(0, best + 1 - LOWEST_STEPS) : best + 1]
    if first.size == 0:
        return False
    error = math.sqrt(first.var() / first.size + lowest.var() / lowest.size)
    rounding = 1e-4 * abs(first.mean())
    return bool(first.mean() - lowest.mean() > max(MIN_IMPROVEMENT * error, rounding))


def _warmup(losses: Floats) -> int:
    """Number of the first steps, whose smoothed losses are not reliable."""
    return min(WARMUP_STEPS, len(losses) // 2)
