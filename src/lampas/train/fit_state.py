"""The state of a running fit, which the training loop writes and callbacks and checkpoints read."""

from __future__ import annotations

from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np

from .epoch import Position, step_rng
from .source import Source
from .step import Batch, StepRng
from .trainer import Trainer


@dataclass
class FitState:
    """Progress of a fit.

    Args:
        trainer: the compiled programs of the model.
        source: gives the steps in their order.
        position: the steps and epochs that are done.
        key: the random key of the fit.
        sums: sums of the current epoch, from which ``logs`` are computed.
        logs: the latest logged values by name.
        seconds: duration so far, that of a fit that was resumed included.
        validated: whether validation, if there is any, was due after the last epoch.
        ended: whether no step is left, or ``stop_training`` has ended the fit.
    """

    trainer: Trainer
    source: Source
    position: Position
    key: jax.Array
    sums: list[np.ndarray] = field(default_factory=list)
    logs: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    validated: bool = True
    ended: bool = False

    def next_batch(self) -> tuple[Batch, StepRng]:
        """The batch of the next step, and the random numbers of that step."""
        batch, indices = self.source.batch(self.position)
        step, epoch = jnp.int32(self.position.step), jnp.int32(self.position.epoch)
        return batch, step_rng(self.key, step, epoch, indices)
