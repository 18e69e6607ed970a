"""Loss, metrics and outputs of a model for data sets: ``evaluate`` and ``predict``."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any

import jax

from ..core.arguments import PositiveInt, check_arguments
from ..core.terminal import write_line
from ..core.tracebacks import filter_traceback
from .callbacks.base import Callback, CallbackList, as_callbacks
from .evaluation_result import EvaluationResult
from .inputs import adapter
from .inputs.batch_adapter import BatchAdapter
from .inputs.data_checks import channels_explained, warn_about_channels
from .inputs.frames import batches_of
from .inputs.prefetch_loader import PrefetchLoader
from .model_lock import takes_turns
from .predictor import Predictor
from .progress_bar import Verbose, format_logs
from .trainable import Trainable
from .trainer import Trainer

BATCH_SIZE = 32
PREDICT_BATCH_SIZE = 256
"""Examples per step, unless ``batch_size`` says otherwise."""


class Evaluable(Trainable):
    """A model that is evaluated and that predicts."""

    _predictor: Predictor | None = None

    @property
    @abstractmethod
    def trainer(self) -> Trainer:
        """The compiled programs of the last ``compile``."""

    @abstractmethod
    def _adapt(self, x: Any, *targets: Any, **options: Any) -> adapter.TrainingData:
        """Data of any kind as checked examples or batches."""

    @filter_traceback
    @takes_turns()
    @check_arguments
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: PositiveInt | None = None,
        verbose: Verbose = 0,
        sample_weight: Any | None = None,
        steps: PositiveInt | None = None,
        callbacks: Sequence[Callback] | Callback | None = None,
        return_dict: bool = False,
    ) -> EvaluationResult | dict[str, float]:
        """The loss and the metrics on examples.

        Args:
            x: inputs, as for ``fit``.
            y: targets, as for ``fit``.
            batch_size: examples per step, 32 by default.
            verbose: 0 silent, otherwise the results are printed.
            sample_weight: weights in the loss, as for ``fit``.
            steps: number of batches to evaluate, the first ones; by default all.
            callbacks: one or several, whose ``on_test_`` hooks are called.
            return_dict: whether to return a plain dict.

        Returns:
            The values by name, which also unpack in their order, ``loss, accuracy =
            model.evaluate(x, y)``, and are a number if there is only the loss; see
            :class:`EvaluationResult`.

        Raises:
            NotBuiltError: before ``compile``.
            DataError, ShapeError: as ``fit``.
        """
        batch_size = batch_size or BATCH_SIZE
        callback_list = self._callback_list(callbacks, batch_size, steps, verbose)
        hooks = callback_list.batch_hooks("test")
        data = self._adapt(x, y, sample_weight, steps=steps)
        source = data.source(batch_size, single_steps=hooks is not None)
        try:
            callback_list.on_test_begin({})
            results, state = self.trainer.evaluate(source, hooks)
            callback_list.on_test_end(dict(results))
        finally:
            source.close()
        self.trainer.assign_state(state)
        if verbose:
            write_line(format_logs(results))
        return results if return_dict else EvaluationResult(results)

    @filter_traceback
    @takes_turns()
    @check_arguments
    def predict(
        self,
        x: Any,
        batch_size: PositiveInt | None = None,
        verbose: Verbose = 0,
        steps: PositiveInt | None = None,
        callbacks: Sequence[Callback] | Callback | None = None,
    ) -> Any:
        """The model's output for each input, as NumPy arrays; works without ``compile``.

        Args:
            x: inputs, as for ``fit``; targets in batches are ignored.
            batch_size: examples per step; by default 256, or 32 if ``steps`` counts them.
            verbose: 0 silent, otherwise a line with the number of rows and the time is printed.
            steps: number of batches to use, the first ones; by default all.
            callbacks: one or several, whose ``on_predict_`` hooks are called.

        Raises:
            DataError: for inputs that are empty or not finite.
        """
        started_at = time.perf_counter()
        batch_size = batch_size or (BATCH_SIZE if steps else PREDICT_BATCH_SIZE)
        if self._predictor is None:
            self._predictor = Predictor(self)
        callback_list = self._callback_list(callbacks, batch_size, steps, verbose)
        hooks = callback_list.batch_hooks("predict")
        callback_list.on_predict_begin({})
        eagerly = self._compile_options is not None and self._compile_options.run_eagerly
        if adapter.is_batch_iterable(x):
            batches, chunk_steps = batches_of(x, batch_size), 1 if hooks else None
            batch_adapter = BatchAdapter(targets=False, convert=partial(adapter.read_inputs, self))
            loader = PrefetchLoader(batches, batch_adapter, steps=steps, chunk_steps=chunk_steps)
            output = self._predictor.predict_batches(loader, eagerly, hooks)
        else:
            x = adapter.as_several(x, example=self._inputs) if self.example_shape is None else x
            x = adapter.inputs_as_arrays(self, x)
            adapter.check_arrays(x, ())
            x = x if steps is None else adapter.take_first(x, steps * batch_size, batch_size)
            with channels_explained(x):
                output = self._predictor(x, batch_size, eagerly, hooks=hooks)
            warn_about_channels(self, x)
        callback_list.on_predict_end({})
        if verbose:
            rows = len(jax.tree.leaves(output)[0])
            write_line(f"{rows:,} rows in {time.perf_counter() - started_at:.2g} s")
        return output

    def _callback_list(
        self,
        callbacks: Sequence[Callback] | Callback | None,
        batch_size: int,
        steps: int | None,
        verbose: Verbose,
    ) -> CallbackList:
        """The callbacks of an evaluation or prediction."""
        callback_list = CallbackList(as_callbacks(callbacks))
        callback_list.set_model(self)
        callback_list.set_params({"steps": steps, "batch_size": batch_size, "verbose": verbose})
        return callback_list
