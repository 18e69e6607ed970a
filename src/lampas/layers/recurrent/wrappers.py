"""Read a sequence in both directions.

Apply a layer to every step of a sequence.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Unpack

import jax.numpy as jnp

from ...core.errors import ArgumentError, ShapeError, show_shape, unknown_name
from ...core.masks import carry_mask
from ...core.module import Module, describe
from ...core.variable import Array
from ..base import Layer, LayerOptions
from .rnn import RNN, Initial, which_steps

_MERGES: dict[str, Callable[[Array, Array], Array]] = {
    "concat": lambda a, b: jnp.concatenate([a, b], -1),
    "sum": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "ave": lambda a, b: (a + b) / 2,
}


class Bidirectional(Layer):
    """Run a recurrent layer forwards and a second one like it backwards (Schuster, 1997).

    Args:
        layer: reads forwards; the other one is made with the same arguments.
        merge_mode: how the two outputs become one: "concat" (side by side), "sum", "mul", "ave";
            None gives both.
        backward_layer: the other one, if it is to be different; it must ``go_backwards``.

    With ``return_sequences`` both outputs of a step are side by side. With ``return_state`` the
    states of the forward layer come first. ``initial_state`` takes all states in that order;
    ``mask`` and ``lengths`` are as of :class:`RNN`.

    Shape: as of the layer, twice the units with "concat".
    Raises ArgumentError when the two do not fit together.
    """

    axes = ("batch", "steps", "features")

    def __init__(
        self,
        layer: RNN,
        merge_mode: str | None = "concat",
        backward_layer: RNN | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if not isinstance(layer, RNN):
            raise ArgumentError(f"Bidirectional takes a recurrent layer, got {layer!r}.")
        if merge_mode is not None and merge_mode not in _MERGES:
            raise unknown_name("merge_mode", merge_mode, _MERGES)
        self.forward_layer = layer
        self.backward_layer = backward_layer or reverse_of(layer)
        self.merge_mode = merge_mode
        self._fit_together()

    def _fit_together(self) -> None:
        one, other = self.forward_layer, self.backward_layer
        if one.go_backwards == other.go_backwards:
            raise ArgumentError(
                "the two layers must go in opposite directions, both have "
                f"go_backwards={one.go_backwards}. Make the second go_backwards=True."
            )
        for option in ("return_sequences", "return_state", "stateful"):
            if getattr(one, option) != getattr(other, option):
                raise ArgumentError(
                    f"the two layers must agree on {option}, got {getattr(one, option)} and "
                    f"{getattr(other, option)}."
                )

    def forward(
        self,
        x: Array,
        initial_state: Initial | None = None,
        mask: Array | None = None,
        lengths: Array | None = None,
    ) -> Any:
        mask = which_steps(x, mask, lengths)
        first, second = self._share(initial_state)
        one = self._states_last(self.forward_layer, x, first, mask)
        other = self._states_last(self.backward_layer, x, second, mask)
        outputs = self._merge(one[0], other[0], mask)
        if not self.forward_layer.return_state:
            return outputs
        both = outputs if isinstance(outputs, tuple) else (outputs,)
        return (*both, *one[1:], *other[1:])

    def _states_last(
        self, layer: RNN, x: Array, states: Initial | None, mask: Array | None
    ) -> tuple[Array, ...]:
        """The output in the order of the input, then the states if they are wanted."""
        given = layer(x, initial_state=states, mask=mask)
        output, *states = given if isinstance(given, tuple) else (given,)
        if layer.return_sequences and layer.go_backwards:
            output = output[:, ::-1]
        return (output, *states)

    def _share(self, states: Initial | None) -> tuple[Initial | None, Initial | None]:
        if states is None:
            return None, None
        count = len(self.forward_layer.sizes)
        if not isinstance(states, tuple | list) or len(states) <= count:
            raise ShapeError(
                "initial_state must be a list of all states: the forward layer's "
                f"{count}, then the backward layer's {len(self.backward_layer.sizes)}; got "
                f"{describe(states)}."
            )
        return tuple(states[:count]), tuple(states[count:])

    def _merge(self, one: Array, other: Array, mask: Array | None) -> Any:
        steps = mask if self.forward_layer.return_sequences else None
        if self.merge_mode is None:
            return carry_mask(one, steps), carry_mask(other, steps)
        return carry_mask(_MERGES[self.merge_mode](one, other), steps)


def reverse_of(layer: RNN) -> RNN:
    """A new layer of the same arguments, with a new cell, that goes the other way.

    Raises:
        ArgumentError: for a layer of a class that can not be told to.
    """
    args, kwargs = layer._arguments
    given = dict(inspect.signature(type(layer)).bind(*args, **kwargs).arguments)
    given |= given.pop("options", {})
    given |= {"go_backwards": not layer.go_backwards}
    try:
        twin = type(layer)(**{name: anew(value) for name, value in given.items()})
    except TypeError as error:
        raise ArgumentError(
            f"{type(layer).__name__} can not be made anew to go backwards: give backward_layer=."
        ) from error
    twin.name = None
    return twin


def anew(value: Any) -> Any:
    """A module made again from its arguments, without what it has learnt; other values as is."""
    if not isinstance(value, Module):
        return value
    args, kwargs = value._arguments
    return type(value)(*map(anew, args), **{name: anew(part) for name, part in kwargs.items()})


class TimeDistributed(Layer):
    """Apply the same layer to each step: ``(batch, steps, ...) -> (batch, steps, ...)``.

    The steps become more rows of the batch, so a layer of pictures reads a film, for example.
    Raises ShapeError for inputs without steps.
    """

    def __init__(self, layer: Module, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        if not isinstance(layer, Module):
            raise ArgumentError(f"TimeDistributed takes a layer, got {layer!r}.")
        self.layer = layer

    def forward(self, x: Array) -> Array:
        if x.ndim < 3:
            raise ShapeError(
                "expects (batch, steps, ...) with at least 3 axes, got an input of shape "
                f"{show_shape(x.shape)}."
            )
        batch, steps = x.shape[:2]
        y = self.layer(x.reshape(batch * steps, *x.shape[2:]))
        return y.reshape(batch, steps, *y.shape[1:])
