"""Single batches, for training loops of one's own: ``train_on_batch`` and its like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import jax
import numpy as np

from ..core.arguments import check_arguments
from ..core.overridable import overridable
from ..core.random import next_seed
from ..core.tracebacks import filter_traceback
from .diagnostics.divergence import diagnose
from .epoch import Position
from .evaluation import Evaluable
from .fit_state import FitState
from .inputs.adapter import adapt
from .inputs.example_weights import example_weights
from .model_lock import takes_turns

BatchResult = float | list[float] | dict[str, float]
UNLIMITED = 2**31 - 1
"""A batch size for all examples at once."""


class BatchMethods(Evaluable):
    """A model that is trained, tested and used batch by batch."""

    @filter_traceback
    @takes_turns(trains=True)
    @check_arguments
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any | None = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> BatchResult:
        """Train one step on a batch, with the compiled step and the optimizer state of ``fit``.

        Args:
            x: inputs of one batch, as for ``fit``.
            y: their targets.
            sample_weight: weight of each example in the loss.
            class_weight: weight of each class in the loss.
            return_dict: whether to return the values by name.

        Returns:
            Loss and metrics of the batch before the step: a number if there is only the loss,
            otherwise a list, in the order of ``metrics_names``.

        Raises:
            NotBuiltError, DataError, ShapeError: as ``fit``.
            DivergedError: if the loss or a gradient is NaN or infinite; the step is not applied.
        """
        trainer, seed = self.trainer, next_seed()
        key = jax.random.key(seed)
        data = adapt(trainer, x, y, sample_weight, name="the batch")
        weights = example_weights(data.y, data.weights, class_weight, trainer.loss, is_batch=True)
        data = replace(data, weights=weights)
        source = data.source(UNLIMITED, key=key, seed=seed)
        state = FitState(trainer, source, Position(0, 0, 0), key)
        trainer.warn_if_frozen()
        trainer.own_buffers()
        chunk = source.chunk(state.position, 1, 1)
        assert chunk is not None
        sums: Any = trainer.zero_sums(source.example, source.layout, 1)
        _, sums, steps = trainer.train_chunk(chunk, sums, key)
        if not steps:
            raise diagnose(trainer, *state.next_batch(), state.position, 1)
        (values,) = trainer.logs(training=True).results([np.asarray(rows) for rows in sums])
        return _result(values, return_dict)

    @filter_traceback
    @check_arguments
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any | None = None, return_dict: bool = False
    ) -> BatchResult:
        """Loss and metrics of a batch, without training on it.

        Args:
            x: inputs of one batch, as for ``fit``.
            y: their targets.
            sample_weight: weight of each example in the loss.
            return_dict: whether to return the values by name.

        Returns:
            As :meth:`train_on_batch`.

        Raises:
            NotBuiltError, DataError, ShapeError: as ``fit``.
        """
        values = self.evaluate(x, y, UNLIMITED, sample_weight=sample_weight, return_dict=True)
        return _result(values, return_dict)

    @filter_traceback
    def predict_on_batch(self, x: Any) -> Any:
        """The model's output for one batch, as NumPy arrays.

        Args:
            x: inputs of one batch.

        Raises:
            DataError: for inputs that are empty or not finite.
        """
        return self.predict(x, UNLIMITED)

    @overridable
    def loss(self) -> Any:
        """The loss that was passed to ``compile``."""
        return self.compile_options.arguments["loss"]

    @property
    def metrics_names(self) -> list[str]:
        """Names of what ``evaluate`` and ``train_on_batch`` return, in their order."""
        return [metric.name for metric in self.metrics]


def _result(values: dict[str, float], return_dict: bool) -> BatchResult:
    """Values by name, or a list of them, of a single one the number."""
    listed = list(values.values())
    return values if return_dict else listed[0] if len(listed) == 1 else listed
