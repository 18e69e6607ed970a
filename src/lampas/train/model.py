"""A model: a module that can be compiled, fitted, tested, used and saved."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import jax
import jax.numpy as jnp
import numpy as np

from .. import optimizers, regularizers
from .. import serialization as files
from ..core.build import build
from ..core.errors import (
    ArgumentError,
    DataError,
    NotBuiltError,
    Shape,
    ShapeError,
    show_shape,
    unknown_name,
)
from ..core.functional import Arrays, assign
from ..core.jit import copy_arrays
from ..core.module import Module
from ..core.random import next_seed
from ..core.tracebacks import folded
from ..core.variable import Regularizer
from ..inspection.explanation import Explanation
from ..layers.preprocessing.base import read
from ..optimizers import Optimizer
from . import summary
from .callbacks.base import Callback, CallbackList
from .checkpoint import Checkpoint, Checkpoints, about
from .epoch import Place
from .fit import Fit
from .history import History
from .inputs.adapter import ClassWeight, Given, given, needs_targets
from .inputs.arrays import as_arrays, check
from .inputs.epoch_iterator import is_feed
from .inputs.frames import arrays, batches_of
from .inputs.iterable_source import Feed
from .multi_output import LossChoice, MetricsChoice, objectives
from .predictor import Predictor
from .progress_bar import Progress, Verbose
from .step import Batch
from .trainer import Trainer

if TYPE_CHECKING:
    import optax

Precision = Literal["float32", "bfloat16", "float16"]


class Model(Module):
    """Base of whole networks: write ``__init__`` and ``forward``, or use :class:`Sequential`.

    ``compile`` says what to learn by, ``fit`` learns, ``evaluate`` measures, ``predict`` uses.
    """

    stop_training = False
    """Set to True in a callback to end the fit after the running epoch."""
    history: History | None = None
    """Of the last fit, also of one that an error ended."""
    input_shape: Shape | None = None
    """Shape of one input, without the batch axis, once known."""
    _trainer: Trainer | None = None
    _predictor: Predictor | None = None

    @folded
    def build(self, input_shape: Sequence[int | None]) -> None:
        """Make the variables for inputs of this shape, without the batch axis.

        A first size of None, Keras's open batch axis, is left out.
        """
        sizes = input_shape[1:] if tuple(input_shape[:1]) == (None,) else input_shape
        shape = tuple(operator.index(size) for size in sizes)  # type: ignore[arg-type]
        build(self, lambda: self(jnp.zeros((1, *shape))))
        self.input_shape = self.input_shape or shape

    @folded
    def compile(
        self,
        optimizer: Optimizer | optax.GradientTransformation | str = "rmsprop",
        loss: LossChoice | None = None,
        metrics: MetricsChoice = (),
        *,
        loss_weights: Mapping[str, float] | Sequence[float] | None = None,
        penalty: Regularizer | str | None = None,
        precision: Precision = "float32",
        run_eagerly: bool = False,
    ) -> None:
        """Choose what to learn by.

        Args:
            optimizer: a name, an :class:`Optimizer`, or any Optax transformation.
            loss: a name, a :class:`Loss`, or a function of (y_true, y_pred) that returns one
                error for each example; for several outputs a dict or tuple of such, like the
                outputs. Not needed where ``compute_loss`` is written anew.
            metrics: names, :class:`Metric` objects, or such functions; for several outputs a
                dict or tuple of lists.
            loss_weights: of each output's loss in their sum; 1 by default.
            penalty: a regularizer for the kernels of all affine maps (dense, convolution), never
                for biases or normalization; ``L2(1e-4)`` for example.
            precision: what layers compute in while learning and in ``evaluate``. Weights, loss
                and normalization stay in float32. "bfloat16" has its range; "float16" overflows
                above 65504, and losses are not scaled for it.
            run_eagerly: run line by line in Python, to look inside with a debugger.

        Raises:
            UnknownNameError: for a name that stands for nothing, with the nearest right one.
        """
        if loss is None and type(self).compute_loss is Model.compute_loss:
            raise ArgumentError('compile needs a loss, "mse" for example: what is to become small?')
        if precision not in get_args(Precision):
            raise unknown_name("precision", precision, get_args(Precision))
        error, measured = objectives(loss, loss_weights, metrics)
        self._trainer = Trainer(
            self,
            optimizers.get(optimizer),
            error,
            measured,
            regularizers.get(penalty),
            run_eagerly,
            None if precision == "float32" else jnp.dtype(precision),
        )

    def compute_loss(
        self, x: Any, y: Any, y_pred: Any, sample_weight: jax.Array | None = None
    ) -> jax.Array:
        """The mean error of a batch, a single number: the loss of ``compile``.

        Write it anew for errors that need more than targets and predictions: the inputs, layers
        and weights of ``self``, several passes, no targets at all. Penalties are added to it.

        Args:
            x: the inputs, as ``forward`` gets them.
            y: the targets; ``()`` if there are none.
            y_pred: what ``forward`` made of the inputs.
            sample_weight: of each example, None if all count the same.
        """
        batch = Batch(x, y, sample_weight)
        return self._compiled().objective.error(batch, y_pred)

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer of the last ``compile``."""
        return self._compiled().optimizer

    @optimizer.setter
    def optimizer(self, value: Optimizer) -> None:
        raise ArgumentError(
            "a model's optimizer is chosen by compile(optimizer=...); keep one for a loop of your "
            "own outside the model or under another name."
        )

    @folded
    def fit(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: Verbose = "auto",
        callbacks: Sequence[Callback] = (),
        validation_split: float = 0.0,
        validation_data: Any | None = None,
        shuffle: bool = True,
        class_weight: ClassWeight | None = None,
        sample_weight: Any | None = None,
        initial_epoch: int = 0,
        seed: int | None = None,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        checkpoint: Checkpoint | str | Path | None = None,
    ) -> History:
        """Learn from examples.

        Args:
            x: inputs, first axis the examples; a tuple or dict of such for several inputs. A
                ``numpy.memmap``, or an object that reads rows as it is indexed by row numbers, is
                streamed from the disk by a thread. So is what gives batches (x, y) or (x, y,
                sample_weight): a function that makes a generator, called anew for each epoch, an
                iterable, a PyTorch or Grain loader; they come in their own order and size.
            y: targets, as many. The name of the targets for batches that are dicts.
            batch_size: examples a step; the short last batch of an epoch is learnt from too.
            epochs: the epoch at which to end, from 0: with ``initial_epoch=2, epochs=5`` three.
            verbose: 0 silent, 1 a live bar ("auto" too), 2 a line for every epoch.
            callbacks: told of what happens.
            validation_split: the last part of the examples is not learnt from but measured.
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)`` to measure after each epoch,
                or what gives such batches.
            shuffle: draw the order of the examples anew in each epoch.
            class_weight: weight of each class in the loss, or "balanced".
            sample_weight: weight of each example in the loss.
            initial_epoch: the epoch at which to begin.
            seed: decides the order, dropout, and the first weights if there are none yet; by
                default the next one after :func:`lampas.set_seed`.
            steps_per_epoch: batches of an epoch, for data that comes in batches; by default one
                pass through it.
            validation_steps: the same for ``validation_data``.
            checkpoint: a folder, or a :class:`Checkpoint`, for the whole state of the fit. If it
                has been there before, the fit goes on from it, and ends with the same weights.

        Returns:
            The history. Ctrl-C ends the fit early and returns it too.

        Raises:
            NotBuiltError: before ``compile``.
            DataError: for data that is empty, not finite, or does not fit the loss.
            ShapeError: for inputs or targets of the wrong shape.
            DivergedError: when the loss or a gradient is not a finite number; it names the step,
                the rows and the layer. The model keeps its weights from before that step.
            FileError: when a checkpoint can not be written, or none can be read.
            ArgumentError: for a checkpoint of another training.
        """
        trainer = self._compiled()
        _check_counts(batch_size, epochs, initial_epoch)
        data = given(self, x, y, sample_weight, class_weight, steps_per_epoch)
        held = None
        if validation_data is not None:
            held = _held_out(self, validation_data, validation_steps)
        elif validation_split:
            data, held = data.split(validation_split)
        saved = None if checkpoint is None else Checkpoints(checkpoint)
        if seed is None:
            # Drawn in any case, so that what follows a fit that is resumed is the same.
            drawn = next_seed()
            seed = drawn if saved is None or saved.seed is None else saved.seed
        self.history, self.stop_training = History(), False
        told = CallbackList([self.history, *callbacks, *([Progress(verbose)] if verbose else [])])
        single = told.uses("on_train_batch_begin", "on_train_batch_end")
        key = jax.random.key(seed)
        source = data.source(
            batch_size, shuffle, key, seed, first_epoch=initial_epoch, single=single
        )
        validation = None if held is None else held.source(batch_size)
        if saved is not None:
            saved.about = about(trainer, source, batch_size, shuffle, seed)
        told.set_model(self)
        told.set_params(
            {
                "epochs": epochs,
                "steps": source.steps,
                "batch_size": source.pace.batch,
                "initial_epoch": initial_epoch,
                "verbose": verbose,
            }
        )
        place = Place(initial_epoch * (source.steps or 0), initial_epoch, 0)
        return Fit(trainer, source, validation, epochs, place, key, told, self.history, saved).run()

    @folded
    def evaluate(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        sample_weight: Any | None = None,
        steps: int | None = None,
    ) -> dict[str, float]:
        """The loss and the metrics on examples, by name.

        Takes what ``fit`` takes; ``steps`` is the number of batches to measure on, for data that
        comes in batches.

        Raises:
            NotBuiltError: before ``compile``.
            DataError, ShapeError: as ``fit``.
        """
        trainer = self._compiled()
        _check_counts(batch_size)
        source = given(self, x, y, sample_weight, steps=steps).source(batch_size)
        try:
            measured, state = trainer.evaluate(source)
        finally:
            source.close()
        assign(self.states(), state)
        return measured

    @folded
    def predict(self, x: Any, batch_size: int = 256, steps: int | None = None) -> Any:
        """The model's output for each input, as NumPy arrays.

        Takes what ``fit`` takes; targets in batches are left out. ``steps`` is the number of
        batches to use, for data that comes in batches.
        Works without ``compile``. Raises DataError for inputs that are empty or not finite.
        """
        _check_counts(batch_size)
        if self._predictor is None:
            self._predictor = Predictor(self)
        eagerly = self._trainer is not None and self._trainer.run_eagerly
        if is_feed(x):
            batches = batches_of(x, batch_size)
            feed = Feed(batches, targets=False, steps=steps, read=partial(read, self))
            return self._predictor.each(feed, eagerly)
        x = as_arrays(arrays(read(self, x), "x"))
        check(x, ())
        output = self._predictor(x, batch_size, eagerly)
        self._note_shape(x)
        return output

    @folded
    def summary(self, input_shape: Sequence[int] | None = None) -> summary.Summary:
        """Layers with path, output shape, parameters, multiplications and bytes; print it.

        Args:
            input_shape: of one input, without the batch axis; needed before the first call.

        Raises:
            NotBuiltError: when the shape of the input is not known.
        """
        shape = input_shape or self.input_shape
        if shape is None:
            raise NotBuiltError(
                "summary needs the shape of one input: model.summary((28, 28, 1)), or "
                "input_shape= in the first layer."
            )
        self.build(shape)
        return summary.summarize(self, tuple(shape))

    @folded
    def save(self, path: str | Path) -> None:
        """Write architecture and weights to one safetensors file, atomically.

        Raises:
            NotBuiltError: when there are no weights yet.
            FileError: when the file can not be written.
        """
        if not self.variables() and self.input_shape is None:
            raise NotBuiltError(
                "the model has no weights to save yet: call, build or fit it first."
            )
        files.save(self, path)

    @folded
    def explain(
        self,
        x: Any,
        y: Any = None,
        *,
        sample_weight: Any = None,
        steps: int = 100,
        seed: int = 0,
    ) -> Explanation:
        """The six stages of one step of a small model with all their numbers; print it.

        See :func:`lampas.inspection.explain.explain`. The model stays as it is.
        """
        from ..inspection.explain import explain

        return explain(self, x, y, sample_weight=sample_weight, steps=steps, seed=seed)

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all arrays, in the order of ``variables()``."""
        return [variable.numpy() for variable in self.variables().values()]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Put arrays into all variables, in the order of ``variables()``.

        Raises:
            ShapeError: for a wrong number of arrays or a wrong shape; nothing is changed then.
        """
        variables = self.variables()
        if len(weights) != len(variables):
            raise ShapeError(f"the model has {len(variables)} arrays, got {len(weights)}.")
        arrays = [
            jnp.array(w, v.value.dtype) for v, w in zip(variables.values(), weights, strict=True)
        ]
        for (path, variable), array in zip(variables.items(), arrays, strict=True):
            if variable.shape != array.shape:
                raise ShapeError(
                    f"{path} has shape {show_shape(variable.shape)}, got {show_shape(array.shape)}."
                )
        assign(variables, dict(zip(variables, arrays, strict=True)))

    def copy_arrays(self) -> Arrays:
        """Copies of all arrays by path, on the device."""
        return copy_arrays({path: v.value for path, v in self.variables().items()})

    def assign_arrays(self, arrays: Arrays) -> None:
        """Put arrays into the variables of these paths."""
        assign(self.variables(), copy_arrays(arrays))

    def __getstate__(self) -> dict[str, Any]:
        """For pickle and copy: the model without what belongs to ``compile`` and ``fit``."""
        left_out = ("_trainer", "_predictor", "history")
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def _note_shape(self, x: Any) -> None:
        leaves = jax.tree.leaves(x)
        if self.input_shape is None and len(leaves) == 1:
            self.input_shape = leaves[0].shape[1:]

    def _compiled(self) -> Trainer:
        if self._trainer is None:
            raise NotBuiltError(
                'the model must be compiled first: model.compile("adam", loss="mse").'
            )
        return self._trainer


def _held_out(model: Model, data: Any, steps: int | None) -> Given:
    """Validation data, checked."""
    if is_feed(data):
        return given(model, data, steps=steps, what="validation_data")
    fewest = 2 if needs_targets(model) else 1
    if not isinstance(data, tuple | list) or not fewest <= len(data) <= 3:
        parts = len(data) if hasattr(data, "__len__") else type(data).__name__
        raise DataError(
            f"validation_data must be (x, y) or (x, y, sample_weight), or give batches; got "
            f"{parts} parts."
        )
    x, y, weights = (*data, None, None)[:3]
    return given(model, x, y, weights, steps=steps, what="validation_data")


def _check_counts(batch_size: int, epochs: int = 1, initial_epoch: int = 0) -> None:
    for name, value in (("batch_size", batch_size), ("epochs", epochs)):
        if not hasattr(value, "__index__"):
            raise ArgumentError(f"{name} must be a whole number, got {value!r}.")
    if batch_size < 1:
        raise ArgumentError(f"batch_size must be at least 1, got {batch_size}.")
    if epochs < 1 or initial_epoch < 0:
        raise ArgumentError(f"epochs must be at least 1, got {epochs} (from {initial_epoch}).")
