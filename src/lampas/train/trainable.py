"""Base class of models: their loss, optimizer and weights, as the training loop sees them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

from .. import optimizers
from ..core.added_losses import all_losses
from ..core.arguments import is_of_lampas
from ..core.dtypes import promote_to_float32
from ..core.errors import ArgumentError, NotBuiltError
from ..core.functional import Arrays, assign_values
from ..core.jit import copy_arrays
from ..core.module import named_parts
from ..core.overridable import overridable
from ..core.variable import Regularizer
from ..layers.network import Network
from ..losses import LossFunction
from ..metrics import Mean, Metric, compute_sums
from ..optimizers import Optimizer
from ..saving.config import Configured
from .custom_loop import value_and_grad
from .step import Batch, mean_loss, num_examples, unpack_x_y_sample_weight

UNUSED_METHODS = {
    "make_predict_function": "predict returns what forward returns.",
    "make_test_function": "Write test_step.",
    "make_train_function": "Write train_step.",
    "predict_step": "predict returns what forward returns.",
}
"""Methods of Keras that are not called here, and what to do in place of overriding them."""


@dataclass(frozen=True)
class CompileOptions:
    """The choices of ``Model.compile``, resolved from names to objects.

    Args:
        optimizer: makes the weight updates.
        loss: a function of (y_true, y_pred); None if ``compute_loss`` is overridden.
        metrics: computed in addition to the loss.
        penalty: regularizer of all affine kernels, or None.
        run_eagerly: whether to run without compilation.
        precision: dtype of the computation; None for float32.
        arguments: the arguments of ``compile`` as they were passed.
    """

    optimizer: Optimizer
    loss: LossFunction | None
    metrics: Sequence[Metric]
    penalty: Regularizer | None
    run_eagerly: bool
    precision: DTypeLike | None
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Trainable(Configured, Network):
    """A module with a loss and an optimizer: what a trainer and the callbacks need of a model."""

    stop_training = False
    """Set to True in a callback to end the fit after the current epoch."""
    _compile_options: CompileOptions | None = None
    _inputs: Any = None
    """Shapes and dtypes of one example of the inputs of the first call."""
    _transient = (*Network._transient, "_compile_options", "_loss_tracker")
    saved_state: Mapping[str, np.ndarray] | None = None
    """The states of optimizers from a file, which a ``train_step`` of one's own takes up."""
    _not_compiled: str = ""
    """Why the model was loaded without being compiled."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in UNUSED_METHODS.keys() & vars(cls).keys():
            warnings.warn(
                f"{cls.__name__}.{name} is never called. {UNUSED_METHODS[name]}", stacklevel=2
            )

    @property
    def compile_options(self) -> CompileOptions:
        """The choices of the last ``compile``.

        Raises:
            NotBuiltError: before ``compile``.
        """
        if self._compile_options is None:
            raise NotBuiltError(
                'the model must be compiled first: model.compile("adam", loss="mse").'
                + self._not_compiled
                + self._own_compile_hint()
            )
        return self._compile_options

    def _own_compile_hint(self) -> str:
        kind: Any = type(self)
        if is_of_lampas(kind.compile):
            return ""
        return f" {kind.__name__}.compile must call super().compile()."

    @overridable
    def compiled(self) -> bool:
        """Whether ``compile`` was called."""
        return self._compile_options is not None

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer of the last ``compile``; another one may be assigned after it."""
        return self.compile_options.optimizer

    @optimizer.setter
    def optimizer(self, value: Optimizer) -> None:
        if self._compile_options is None:
            raise ArgumentError(
                "a model's optimizer is chosen by compile(optimizer=...); keep one for a loop of "
                "your own outside the model or under another name."
            )
        options, optimizer = self._compile_options, optimizers.get(value)
        arguments = {**options.arguments, "optimizer": optimizer}
        self._compile_options = replace(options, optimizer=optimizer, arguments=arguments)
        vars(self).pop("_trainer", None)

    @property
    def uses_default_loss(self) -> bool:
        """Whether the loss is that of ``compile``: ``compute_loss`` is not overridden."""
        return type(self).compute_loss is Trainable.compute_loss

    @property
    def has_own_train_step(self) -> bool:
        """Whether ``train_step`` or its ``compute_metrics`` is overridden."""
        return self._overrides("train_step")

    @property
    def has_own_test_step(self) -> bool:
        """Whether ``test_step`` or its ``compute_metrics`` is overridden."""
        return self._overrides("test_step")

    def check_built_in_step(self, what: str) -> None:
        """Raise ArgumentError if the model has a ``train_step`` of its own, for ``what``."""
        if self.has_own_train_step:
            raise ArgumentError(
                f"{what} needs the training step of Lampas, but {type(self).__name__} has a "
                "train_step of its own. Override compute_loss instead of it, if that is enough."
            )

    def _overrides(self, step: str) -> bool:
        names = (step, "compute_metrics")
        return any(getattr(type(self), name) is not getattr(Trainable, name) for name in names)

    @property
    def metrics(self) -> list[Metric]:
        """The metrics that ``fit`` resets at the beginning of an epoch, and ``evaluate`` before it.

        They are the mean loss and the metrics of ``compile``, and those among the attributes of the
        model and of its layers. Override it to name other ones.
        """
        metrics: list[Metric] = []
        if self._compile_options is not None:
            metrics = [self._mean_loss, *self._compile_options.metrics]
        models = {path for path, module in self.modules() if path and isinstance(module, Trainable)}
        for path, module in self.modules():
            # The metrics of a model inside belong to its own fit.
            if not any(path == model or path.startswith(f"{model}/") for model in models):
                for name, value in vars(module).items():
                    if name not in ("init_arguments", "_loss_tracker"):
                        metrics += [metric for _, metric in named_parts(name, value, Metric)]
        return list({id(metric): metric for metric in metrics}.values())

    @property
    def _mean_loss(self) -> Mean:
        mean: Mean = vars(self).setdefault("_loss_tracker", Mean("loss"))
        return mean

    def reset_metrics(self) -> None:
        """Forget the batches that all ``metrics`` have seen."""
        for metric in self.metrics:
            metric.reset_state()

    def train_step(self, data: Any) -> dict[str, Any]:
        """Train on one batch; override it for a step of your own.

        ``fit`` compiles it, whole epochs at a time, so it runs in Python only once: what it changes
        are the variables of modules, optimizers and metrics that the model has as attributes. The
        logs of an epoch are those of its last batch, in which the result of a metric is that of all
        batches of the epoch. Layers run in training mode within ``value_and_grad``, elsewhere if
        they are called with ``training=True``.

        Args:
            data: x, (x, y) or (x, y, sample_weight), as passed to ``fit``.

        Returns:
            Single numbers by name: the logs.

        Example:
            >>> import lampas as lp
            >>> import numpy as np
            >>> class Regression(lp.Model):
            ...     def __init__(self):
            ...         self.dense = lp.Dense(1)
            ...     def forward(self, x):
            ...         return self.dense(x)
            ...     def train_step(self, data):
            ...         x, y = data
            ...         def loss_of(x, y):
            ...             return self.compute_loss(x, y, self(x))
            ...         loss, gradients = lp.value_and_grad(self, loss_of)(x, y)
            ...         self.optimizer.update(self, gradients)
            ...         return {"loss": loss}
            >>> model = Regression()
            >>> model.compile("sgd", "mse")
            >>> history = model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
            >>> list(history.history)
            ['loss']
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)

        def loss_and_output(x: Any, y: Any, sample_weight: Any) -> tuple[jax.Array, Any]:
            y_pred = self(x)
            return self.compute_loss(x, y, y_pred, sample_weight), y_pred

        differentiate = value_and_grad(self, loss_and_output, has_aux=True)
        (loss, y_pred), gradients = differentiate(x, y, sample_weight)
        self.optimizer.update(self, gradients)
        return self._log(loss, x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluate one batch; override it for an evaluation of your own.

        Args:
            data: x, (x, y) or (x, y, sample_weight), as passed to ``evaluate``.

        Returns:
            Single numbers by name, as those of ``train_step``.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x)
        return self._log(
            self.compute_loss(x, y, y_pred, sample_weight), x, y, y_pred, sample_weight
        )

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Add a batch to the metrics of ``compile``; return the results of all ``metrics``.

        The step calls it; override it to change the logs.

        Args:
            x: the inputs.
            y: the targets.
            y_pred: the predictions.
            sample_weight: weight of each example, for ``weighted_metrics``.
        """
        for metric in self.compile_options.metrics:
            weights = sample_weight if metric.is_weighted else None
            metric.add_sums(compute_sums(metric, y, y_pred, weights))
        return {metric.name: metric.result() for metric in self.metrics}  # type: ignore[call-arg]

    def _log(
        self, loss: jax.Array, x: Any, y: Any, y_pred: Any, sample_weight: Any
    ) -> dict[str, Any]:
        self._mean_loss.update_state(loss, sample_weight=jnp.float32(num_examples(Batch(x, y))))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None
    ) -> jax.Array:
        """The mean loss of a batch, a single number; by default the loss of ``compile``.

        Override it for losses that need more than targets and predictions: the inputs, layers and
        weights of ``self``, several forward passes, or no targets at all. Penalties on weights and
        what layers add to the loss are part of the default, and are added to a method that neither
        calls it nor reads ``self.losses``. The loss of an epoch is the mean over its batches by
        their examples.

        Args:
            x: the inputs, as passed to ``forward``.
            y: the targets; ``()`` if there are none.
            y_pred: the output of ``forward`` for ``x``.
            sample_weight: weight of each example, None if all count the same.
        """
        batch = Batch(x, y, sample_weight)
        output = jax.tree.map(promote_to_float32, y_pred)
        return mean_loss(self.compile_options.loss, batch, output, all_losses(self))

    def copy_arrays(self) -> Arrays:
        """Copies of all arrays by path, on the device."""
        return copy_arrays({path: v.value for path, v in self.variables().items()})

    def assign_arrays(self, arrays: Arrays) -> None:
        """Assign copies of arrays to the variables of these paths."""
        assign_values(self.variables(), copy_arrays(arrays))
