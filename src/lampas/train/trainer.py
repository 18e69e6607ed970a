"""A model with an optimizer and an error function: the programs that train and test it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

from ..core.context import within
from ..core.dtypes import at_least_single
from ..core.errors import ArgumentError, ShapeError, show_shape
from ..core.functional import Arrays, assign, functional
from ..core.jit import jit
from ..core.variable import Array, Parameter, Regularizer, Variable
from ..losses import LossFunction
from ..metrics import Metric
from ..optimizers import Optimizer
from .epoch import Pace, Place, Tables, evaluation_steps, train_steps
from .inputs.source import Chunk, Source
from .predictor import build_for
from .step import Batch, Learner, Objective, Tree, evaluation_step, penalties

if TYPE_CHECKING:
    from .model import Model

MOST_SUMS = 2**16
"""Numbers in the tables of one call of the compiled program; they limit its epochs."""


class Trainer:
    """What ``compile`` makes: everything that ``fit``, ``evaluate`` and ``predict`` run.

    The compiled programs belong to it, so a second fit of the same shapes compiles nothing.
    """

    def __init__(
        self,
        model: Model,
        optimizer: Optimizer,
        loss: LossFunction | None,
        metrics: Sequence[Metric],
        penalty: Regularizer | None,
        run_eagerly: bool,
        precision: DTypeLike | None = None,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.loss = loss
        self.metrics = list(metrics)
        self.penalty = penalty
        self.run_eagerly = run_eagerly
        self.precision = precision
        self._parameters: dict[str, Parameter] = {}
        self._states: dict[str, Variable] = {}
        self._sums_of: dict[Any, list[jax.ShapeDtypeStruct]] = {}

    def prepare(self, x: Tree, seed: int | None = None) -> None:
        """Build the model for inputs like ``x``, and the programs if its variables are new."""
        build_for(self.model, x, self.run_eagerly, seed)
        parameters, states = self.model.parameters(), self.model.states()
        if parameters and (parameters, states) == (self._parameters, self._states):
            return
        self._parameters, self._states = parameters, states
        self._sums_of.clear()
        chosen = penalties(parameters, self.penalty)
        self.objective = Objective(self.loss, self.metrics, chosen)
        _, self.apply = functional(self.model, self.judged, self.precision)
        step = partial(train_steps, self.apply, self.objective, self.optimizer)
        self._train = jit(step, static_argnums=0, donate_argnums=(1, 2, 3))
        test = partial(evaluation_steps, self.apply, self.objective)
        self._evaluate = jit(test, static_argnums=0, donate_argnums=3)
        self.optimizer.slots = None
        self._slots: Variable | None = None

    def judged(self, batch: Batch) -> tuple[Tree, Array]:
        """Output and error for a batch: stages two and three."""
        # Stage 2, forward propagation.
        output = jax.tree.map(at_least_single, self.model(batch.x))
        # Stage 3, the error function.
        with within(self.model):
            error = self.model.compute_loss(batch.x, batch.y, output, batch.weights)
        if jnp.shape(error) != ():
            raise ShapeError(
                "compute_loss must return the mean error of the batch, a single number; this one "
                f"returned shape {show_shape(jnp.shape(error))}. Take its mean: error.mean()."
            )
        return output, error

    def output_shapes(self, data: Batch, pace: Pace) -> Tree:
        """The shapes of the outputs for a batch; raises where model, data and loss do not fit."""
        return jax.tree.map(lambda out: out.shape, self._sums(data, pace, output=True))

    def check(self, targets: Tree, shapes: Tree) -> None:
        """Raise for targets that make no sense to the loss, for outputs of these shapes.

        ``targets`` are as they were given, before the device narrowed them.
        """
        check = getattr(self.loss, "check_targets", None)
        if check is not None:
            check(jax.tree.map(np.asarray, targets), shapes)

    @property
    def arrays(self) -> tuple[Arrays, Arrays]:
        """The model's parameters and its state, by path."""
        params = {path: variable.value for path, variable in self._parameters.items()}
        return params, {path: variable.value for path, variable in self._states.items()}

    @property
    def learner(self) -> Learner:
        """The model's arrays and the optimizer's memory as one tree."""
        params, state = self.arrays
        if self._slots is None or self.optimizer.slots is None:
            with self.mode():
                start = jit(self.optimizer.start)
                self._slots = self.optimizer.slots = Variable(cast(Array, start(params)))
        if self.optimizer.slots is not self._slots:
            raise ArgumentError("this optimizer trains another model too; make one for each.")
        return Learner(params, state, cast(dict[str, Any], self._slots.value))

    @learner.setter
    def learner(self, learner: Learner) -> None:
        assign(self._parameters, learner.params)
        assign(self._states, learner.state)
        assert self._slots is not None
        self._slots.value = cast(Array, learner.slots)

    @property
    def averages(self) -> Arrays:
        """The moving averages of the parameters; empty if the optimizer keeps none."""
        return self.optimizer.averages(self.learner.slots) or {}

    def assign(self, params: Arrays) -> None:
        """Give the model these parameters."""
        assign(self._parameters, params)

    def take_over(self) -> None:
        """Give the model arrays of its own: the programs reuse the memory of what they are given.

        What the user holds stays as it is. One array after the other: all at once would need the
        memory of the model twice.
        """
        for variable in (self._parameters | self._states).values():
            variable.value = jax.device_put(variable.value, may_alias=False)

    def mode(self) -> AbstractContextManager[Any]:
        """Compiled, or line by line."""
        return jax.disable_jit() if self.run_eagerly else nullcontext()

    def train(self, chunk: Chunk, tables: Tables, key: jax.Array) -> tuple[Array, Tables, int]:
        """Run steps of a fit; the model is changed in place.

        Returns the order and the tables after them, and how many steps stayed finite.
        """
        first = Place(*map(np.int32, chunk.first))
        with self.mode():
            self.learner, order, tables, done = self._train(
                chunk.pace, self.learner, chunk.order, tables, chunk.data, key, first,
                np.int32(chunk.steps),
            )  # fmt: skip
        return order, tables, int(done)

    def most_epochs(self, data: Batch, pace: Pace) -> int:
        """How many epochs one call of the compiled program may go through."""
        numbers = sum(math.prod(s.shape) for s in self._sums(data, pace))
        return max(1, min(1024, MOST_SUMS // numbers))

    def tables(self, data: Batch, pace: Pace, rows: int) -> list[np.ndarray]:
        """Empty tables of sums."""
        return [np.zeros((rows, *s.shape), np.float32) for s in self._sums(data, pace)]

    def _sums(self, data: Batch, pace: Pace, output: bool = False) -> Any:
        """Shapes of one batch's sums, or of its output; found without computing anything."""
        leaves, tree = jax.tree.flatten(data)
        signature = (tree, tuple((leaf.shape[1:], str(leaf.dtype)) for leaf in leaves), pace.batch)
        if signature not in self._sums_of:
            self._sums_of[signature] = self._measure(data, pace.batch)
        shapes = self._sums_of[signature]
        return shapes[0] if output else shapes[1]

    def _measure(self, data: Batch, batch: int) -> Any:
        def once(params: Arrays, state: Arrays, examples: Batch) -> tuple[Tree, list[Array]]:
            (output, _), _ = self.apply(params, state, examples)
            return output, evaluation_step(self.apply, self.objective, params, state, examples)[1]

        examples = jax.tree.map(lambda array: array[:batch], data)
        if not self.run_eagerly:
            return jax.eval_shape(once, *self.arrays, examples)
        with self.mode():  # a forward that looks at values needs some
            return once(*self.arrays, examples)

    def evaluate(self, source: Source) -> tuple[dict[str, float], Arrays]:
        """Loss and metrics over a data set, and the state that the model would then have."""
        tables: Any = self.tables(source.example, source.pace, rows=1)
        params, state = self.arrays
        place = Place(0, 0, 0)
        with self.mode():
            while place.epoch == 0:
                chunk = source.chunk(place, 2**31 - 1, 1)
                if chunk is None:
                    raise KeyboardInterrupt
                pace, first, place, _, data = chunk
                bounds = np.int32(first.step), np.int32(place.step)
                state, tables = self._evaluate(pace, params, state, tables, data, *bounds)
        return self.objective.results([np.asarray(table) for table in tables])[0], state
