"""Steps of one's own: ``train_step`` and ``test_step`` of a model as functions of arrays.

The step runs in Python once, when it is compiled. The variables of the model, of its optimizers and
of its metrics are then arguments and results of the program, as the weights of the built-in step.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

from ..core import context
from ..core.build import is_shape_pass
from ..core.context import ExampleIds
from ..core.errors import ArgumentError, ShapeError, format_shape
from ..core.functional import Arrays, preserve_values
from ..core.variable import State, Variable
from ..metrics import Metric
from ..optimizers import Optimizer
from .custom_loop import create_missing, state_owners
from .step import Batch, MetricSums, StepRng, TrainState, pack_x_y_sample_weight
from .trainable import Trainable


class OwnStep:
    """``train_step`` or ``test_step`` of a model, as a pure function.

    Its sums are those that the last batch has logged, after the number of batches: an epoch that
    has none yet begins by a reset of the metrics.

    Args:
        model: the model.
        training: whether the step is ``train_step``.
        dtype: dtype of the computation; None for float32.
        eagerly: whether the step runs line by line.
    """

    def __init__(
        self, model: Trainable, training: bool, dtype: DTypeLike | None, eagerly: bool
    ) -> None:
        self.model, self.training, self.dtype, self.eagerly = model, training, dtype, eagerly
        self.method = "train_step" if training else "test_step"
        if model.compile_options.penalty is not None:
            raise ArgumentError(
                f"compile(penalty=...) is of the built-in step, but {type(model).__name__} has its "
                f"own {self.method}. Pass regularizers to the layers, kernel_regularizer= for "
                "example; compute_loss adds them."
            )
        signature = inspect.signature(getattr(model, self.method))
        try:
            signature.bind("data")
        except TypeError as error:
            raise ArgumentError(
                f"{type(model).__name__}.{self.method} must take the data alone, it takes "
                f"{signature}. Variables change in place: write loss, gradients = "
                "lampas.value_and_grad(self, loss)(), with a function loss() that calls self(x), "
                "then self.optimizer.update(self, gradients)."
            ) from error
        self.state_variables: list[Variable] = []
        """The variables of optimizers and metrics."""
        self._states: list[State] = []
        self._logs: dict[str, Metric | None] = {}
        self.shapes: list[tuple[int, ...]] = []
        """Shapes of the sums of an epoch."""

    @property
    def names(self) -> list[str]:
        """Names of the logged values."""
        return list(self._logs)

    def results(self, sums: Sequence[np.ndarray]) -> list[dict[str, float]]:
        """The logged values of each row of sums."""
        columns = [
            rows[:, 0].tolist() if metric is None else metric.results(rows)
            for metric, rows in zip(self._logs.values(), sums[1:], strict=True)
        ]
        return [dict(zip(self._logs, row, strict=True)) for row in zip(*columns, strict=True)]

    def optimizers(self) -> dict[str, Optimizer]:
        """The optimizers by name: that of ``compile``, and those among the attributes."""
        compiled = self.model.compile_options.optimizer
        names = {id(value): name for name, value in vars(self.model).items()}
        names[id(compiled)] = "optimizer"
        owners = [owner for owner in self.owners() if isinstance(owner, Optimizer)]
        return {names.get(id(owner), f"optimizer {i}"): owner for i, owner in enumerate(owners, 1)}

    def build(self, batch: Batch, key: jax.Array | None) -> None:
        """Create all variables, and learn the names of the logs, by running the step on shapes.

        Args:
            batch: a batch, whose values do not matter.
            key: random key of the initial weights; by default the next one after ``set_seed``.
        """

        def call() -> None:
            logs, _ = self._run(jax.tree.map(jnp.zeros_like, batch), jax.random.key(0))
            self._logs = {name: metric for name, (metric, _) in logs.items()}
            self.shapes = [(1,), *(jnp.shape(sums) for _, sums in logs.values())]

        roots = [self.model, *self.owners()]
        variables = create_missing(roots, call, key, eagerly=self.eagerly)
        weights = {id(variable) for variable in self.model.variables().values()}
        self.state_variables = [v for v in variables if id(v) not in weights]
        self._states = [v for v in variables if isinstance(v, State)]

    @property
    def state(self) -> list[Any]:
        """The values of the optimizers and metrics."""
        return [variable.value for variable in self.state_variables]

    @state.setter
    def state(self, values: Sequence[Any]) -> None:
        for variable, value in zip(self.state_variables, values, strict=True):
            variable.value = value

    def train(
        self, train_state: TrainState, sums: MetricSums, batch: Batch, rng: StepRng
    ) -> tuple[TrainState, MetricSums, jax.Array]:
        """``train_step`` as a :data:`lampas.train.step.Step`."""
        new, sums, finite = self._call(train_state, sums, batch, rng.key, rng.examples)
        assert finite is not None, "a training step checks what is finite"
        return new, sums, finite

    def evaluate(
        self, params: Arrays, state: tuple[Arrays, Any], sums: MetricSums, batch: Batch
    ) -> tuple[tuple[Arrays, Any], MetricSums]:
        """``test_step`` as a :data:`lampas.train.step.Evaluation`."""
        key = jax.random.fold_in(jax.random.key(0), sums[0][0].astype(jnp.int32))
        new, sums, _ = self._call(TrainState(params, *state), sums, batch, key)
        return (new.model_state, new.opt_state), sums

    def _call(
        self,
        train_state: TrainState,
        sums: MetricSums,
        batch: Batch,
        key: jax.Array,
        examples: ExampleIds | None = None,
    ) -> tuple[TrainState, MetricSums, jax.Array | None]:
        """The new values of all variables, the sums, and in training whether all is finite."""
        parameters, states = self.model.parameters(), self.model.state_variables()
        variables = [*parameters.values(), *states.values(), *self.state_variables]
        params, model_state, state = train_state
        before = [*(params[path] for path in parameters), *(model_state[path] for path in states)]
        before += state
        with preserve_values(variables):
            for variable, value in zip(variables, before, strict=True):
                variable.value = value
            self._reset_metrics(is_first=sums[0][0] == 0)
            logs, ctx = self._run(batch, key, examples)
            after = _undo_unless_finite(ctx, before, [variable.value for variable in variables])
        values = iter(after)
        params, model_state = (
            dict(zip(paths, values, strict=False)) for paths in (parameters, states)
        )
        sums = [sums[0] + 1, *(logs[name][1] for name in self._logs)]
        return TrainState(params, model_state, [*values]), sums, ctx.finite

    def _reset_metrics(self, is_first: jax.Array) -> None:
        """Reset the metrics if this is the first batch of an epoch."""
        values = self.state
        # A metric that only the other step uses is not part of the program.
        with preserve_values([v for metric in self.model.metrics for v in metric.variables]):
            self.model.reset_metrics()
            reset = self.state
        self.state = [
            old if new is old else jnp.where(is_first, new, old)
            for old, new in zip(values, reset, strict=True)
        ]

    def _run(
        self, batch: Batch, key: jax.Array, examples: ExampleIds | None = None
    ) -> tuple[dict[str, tuple[Metric | None, Any]], context.ForwardContext]:
        """Run the step; of each logged value the metric, if it is the result of one, and sums."""
        attributes = dict(vars(self.model))
        # As in a loop of one's own, ``value_and_grad`` turns the training mode on.
        with context.forward_pass(key=key, examples=examples, dtype=self.dtype) as ctx:
            ctx.finite = jnp.bool(True) if self.training else None
            ctx.states = self._states
            logs = getattr(self.model, self.method)(pack_x_y_sample_weight(batch))
        self._check_logs(logs)
        if not (self.eagerly or is_shape_pass()):
            self._check_attributes(attributes)
        sums = {}
        for name, value in logs.items():
            _, metric, total = ctx.results.get(id(value), (None, None, None))
            if metric is None:
                total = jnp.asarray(value, jnp.float32).reshape(1)
                if self.training and id(value) not in ctx.guarded:
                    ctx.require_finite(total)
            sums[name] = metric, total
        return sums, ctx

    def _check_logs(self, logs: Any) -> None:
        step = f"{type(self.model).__name__}.{self.method}"
        if not isinstance(logs, Mapping) or not logs:
            raise ArgumentError(
                f"{step} must return a dict of names and single numbers, "
                f'return {{"loss": loss}} for example; it returned {_describe(logs)}.'
            )
        for name, value in logs.items():
            if not isinstance(name, str) or jnp.shape(value) != ():
                raise ShapeError(
                    f"{step} must return a single number for each name, {name!r} is "
                    f"{_describe(value)}. Take its mean: value.mean()."
                )

    def _check_attributes(self, before: dict[str, Any]) -> None:
        """Raise for attributes that a step has assigned: it runs in Python only once."""
        for name, value in vars(self.model).items():
            is_number = isinstance(value, int | float | str | jax.Array)
            if is_number and value is not before.get(name):
                raise ArgumentError(
                    f"{type(self.model).__name__}.{self.method} assigns self.{name}, but is run in "
                    "Python only once, when it is compiled. Keep what changes from step to step in "
                    f"a variable: self.{name} = lampas.State(jnp.float32(0)) in __init__, and "
                    f"self.{name}.value = ... in the step."
                )

    def owners(self) -> list[Any]:
        """The optimizers and metrics of the model."""
        options = self.model.compile_options
        owners = state_owners(options.optimizer, *self.model.metrics, self.model)
        return [owner for owner in owners if owner is not self.model]


def _undo_unless_finite(
    ctx: context.ForwardContext, before: list[Any], after: list[Any]
) -> list[Any]:
    """The values after a step, or those before it if it is not finite.

    The last update of the weights has made this choice itself, without a copy of them.
    """
    if ctx.finite is None:
        return after
    pairs = enumerate(zip(before, after, strict=True))
    is_final = {id(value) for value, finite in ctx.guarded.values() if finite is ctx.finite}
    rest = [i for i, (old, new) in pairs if new is not old and id(new) not in is_final]
    choose = partial(jnp.where, ctx.finite)
    chosen = [jax.tree.map(choose, after[i], before[i]) for i in rest]
    result = [*after]
    for i, value in zip(rest, chosen, strict=True):
        result[i] = value
    return result


def _describe(value: Any) -> str:
    return f"shape {format_shape(value.shape)}" if hasattr(value, "shape") else f"{value!r:.60}"
