"""The compiled programs of a model: they train on, evaluate and check the steps of a source.

``train_chunk`` runs ``train_steps`` of ``epoch.py`` with forward pass and loss of the model.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.dtypes import canonicalize_dtype

from ..core.added_losses import added_losses, weight_penalties
from ..core.build import build
from ..core.context import current_context, module_scope
from ..core.dtypes import promote_to_float32
from ..core.errors import ArgumentError, FileError, ShapeError, format_shape
from ..core.functional import Arrays, assign_values, configuration, functional, is_same
from ..core.jit import ProgramCache, jit
from ..core.module import Module
from ..core.variable import Array, Parameter, Variable
from ..optimizers.base import OptVariable, weight_constraints
from .epoch import EpochLayout, Position, evaluation_steps, train_steps
from .multi_output import LossesAndMetrics, MultiOutputLoss, output_names
from .optimizer_state import restore_state, state_arrays
from .own_step import OwnStep
from .source import Chunk, Source
from .step import (
    Batch,
    Evaluation,
    MetricSums,
    Objective,
    Step,
    TrainState,
    Tree,
    evaluation_step,
    mean_loss,
    regularizers,
    train_step,
)
from .trainable import CompileOptions, Trainable

MAX_SUM_VALUES = 2**16
"""Maximum size of the sums of one call of the compiled program; it limits the epochs."""


class BatchHooks(NamedTuple):
    """Functions that are called before and after each batch, with its number and a dict of logs."""

    begin: Callable[[int, dict[str, Any]], None]
    end: Callable[[int, dict[str, Any]], None]


class Trainer:
    """The programs that ``compile`` makes for a model, and that ``fit`` and ``evaluate`` run.

    A second fit of the same shapes compiles nothing.

    Args:
        model: the model; it is changed in place.
        options: optimizer, loss, metrics and the like.
    """

    def __init__(self, model: Trainable, options: CompileOptions) -> None:
        self.model = model
        self.options = options
        self.optimizer = options.optimizer
        self.loss = options.loss
        self.run_eagerly = options.run_eagerly
        self.precision = options.precision
        self.uses_default_loss = model.uses_default_loss
        step = partial(OwnStep, model, dtype=self.precision, eagerly=self.run_eagerly)
        self.own_train_step = step(training=True) if model.has_own_train_step else None
        self.own_test_step = step(training=False) if model.has_own_test_step else None
        self._parameters: dict[str, Parameter] = {}
        self._states: dict[str, Variable] = {}
        self._compiled_for: list[object] = []
        self._built_for: tuple[Any, ...] = ()
        self._opt_state: Variable | None = None
        self._shapes: dict[Any, Any] = {}

    @property
    def needs_targets(self) -> bool:
        """Whether the loss is that of ``compile``, a function of targets."""
        is_built_in = self.uses_default_loss and self.own_train_step is None
        return is_built_in and self.loss is not None

    def use_targets(self, y: Tree) -> None:
        """Take the loss and the metrics for each output, if there are several targets.

        Args:
            y: the targets; their names, or numbers, are those of the outputs.
        """
        parts = y if isinstance(y, Mapping | tuple) else ()
        if len(parts) < 2 or self.loss is None or isinstance(self.loss, MultiOutputLoss):
            return
        names = set(parts) if isinstance(parts, Mapping) else output_names(len(parts))
        arguments = map(self.options.arguments.__getitem__, LossesAndMetrics.__match_args__)
        self.loss, metrics = LossesAndMetrics(*arguments).resolve(names)
        self.options = replace(self.options, loss=self.loss, metrics=metrics)
        self.model._compile_options, self._compiled_for = self.options, []

    def build(
        self, data: Batch, batch_size: int, seed: int | None = None, training: bool = True
    ) -> None:
        """Build the model for data like this, and the programs if it was changed.

        Args:
            data: some examples.
            batch_size: examples per step.
            seed: seed of the initial weights.
            training: whether to train, else to evaluate.
        """
        signature = training, *example_signature(data)
        if signature == self._built_for and not self.is_outdated():
            return
        own_step = self.own_train_step if training else self.own_test_step
        if own_step is None:
            build_for_inputs(self.model, data.x, self.run_eagerly, seed)
        elif not own_step.names or self.is_outdated():
            self._build_own_step(own_step, data, batch_size, seed)
        self._update_programs()
        self._built_for = signature

    def _update_programs(self) -> None:
        parameters, states = self.model.parameters(), self.model.state_variables()
        current = self._configuration()
        has_same_variables = (parameters, states) == (self._parameters, self._states)
        if parameters and has_same_variables and is_same(current, self._compiled_for):
            return
        self._compiled_for = current
        self._parameters, self._states = parameters, states
        self._shapes.clear()
        penalties = regularizers(parameters, self.options.penalty)
        loss = self.loss if self.uses_default_loss else None
        output_weights = [*loss.logged_weights] if isinstance(loss, MultiOutputLoss) else []
        constraints = weight_constraints(parameters)
        self.objective = Objective(
            loss, self.options.metrics, penalties, output_weights, constraints
        )
        _, self.apply = functional(self.model, self.forward_and_loss, self.precision)
        step: Step = partial(train_step, self.apply, self.objective, self.optimizer)
        evaluation: Evaluation = partial(evaluation_step, self.apply, self.objective)
        if self.own_train_step is not None:
            step = self.own_train_step.train
        elif not (parameters and has_same_variables):
            self.optimizer.opt_state = self._opt_state = None
        if self.own_test_step is not None:
            evaluation = self.own_test_step.evaluate
        train, evaluate = partial(train_steps, step), partial(evaluation_steps, evaluation)
        self._train = ProgramCache(train, static_argnums=0, donate_argnums=(1, 2, 3))
        self._evaluate = ProgramCache(evaluate, static_argnums=0, donate_argnums=3)

    def _build_own_step(
        self, own_step: OwnStep, data: Batch, batch_size: int, seed: int | None
    ) -> None:
        if self._parameters and self.model.parameters() != self._parameters:
            # As for the built-in step, a state of the optimizer belongs to the weights it trains.
            for optimizer in own_step.optimizers().values():
                optimizer.clear_state()
        batch = jax.tree.map(
            lambda a: jnp.zeros((batch_size, *a.shape[1:]), canonicalize_dtype(a.dtype)), data
        )
        own_step.build(batch, None if seed is None else jax.random.key(seed))
        if own_step is self.own_train_step:
            saved, self.model.saved_state = self.model.saved_state or {}, None
            for name, optimizer in own_step.optimizers().items() if saved else ():
                state = optimizer.opt_state
                if state is not None and not restore_state(optimizer, name, state.value, saved):
                    warnings.warn(
                        f"{name} begins anew: the file of the model has no state that fits it.",
                        stacklevel=2,
                    )
        keep_input_shape(self.model, data.x)

    def _configuration(self) -> list[object]:
        """What the compiled programs depend on, to compare by ``is_same``."""
        own_steps = (step for step in (self.own_train_step, self.own_test_step) if step is not None)
        return [
            *configuration(self.model),
            *(owner for step in own_steps for owner in step.owners()),
        ]

    def is_outdated(self) -> bool:
        """Whether the model was changed after the programs were built."""
        return not is_same(self._configuration(), self._compiled_for)

    def logs(self, training: bool) -> Objective | OwnStep:
        """The names of the logged values, and how they are computed from sums."""
        return (self.own_train_step if training else self.own_test_step) or self.objective

    def forward_and_loss(self, batch: Batch) -> tuple[Tree, Array]:
        """Output and loss for a batch: stages two and three."""
        ctx = current_context()
        assert ctx is not None, "a functional model opens a context"
        ctx.mixture = [] if self.uses_default_loss else None
        # Stage 2, forward propagation.
        output = jax.tree.map(promote_to_float32, self.model(batch.x))
        # Stage 3, the loss function.
        with module_scope(self.model):
            added = added_losses(self.model)
            if self.uses_default_loss:
                return output, mean_loss(self.loss, batch, output, added, ctx.mixture)
            ctx.losses_read = False
            loss = self.model.compute_loss(batch.x, batch.y, output, batch.weights)
            # A method that reads self.losses has added them; the objective adds penalties to all.
            rest = [-x for x in weight_penalties(self.model)] if ctx.losses_read else added
        if jnp.shape(loss) != ():
            raise ShapeError(
                "compute_loss must return the mean loss of the batch, a single number; this one "
                f"returned shape {format_shape(jnp.shape(loss))}. Take its mean: loss.mean()."
            )
        return output, sum(rest, loss)

    def output_shapes(self, data: Batch, layout: EpochLayout) -> Tree:
        """The shapes of the outputs for a batch; raises if model, data and loss do not fit."""
        return jax.tree.map(lambda output: output.shape, self._traced(data, layout)[0])

    def check_targets(self, targets: Tree, shapes: Tree) -> None:
        """Raise for targets that are invalid for loss, metrics, and outputs of these shapes.

        ``targets`` are those of the user, before they are converted to the dtypes of the device.
        """
        for function in (self.loss, *self.options.metrics):
            if check := getattr(function, "check_targets", None):
                check(jax.tree.map(np.asarray, targets), shapes)

    @property
    def params_and_state(self) -> tuple[Arrays, Arrays]:
        """The model's parameters and its state, by path."""
        params = {path: variable.value for path, variable in self._parameters.items()}
        return params, {path: variable.value for path, variable in self._states.items()}

    @property
    def train_state(self) -> TrainState:
        """The arrays of the model and of the optimizer as one tree."""
        params, state = self.params_and_state
        if self.own_train_step is not None:
            return TrainState(params, state, self.own_train_step.state)
        if self._opt_state is None or self.optimizer.opt_state is None:
            with self.eager_scope():
                opt_state = jit(self.optimizer.init)(params)
                self._opt_state = self.optimizer.opt_state = OptVariable(cast(Array, opt_state))
        if self.optimizer.opt_state is not self._opt_state:
            raise ArgumentError("this optimizer already trains another model; create one for each.")
        return TrainState(params, state, self._opt_state.value)

    @train_state.setter
    def train_state(self, train_state: TrainState) -> None:
        assign_values(self._parameters, train_state.params)
        assign_values(self._states, train_state.model_state)
        if self.own_train_step is not None:
            self.own_train_step.state = train_state.opt_state
            return
        assert self._opt_state is not None
        self._opt_state.value = train_state.opt_state

    def optimizer_arrays(self) -> dict[str, np.ndarray]:
        """The states of the optimizers by name, unless they are for other parameters."""
        if self.own_train_step is not None:
            return state_arrays(self.own_train_step.optimizers())
        is_current = self._parameters == self.model.parameters()
        is_own = self._opt_state is not None and self._opt_state is self.optimizer.opt_state
        return state_arrays({"optimizer": self.optimizer}) if is_current and is_own else {}

    def restore_optimizer(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Set the state of the optimizer of ``compile`` to what it was.

        Raises:
            FileError: for arrays that are not those of this optimizer and model.
        """
        self._update_programs()
        example = jax.eval_shape(self.optimizer.init, self.params_and_state[0])
        if not restore_state(self.optimizer, "optimizer", example, arrays):
            raise FileError("the state of the optimizer does not fit the optimizer and the model.")
        self._opt_state = self.optimizer.opt_state

    @property
    def ema_weights(self) -> Arrays:
        """The moving averages of the parameters; empty if the optimizer keeps none."""
        if self.own_train_step is None:
            return self.optimizer.ema_weights(self.train_state.opt_state) or {}
        opt_state = self.optimizer.opt_state
        weights = (
            self.optimizer.ema_weights(cast(dict[str, Any], opt_state.value)) if opt_state else None
        )
        # An optimizer of a part of the model has other paths.
        return weights if weights and weights.keys() == self._parameters.keys() else {}

    def assign_params(self, params: Arrays) -> None:
        """Assign parameters to the model."""
        assign_values(self._parameters, params)

    def own_buffers(self) -> None:
        """Give the model arrays of its own, since the programs reuse the memory of their arguments.

        Arrays that the user holds stay valid. Variables are copied one by one: all at once would
        need the memory of the model twice.
        """
        variables = [*self._parameters.values(), *self._states.values()]
        if self.own_train_step is not None:
            variables += self.own_train_step.state_variables
        for variable in variables:
            variable.value = jax.device_put(variable.value, may_alias=False)

    def warn_if_frozen(self) -> None:
        """Warn where all weights are frozen, so that the built-in step trains nothing."""
        is_frozen = any(isinstance(state, Parameter) for state in self._states.values())
        if is_frozen and not self._parameters and self.own_train_step is None:
            warnings.warn(
                "all weights of the model are frozen, so that nothing is trained; set "
                "model.trainable = True before.",
                stacklevel=2,
            )

    def eager_scope(self) -> AbstractContextManager[Any]:
        """A block in which programs run eagerly, if ``run_eagerly`` was chosen."""
        return jax.disable_jit() if self.run_eagerly else nullcontext()

    def train_chunk(
        self, chunk: Chunk, sums: MetricSums, key: jax.Array
    ) -> tuple[Array, MetricSums, int]:
        """Run steps of a fit; the model is changed in place.

        Returns the order and the sums after them, and how many steps stayed finite.
        """
        start = Position(*map(np.int32, chunk.start))
        with self.eager_scope():
            self.train_state, order, sums, steps = self._train.for_shapes(chunk.data)(
                chunk.layout, self.train_state, chunk.order, sums, chunk.data, key, start,
                np.int32(chunk.steps),
            )  # fmt: skip
        return order, sums, int(steps)

    def max_epochs_per_call(self, data: Batch, layout: EpochLayout) -> int:
        """How many epochs one call of the compiled program may run."""
        values = sum(math.prod(sums.shape) for sums in self.zero_sums(data, layout, 1))
        return max(1, min(1024, MAX_SUM_VALUES // values))

    def zero_sums(
        self, data: Batch, layout: EpochLayout, rows: int, training: bool = True
    ) -> list[np.ndarray]:
        """Sums before the first batch: zeros, with ``rows`` rows."""
        own_step = self.own_train_step if training else self.own_test_step
        shapes = (
            [sums.shape for sums in self._traced(data, layout)[1]]
            if own_step is None
            else own_step.shapes
        )
        return [np.zeros((rows, *shape), np.float32) for shape in shapes]

    def evaluate(
        self, source: Source, hooks: BatchHooks | None = None
    ) -> tuple[dict[str, float], Any]:
        """Loss and metrics over a data set, and the state for :meth:`assign_state`.

        Args:
            source: gives the batches.
            hooks: called for each batch.
        """
        sums: Any = self.zero_sums(source.example, source.layout, rows=1, training=False)
        params, model_state = self.params_and_state
        state: Any = model_state
        if self.own_test_step is not None:
            state = model_state, self.own_test_step.state
        position, results = Position(0, 0, 0), dict[str, float]()
        with self.eager_scope():
            while position.epoch == 0:
                chunk = source.chunk(position, 1 if hooks else 2**31 - 1, 1)
                if chunk is None:
                    raise KeyboardInterrupt
                layout, start, position, _, data = chunk
                if hooks:
                    hooks.begin(start.step, {})
                bounds = np.int32(start.step), np.int32(position.step)
                state, sums = self._evaluate.for_shapes(data)(
                    layout, params, state, sums, data, *bounds
                )
                if hooks or position.epoch:
                    results = self.logs(training=False).results(
                        [np.asarray(rows) for rows in sums]
                    )[0]
                if hooks:
                    hooks.end(start.step, dict(results))
        return results, state

    def assign_state(self, state: Any) -> None:
        """Assign the state that :meth:`evaluate` returned."""
        if self.own_test_step is not None:
            state, self.own_test_step.state = state
        assign_values(self._states, state)

    def _traced(self, data: Batch, layout: EpochLayout) -> tuple[Tree, list[jax.ShapeDtypeStruct]]:
        """Shapes of the output and of the sums for one batch."""
        signature = *example_signature(data), layout.batch_size
        if signature not in self._shapes:
            batch = jax.tree.map(lambda array: array[: layout.batch_size], data)
            arguments = (*self.params_and_state, batch)
            if self.run_eagerly:  # a forward that depends on values needs them
                with self.eager_scope():
                    self._shapes[signature] = self._evaluate_batch(*arguments)
            else:
                self._shapes[signature] = jax.eval_shape(self._evaluate_batch, *arguments)
        shapes: tuple[Tree, list[jax.ShapeDtypeStruct]] = self._shapes[signature]
        return shapes

    def _evaluate_batch(
        self, params: Arrays, state: Arrays, batch: Batch
    ) -> tuple[Tree, list[Array]]:
        (output, loss), _ = self.apply(params, state, batch, rng=jax.random.key(0))
        return output, self.objective.metric_sums(batch, output, loss)


def example_signature(data: Tree) -> tuple[Any, ...]:
    """Structure, shapes and dtypes of one example."""
    leaves, structure = jax.tree.flatten(data)
    return structure, *((leaf.shape[1:], str(leaf.dtype)) for leaf in leaves)


def build_for_inputs(
    model: Module, x: Tree, eagerly: bool = False, seed: int | None = None
) -> None:
    """Create the variables of a model for inputs like ``x``.

    Args:
        model: any module; one that is built already stays as it is.
        x: inputs, first axis the examples.
        eagerly: whether a forward that depends on values may be run eagerly.
        seed: seed of the initial weights; by default the next one after :func:`lampas.set_seed`.
    """

    def example() -> Tree:
        return jax.tree.map(lambda a: jnp.zeros((1, *a.shape[1:]), canonicalize_dtype(a.dtype)), x)

    key = None if seed is None else jax.random.key(seed)
    build(model, lambda: model(example()), key, eagerly)
    keep_input_shape(model, x)


def keep_input_shape(model: Module, x: Tree) -> None:
    """Set ``input_shape`` of a model that has one input and did not know its shape."""
    leaves = jax.tree.leaves(x)
    if isinstance(model, Trainable) and model.example_shape is None and len(leaves) == 1:
        model.example_shape = leaves[0].shape[1:]
