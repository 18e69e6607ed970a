"""Callback that measures the layers and weights of a network during training."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import jax

from ...core.arguments import PositiveFraction
from ..diagnostics.health_hints import hints
from ..diagnostics.health_probe import HealthProbe
from ..diagnostics.health_samples import HealthSample, as_sample, curves
from ..step import num_examples
from ..trainable import Trainable
from .base import Callback, Logs

MAX_SAMPLES = 64
"""Maximum number of samples, enough for a curve; beyond, every other one is dropped."""


class HealthMonitor(Callback):
    """Measure outputs, gradients and updates during training, and give hints on problems.

    A sample describes the next step: the size of each layer's outputs, its dead ReLUs and saturated
    sigmoids, the norms of weights, gradients and updates. Samples are taken about as often as the
    progress bar moves, if their ``share`` of the time allows, and at the end. The results of the
    training do not change, bit for bit. The first sample of a fit may have to compile a program,
    and does not count in the share.

    Neither the cells inside recurrent layers are measured, nor functions that ``forward`` calls
    (``jax.nn.relu``).

    Args:
        share: fraction of the time of the fit that samples may take, above 0 and at most 1.

    Raises:
        ArgumentError: for a share out of range.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> model = lp.Sequential([lp.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> monitor = lp.HealthMonitor()
        >>> history = model.fit(
        ...     np.ones((4, 2)), np.ones((4, 1)), callbacks=[monitor], verbose=0
        ... )
        >>> monitor.samples[-1].layers[0].path
        'dense_1'
    """

    reads_logs_only: ClassVar[bool] = True
    state_attributes: ClassVar[tuple[str, ...]] = ("samples",)

    def __init__(self, share: PositiveFraction = 0.03) -> None:
        self.share = share
        self._samples: list[HealthSample] = []
        self._probe: HealthProbe | None = None

    @property
    def samples(self) -> list[HealthSample]:
        """The samples of the last fit, the earliest first."""
        return self._samples

    @samples.setter
    def samples(self, plain: Sequence[tuple[Any, ...]]) -> None:
        # A checkpoint restores plain tuples.
        self._samples = [as_sample(*fields) for fields in plain]

    def hints(self) -> list[str]:
        """Problems in plain words: where they are, how large, and what to change."""
        return hints(self.samples)

    def curves(self) -> dict[str, Any]:
        """The samples as arguments of ``lampas.plots.health``."""
        return curves(self.samples)

    def set_model(self, model: Trainable) -> None:
        model.check_built_in_step("HealthMonitor")
        super().set_model(model)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.samples = []
        self._began = time.perf_counter()
        self._spent = self._last = 0.0
        self._next = 0
        self._compiles, self._has_progressed, self._disabled = True, False, False

    def on_progress(self, epoch: int, step: int, logs: Logs) -> None:
        assert self.fit_state is not None
        # The first steps show whether the fit works at all: the program is compiled after them.
        position = self.fit_state.position
        due = self._has_progressed and position.step >= self._next and self._affordable()
        self._has_progressed = True
        if (due or self.fit_state.ended) and not self._disabled:
            self._take_sample(epoch, logs)

    def _affordable(self) -> bool:
        return self._spent + self._last <= self.share * (time.perf_counter() - self._began)

    def _take_sample(self, epoch: int, logs: Logs) -> None:
        """Take a sample, unless the batch is a short last one, which needs another program."""
        assert self.fit_state is not None
        began, trainer = time.perf_counter(), self.fit_state.trainer
        batch, rng = self.fit_state.next_batch()
        if num_examples(batch) != self.fit_state.source.layout.batch_size:
            return
        if self._probe is None or self._probe.apply is not trainer.apply:
            self._probe = HealthProbe(trainer)
        try:
            layers, parameters = self._probe(batch, rng)
        except jax.errors.UnexpectedTracerError:
            self._disable(
                "it calls layers inside jax.vmap, jax.lax.scan or the like, which keep their "
                "values to themselves; call them outside, or leave the monitor out"
            )
            return
        except Exception as error:
            self._disable(f"{type(error).__name__}: {error}".splitlines()[0].rstrip("."))
            return
        loss = float(logs.get("loss", math.nan))
        self._add(HealthSample(self.fit_state.position.step, epoch, loss, layers, parameters))
        seconds = time.perf_counter() - began
        if self._compiles:
            self._compiles, self._began = False, self._began + seconds
        else:
            self._spent, self._last = self._spent + seconds, seconds

    def _add(self, sample: HealthSample) -> None:
        self._samples.append(sample)
        self._next = sample.step + (sample.step - self._samples[0].step) // MAX_SAMPLES
        if len(self._samples) > MAX_SAMPLES:
            self._samples = self._samples[::2]

    def _disable(self, reason: str) -> None:
        """Take no more samples; training continues without them."""
        self._disabled = True
        warnings.warn(
            f"HealthMonitor cannot measure {type(self.model).__name__}: {reason}. "
            "Training continues.",
            stacklevel=2,
        )
