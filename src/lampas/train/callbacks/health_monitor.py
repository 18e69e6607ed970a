"""Look at the health of a network while it learns."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Sequence
from typing import Any, ClassVar

import jax

from ...core.errors import ArgumentError
from ..diagnostics.health_hints import hints
from ..diagnostics.health_probe import Probe
from ..diagnostics.health_samples import Sample, as_sample, curves
from ..step import size
from .base import Callback, Logs

MOST_SAMPLES = 64
"""Samples that are kept, enough for a curve; of more, every other one is dropped."""


class Monitor(Callback):
    """Measure now and then how the layers and weights of a model fare, and say what is wrong.

    ::

        monitor = lampas.Monitor()
        model.fit(x, y, epochs=20, callbacks=[monitor])
        print(*monitor.hints(), sep="\\n")

    A sample is what the next step would see and do: the size of each layer's outputs, its dead
    ReLUs and saturated sigmoids, the norms of weights, gradients and updates. Samples are taken
    about as often as the progress bar moves, as far as their ``share`` of the time allows, and at
    the end. The training comes out the same, bit for bit. The first sample of a fit may have to
    compile its program, as training does, and is not counted.

    Cells of recurrent layers are seen from outside only, and functions that ``forward`` calls
    (``jax.nn.relu``) not at all.

    Args:
        share: part of the fit's time that samples may take, above 0 and at most 1.

    ``samples`` has what was measured in the last fit.
    Raises ArgumentError for a share out of range.
    """

    passive: ClassVar[bool] = True
    remembers: ClassVar[tuple[str, ...]] = ("samples",)

    def __init__(self, share: float = 0.03) -> None:
        if not 0 < share <= 1:
            raise ArgumentError(f"share is a part of the time, above 0 and up to 1, got {share}.")
        self.share = share
        self._samples: list[Sample] = []
        self._probe: Probe | None = None

    @property
    def samples(self) -> list[Sample]:
        """What was measured, the earliest first."""
        return self._samples

    @samples.setter
    def samples(self, plain: Sequence[tuple[Any, ...]]) -> None:
        # A checkpoint gives back plain tuples.
        self._samples = [as_sample(*one) for one in plain]

    def hints(self) -> list[str]:
        """Findings in plain words: what is wrong where, by how much, and what to change."""
        return hints(self.samples)

    def curves(self) -> dict[str, Any]:
        """The samples as arguments of ``lampas.plots.health``."""
        return curves(self.samples)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.samples = []
        self._began = time.perf_counter()
        self._spent = self._last = 0.0
        self._next = 0
        self._compiles, self._under_way, self._blind = True, False, False

    def on_progress(self, epoch: int, step: int, logs: Logs) -> None:
        assert self.fit is not None, "a fit makes itself known before it begins"
        # The first steps show whether the fit works at all: nothing is compiled before them.
        due = self._under_way and self.fit.place.step >= self._next and self._affordable()
        self._under_way = True
        if (due or self.fit.ended) and not self._blind:
            self._look(epoch, logs)

    def _affordable(self) -> bool:
        return self._spent + self._last <= self.share * (time.perf_counter() - self._began)

    def _look(self, epoch: int, logs: Logs) -> None:
        """Take a sample, unless the batch is a short last one, which would need its own program."""
        assert self.fit is not None
        began, trainer = time.perf_counter(), self.fit.trainer
        batch, draw = self.fit.upcoming()
        if size(batch) != self.fit.source.pace.batch:
            return
        if self._probe is None or self._probe.of is not trainer.apply:
            self._probe = Probe(trainer)
        try:
            layers, parameters = self._probe(batch, draw)
        except jax.errors.UnexpectedTracerError:
            self._give_up(
                "it calls layers inside jax.vmap, jax.lax.scan or the like, which keep their "
                "values to themselves; call them outside, or leave the monitor out"
            )
            return
        except Exception as error:
            self._give_up(f"{type(error).__name__}: {error}".splitlines()[0].rstrip("."))
            return
        loss = float(logs.get("loss", math.nan))
        self._keep(Sample(self.fit.place.step, epoch, loss, layers, parameters))
        took = time.perf_counter() - began
        if self._compiles:
            self._compiles, self._began = False, self._began + took
        else:
            self._spent, self._last = self._spent + took, took

    def _keep(self, sample: Sample) -> None:
        self._samples.append(sample)
        self._next = sample.step + (sample.step - self._samples[0].step) // MOST_SAMPLES
        if len(self._samples) > MOST_SAMPLES:
            self._samples = self._samples[::2]

    def _give_up(self, reason: str) -> None:
        """The training matters more than its measurement."""
        self._blind = True
        warnings.warn(
            f"Monitor can not look into {type(self.model).__name__}: {reason}. Training goes on.",
            stacklevel=2,
        )
