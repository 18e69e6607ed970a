"""The state of a metric, for training steps and loops of one's own: update, read and reset it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from functools import partial, wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import initializers
from ..core import context
from ..core.build import Initializer, defer_until_built, is_shape_pass
from ..core.errors import ArgumentError, ShapeError
from ..core.variable import Array, State, Variable


class StatefulMetric:
    """Base of the metrics that keeps sums of all batches since the last ``reset_state``.

    The sums are a variable: a training step of a model, or a function that ``lampas.jit`` compiles,
    changes them as it changes weights.
    """

    @property
    def name(self) -> str:
        """The name in logs and histories."""
        raise NotImplementedError

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        result = vars(cls).get("result")
        if result is not None and "sums" in inspect.signature(result).parameters:
            cls.result = _or_own_sums(result)  # type: ignore[attr-defined]

    def batch_sums(self, *args: Any, **kwargs: Any) -> Array:
        """The sums of one batch, from the arguments of ``update_state``."""
        raise NotImplementedError

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Add a batch.

        Args:
            *args: ``y_true``, ``y_pred`` and, if there are any, weights of the examples; for
                :class:`Mean` and :class:`Sum` the values and their weights.
            **kwargs: the same by name, ``sample_weight=`` for example.

        Raises:
            ShapeError: if this batch has other outputs than those before.
            ArgumentError: in a compiled function that does not have the metric in its state.
        """
        self.add_sums(self.batch_sums(*args, **kwargs))

    def add_variable(
        self,
        shape: Sequence[int] = (),
        initializer: Initializer | str = "zeros",
        dtype: Any = None,
        name: str | None = None,
    ) -> State:
        """Create a variable, for classes with ``update_state`` and ``result(self)`` of their own.

        Args:
            shape: shape of the array.
            initializer: gives the initial value; ``reset_state`` assigns zeros.
            dtype: float32 by default.
            name: name of the variable.
        """
        value = initializers.get(initializer)(jax.random.key(0), tuple(shape), dtype or jnp.float32)
        return State(value, name=name)

    def add_weight(self, *args: Any, **kwargs: Any) -> State:
        """The same as ``add_variable``."""
        return self.add_variable(*args, **kwargs)

    def reset_state(self) -> None:
        """Forget all batches."""
        for variable in self.variables:
            variable.value = np.zeros(variable.shape, variable.dtype)  # type: ignore[assignment]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if type(self).update_state is not StatefulMetric.update_state:
            self.update_state(*args, **kwargs)
            return self.result()  # type: ignore[attr-defined]
        sums = self.batch_sums(*args, **kwargs)
        if any(total.shape != sums.shape for total in self.variables):
            del vars(self)["_sums"]  # as a function it takes any number of outputs
        self.add_sums(sums)
        return self._result() if _is_traced(sums) else self._result_of(sums)

    @property
    def variables(self) -> list[Variable]:
        """The variables of the state; none before the first batch."""
        return [variable for _, variable in self.children()]

    def children(self) -> Iterator[tuple[str, Variable]]:
        """The variables of the state, with their names."""
        for name, value in vars(self).items():
            if isinstance(value, Variable):
                yield name, value

    def add_sums(self, sums: Array) -> None:
        """Add the sums of a batch to the state."""
        sums = lax.stop_gradient(sums)
        zeros: Any = np.zeros(sums.shape, np.float32)
        # A frozen dataclass refuses to assign attributes.
        total: State = vars(self).setdefault("_sums", State(zeros))
        if total.shape != sums.shape:
            raise ShapeError(
                f"the metric {self.name!r} has seen batches with another number of outputs; create "
                "a metric for each model."
            )
        restore = partial(setattr, total, "value", total.value)
        defer_until_built(self, restore, restore)
        ctx = context.current_context()
        if ctx is not None:
            ctx.note_changes([total])
        is_differentiated = ctx is not None and ctx.changes is not None
        if _is_traced(sums) and not (
            _is_traced(total.value) or is_differentiated or is_shape_pass()
        ):
            raise ArgumentError(
                f"the metric {self.name!r} is updated in a compiled function that does not have it "
                "in its state. Keep it as an attribute of the model, or pass it: "
                "lampas.jit(step, state=(model, optimizer, metric))."
            )
        total.value = total.value + sums

    def _result_of(self, sums: Any) -> float:
        return float(self.result(np.asarray(sums, np.float64)))  # type: ignore[attr-defined]

    def _result(self) -> Any:
        """The value for the batches so far; 0 before the first."""
        total = vars(self).get("_sums")
        if total is None:
            return 0.0
        if _is_traced(total.value):
            # Results are computed by NumPy in float64. A training step that only logs this one
            # returns the sums, so that this call is left out of the program.
            shape = jax.ShapeDtypeStruct((), jnp.float32)
            result: Any = jax.pure_callback(
                lambda sums: np.float32(self._result_of(sums)), shape, total.value
            )
        else:
            result = self._result_of(total.value)
        if ctx := context.current_context():
            ctx.results[id(result)] = result, self, total.value
        return result


def _or_own_sums(result: Callable[..., Any]) -> Callable[..., Any]:
    """A method ``result(sums)`` that takes the sums of the state where none are passed."""

    @wraps(result)
    def with_state(self: StatefulMetric, sums: Any = None) -> Any:
        return self._result() if sums is None else result(self, sums)

    return with_state


def _is_traced(value: Any) -> bool:
    return isinstance(value, jax.core.Tracer)
