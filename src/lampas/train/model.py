"""A model: a module that can be compiled, fitted, tested, used and saved."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from .. import files, losses, metrics, optimizers, regularizers, summary
from ..core.build import build
from ..core.compiling import copy_arrays
from ..core.errors import ArgumentError, DataError, NotBuiltError, Shape, ShapeError, show_shape
from ..core.functional import Arrays, assign
from ..core.module import Module
from ..core.seed import next_seed
from ..core.variable import Regularizer
from ..layers.reader import read
from ..losses import LossFunction
from ..metrics import Metric, PerExample
from ..optimizers import Optimizer
from .batches import as_arrays, check, example_weights, placed, split
from .callbacks.base import Callback, CallbackList
from .fit import Fit
from .history import History
from .predict import Predictor
from .progress import Progress, Verbose
from .step import Batch, size
from .trainer import Trainer

if TYPE_CHECKING:
    import optax

ClassWeight = Mapping[int, float] | Literal["balanced"]


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

    def build(self, input_shape: Sequence[int | None]) -> None:
        """Make the variables for inputs of this shape, without the batch axis.

        A first size of None, Keras's open batch axis, is left out.
        """
        sizes = input_shape[1:] if tuple(input_shape[:1]) == (None,) else input_shape
        shape = tuple(operator.index(size) for size in sizes)  # type: ignore[arg-type]
        build(self, lambda: self(jnp.zeros((1, *shape))))
        self.input_shape = self.input_shape or shape

    def compile(
        self,
        optimizer: Optimizer | optax.GradientTransformation | str = "rmsprop",
        loss: LossFunction | str | None = None,
        metrics: Sequence[Metric | PerExample | str] = (),
        *,
        penalty: Regularizer | str | None = None,
        run_eagerly: bool = False,
    ) -> None:
        """Choose what to learn by.

        Args:
            optimizer: a name, an :class:`Optimizer`, or any Optax transformation.
            loss: a name, a :class:`Loss`, or a function of (y_true, y_pred) that returns one
                error for each example.
            metrics: names, :class:`Metric` objects, or such functions.
            penalty: a regularizer for the kernels of all affine maps (dense, convolution), never
                for biases or normalization; ``L2(1e-4)`` for example.
            run_eagerly: run line by line in Python, to look inside with a debugger.

        Raises:
            UnknownNameError: for a name that stands for nothing, with the nearest right one.
        """
        if loss is None:
            raise ArgumentError('compile needs a loss, "mse" for example: what is to become small?')
        if isinstance(metrics, str):
            metrics = [metrics]
        self._trainer = Trainer(
            self,
            optimizers.get(optimizer),
            losses.get(loss),
            _metrics(metrics),
            regularizers.get(penalty),
            run_eagerly,
        )

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

    def fit(
        self,
        x: Any,
        y: Any,
        batch_size: int = 32,
        epochs: int = 1,
        verbose: Verbose = "auto",
        callbacks: Sequence[Callback] = (),
        validation_split: float = 0.0,
        validation_data: tuple[Any, ...] | None = None,
        shuffle: bool = True,
        class_weight: ClassWeight | None = None,
        sample_weight: Any | None = None,
        initial_epoch: int = 0,
        seed: int | None = None,
    ) -> History:
        """Learn from examples.

        Args:
            x: inputs, first axis the examples. A ``numpy.memmap``, or an object that reads rows
                as it is indexed by row numbers, is streamed from the disk by a thread.
            y: targets, as many.
            batch_size: examples a step; the short last batch of an epoch is learnt from too.
            epochs: the epoch at which to end, from 0: with ``initial_epoch=2, epochs=5`` three.
            verbose: 0 silent, 1 a live bar ("auto" too), 2 a line for every epoch.
            callbacks: told of what happens.
            validation_split: the last part of the examples is not learnt from but measured.
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)`` to measure after each epoch.
            shuffle: draw the order of the examples anew in each epoch.
            class_weight: weight of each class in the loss, or "balanced".
            sample_weight: weight of each example in the loss.
            initial_epoch: the epoch at which to begin.
            seed: decides the order, dropout, and the first weights if there are none yet; by
                default the next one after :func:`lampas.set_seed`.

        Returns:
            The history. Ctrl-C ends the fit early and returns it too.

        Raises:
            NotBuiltError: before ``compile``.
            DataError: for data that is empty, not finite, or does not fit the loss.
            ShapeError: for inputs or targets of the wrong shape.
            DivergedError: when the loss stops being a finite number.
        """
        trainer = self._compiled()
        _check_counts(batch_size, epochs, initial_epoch)
        x, y, sample_weight = as_arrays(read(self, x)), as_arrays(y), as_arrays(sample_weight)
        check(x, y, sample_weight)
        held: tuple[Any, Any, Any] | None = None
        if validation_data is not None:
            held = _held_out(self, validation_data)
        elif validation_split:
            (x, y, sample_weight), held = split((x, y, sample_weight), validation_split)
        seed = next_seed() if seed is None else seed
        data = self._placed(trainer, x, y, sample_weight, class_weight, batch_size, seed)
        validation = None if held is None else self._placed(trainer, *held, None, batch_size)
        self.history, self.stop_training = History(), False
        shown = [Progress(size(data), verbose)] if verbose else []
        told = CallbackList([self.history, *callbacks, *shown])
        told.set_model(self)
        steps = -(-size(data) // batch_size)
        told.set_params(
            {"epochs": epochs, "steps": steps, "initial_epoch": initial_epoch, "verbose": verbose}
        )
        return Fit(
            trainer, data, validation, batch_size, epochs, initial_epoch, shuffle, seed, told,
            self.history,
        ).run()  # fmt: skip

    def evaluate(
        self, x: Any, y: Any, batch_size: int = 32, sample_weight: Any | None = None
    ) -> dict[str, float]:
        """The loss and the metrics on examples, by name.

        Raises:
            NotBuiltError: before ``compile``.
            DataError, ShapeError: as ``fit``.
        """
        trainer = self._compiled()
        _check_counts(batch_size)
        x, y, sample_weight = as_arrays(read(self, x)), as_arrays(y), as_arrays(sample_weight)
        check(x, y, sample_weight)
        data = self._placed(trainer, x, y, sample_weight, None, batch_size)
        measured, state = trainer.evaluate(data, batch_size)
        assign(self.states(), state)
        return measured

    def predict(self, x: Any, batch_size: int = 256) -> Any:
        """The model's output for each input, as NumPy arrays.

        Works without ``compile``. Raises DataError for inputs that are empty or not finite.
        """
        _check_counts(batch_size)
        x = as_arrays(read(self, x))
        check(x, ())
        if self._predictor is None:
            self._predictor = Predictor(self)
        eagerly = self._trainer is not None and self._trainer.run_eagerly
        output = self._predictor(x, batch_size, eagerly)
        self._note_shape(x)
        return output

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

    def _placed(
        self,
        trainer: Trainer,
        x: Any,
        y: Any,
        sample_weight: Any | None,
        class_weight: ClassWeight | None,
        batch_size: int,
        seed: int | None = None,
    ) -> Batch:
        """Put checked data in its place, and make sure that model, loss and data fit."""
        data = placed(x, y, example_weights(y, sample_weight, class_weight))
        trainer.prepare(data.x, seed)
        self._note_shape(data.x)
        trainer.check(data, y, batch_size)
        return data

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


def _metrics(wanted: Sequence[Metric | PerExample | str]) -> list[Metric]:
    """Metrics under the names that the user wrote; a name that is taken gets a number."""
    found: dict[str, Metric] = {}
    for value in wanted:
        metric = metrics.get(value)
        name = label = value if isinstance(value, str) else metric.name
        number = 1
        while label in found or label == "loss":
            number += 1
            label = f"{name}_{number}"
        found[label] = metric if label == metric.name else metrics.Renamed(metric, label)
    return list(found.values())


def _held_out(model: Model, data: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """Validation data as (x, y, weights), checked."""
    if len(data) not in (2, 3):
        raise DataError(
            f"validation_data must be (x, y) or (x, y, sample_weight), got {len(data)} parts."
        )
    x, y, weights = (*map(as_arrays, (read(model, data[0]), *data[1:])), None)[:3]
    check(x, y, weights, what="validation_data")
    return x, y, weights


def _check_counts(batch_size: int, epochs: int = 1, initial_epoch: int = 0) -> None:
    for name, value in (("batch_size", batch_size), ("epochs", epochs)):
        if not hasattr(value, "__index__"):
            raise ArgumentError(f"{name} must be a whole number, got {value!r}.")
    if batch_size < 1:
        raise ArgumentError(f"batch_size must be at least 1, got {batch_size}.")
    if epochs < 1 or initial_epoch < 0:
        raise ArgumentError(f"epochs must be at least 1, got {epochs} (from {initial_epoch}).")
