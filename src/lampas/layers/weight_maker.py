"""What creates variables: layers in ``build``, layers and models in ``__init__``."""

from __future__ import annotations

import operator
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from .. import constraints, initializers, regularizers
from ..core.build import Initializer, PendingVariable, is_restoring
from ..core.errors import Shape, ShapeError, format_shape
from ..core.module import Module
from ..core.random import next_key
from ..core.variable import Array, Parameter, Regularizer, State, Variable, WeightConstraint


class WeightMaker(Module):
    """Base of layers and models: creates variables from shapes and initializers."""

    _pending: list[PendingVariable]
    """The variables that ``build`` has created so far; missing outside of it."""

    def add_weight(
        self,
        shape: Shape = (),
        initializer: Initializer | str | None = None,
        dtype: Literal["float32"] | None = None,
        trainable: bool = True,
        *,
        regularizer: Regularizer | str | None = None,
        constraint: WeightConstraint | str | None = None,
        name: str | None = None,
    ) -> Variable:
        """Create a variable; call this in ``build``, or in ``__init__`` if its shape is known.

        Args:
            shape: shape of the array.
            initializer: draws the initial value; "glorot_uniform" by default, "zeros" for a
                variable that is not trained.
            dtype: can only be "float32".
            trainable: whether training changes the variable by its gradient. If not, ``forward``
                may assign it.
            regularizer: penalty for this variable alone.
            constraint: computes from the updated value the one that is kept.
            name: name of the variable if it is not assigned to an attribute.
        """
        if not trainable:
            return self.state(shape, initializer or "zeros", name=name)
        initializer = initializer or "glorot_uniform"
        options: Any = {"regularizer": regularizer, "constraint": constraint, "name": name}
        return self.parameter(shape, initializer, **options)

    def parameter(
        self,
        shape: Shape,
        initializer: Initializer | str,
        *,
        regularized: bool = False,
        regularizer: Regularizer | str | None = None,
        constraint: WeightConstraint | str | None = None,
        name: str | None = None,
    ) -> Parameter:
        """Create a variable that is trained; :meth:`add_weight` says when.

        Args:
            shape: shape of the array.
            initializer: draws the initial value.
            regularized: whether ``compile(penalty=...)`` applies to it; true for kernels of affine
                maps.
            regularizer: penalty for this parameter alone.
            constraint: computes from the updated value the one that is kept.
            name: name of the variable if it is not assigned to an attribute.

        Raises:
            ShapeError: when the constraint returns another shape.
        """
        variable = Parameter(
            _placeholder(shape),
            regularized=regularized,
            regularizer=regularizers.get(regularizer),
            constraint=constraints.get(constraint),
            name=name,
        )
        if variable.constraint is not None:
            _check_constraint(variable.constraint, shape)
        self._add_pending(variable, initializer)
        return variable

    def state(
        self, shape: Shape, initializer: Initializer | str, *, name: str | None = None
    ) -> State:
        """Create a variable that ``forward`` updates itself; :meth:`add_weight` says when."""
        variable = State(_placeholder(shape), name=name)
        self._add_pending(variable, initializer)
        return variable

    def _add_pending(self, variable: Variable, initializer: Initializer | str) -> None:
        """Initialize a variable with those of ``build``, or at once in ``__init__``."""
        item = PendingVariable(variable, variable.shape, initializers.get(initializer))
        if "_pending" in vars(self):
            self._pending.append(item)
        elif not is_restoring():
            with jax.ensure_compile_time_eval():
                variable.value = item.initial_value(next_key())


def _placeholder(shape: Shape) -> Array:
    """An array of a shape that takes no memory."""
    zeros: Any = np.broadcast_to(np.float32(0), tuple(map(operator.index, shape)))
    return zeros


def _check_constraint(constraint: WeightConstraint, shape: Shape) -> None:
    result = jax.eval_shape(constraint, jax.ShapeDtypeStruct(shape, jnp.float32))
    if jnp.shape(result) != shape:
        raise ShapeError(
            f"a constraint must return weights of the shape it gets, {format_shape(shape)}; "
            f"{constraint!r:.60} returned {format_shape(jnp.shape(result))}."
        )
