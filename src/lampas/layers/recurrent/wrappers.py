"""Layers that wrap another one: Bidirectional and TimeDistributed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Unpack

import jax.numpy as jnp

from ...core.errors import ArgumentError, ShapeError, format_shape, unknown_name
from ...core.masks import set_mask
from ...core.module import Module, describe_arrays
from ...core.variable import Array
from ..base import Layer, LayerOptions
from .rnn import RNN, InitialStates, resolve_mask

_MERGES: dict[str, Callable[[Array, Array], Array]] = {
    "concat": lambda a, b: jnp.concatenate([a, b], -1),
    "sum": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "ave": lambda a, b: (a + b) / 2,
}


class Bidirectional(Layer):
    """Run a recurrent layer forwards and a second one backwards (Schuster and Paliwal, 1997).

    Args:
        layer: the layer that reads forwards.
        merge_mode: how the two outputs are combined: "concat", "sum", "mul" or "ave"; None returns
            both.
        backward_layer: the layer that reads backwards, with ``go_backwards=True``; None for a new
            one with the same arguments as ``layer``.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    With ``return_sequences`` the backward outputs are returned in the order of the input, and both
    outputs are 0 at masked steps. With ``return_state`` the states of the forward layer come first,
    and ``initial_state`` takes all states in this order. Calls take ``mask`` and ``lengths`` as in
    :class:`RNN`.

    Shape: that of the layer's output, with twice the units for "concat".

    Raises:
        ArgumentError: when the two layers do not match.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.Bidirectional(lp.LSTM(4))(np.ones((2, 5, 3))).shape
        (2, 8)
    """

    axes = ("batch", "steps", "features")

    def __init__(
        self,
        layer: RNN,
        merge_mode: str | None = "concat",
        *,
        backward_layer: RNN | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if not isinstance(layer, RNN):
            raise ArgumentError(f"Bidirectional takes a recurrent layer, got {layer!r}.")
        if merge_mode is not None and merge_mode not in _MERGES:
            raise unknown_name("merge_mode", merge_mode, _MERGES)
        self.forward_layer = layer
        self.backward_layer = backward_layer or reversed_copy(layer)
        self.merge_mode = merge_mode
        self._check_pair()

    def _check_pair(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ArgumentError(
                "the two layers must go in opposite directions, both have "
                f"go_backwards={forward.go_backwards}. Set go_backwards=True in the second."
            )
        for option in ("return_sequences", "return_state", "stateful"):
            if getattr(forward, option) != getattr(backward, option):
                raise ArgumentError(
                    f"the two layers must agree on {option}, got {getattr(forward, option)} and "
                    f"{getattr(backward, option)}."
                )

    def forward(
        self,
        x: Array,
        initial_state: InitialStates | None = None,
        mask: Array | None = None,
        lengths: Array | None = None,
    ) -> Any:
        mask = resolve_mask(x, mask, lengths)
        first, second = self._split_states(initial_state)
        forward, *forward_states = self._run_layer(self.forward_layer, x, first, mask)
        backward, *backward_states = self._run_layer(self.backward_layer, x, second, mask)
        merged = self._merge(forward, backward, mask)
        if not self.forward_layer.return_state:
            return merged
        outputs = merged if isinstance(merged, tuple) else (merged,)
        return (*outputs, *forward_states, *backward_states)

    def _run_layer(
        self, layer: RNN, x: Array, states: InitialStates | None, mask: Array | None
    ) -> tuple[Array, ...]:
        """The output in the order of the input, and the states if the layer returns them."""
        result = layer(x, initial_state=states, mask=mask)
        output, *last_states = result if isinstance(result, tuple) else (result,)
        if layer.return_sequences and layer.go_backwards:
            output = output[:, ::-1]
        return (output, *last_states)

    def _split_states(
        self, states: InitialStates | None
    ) -> tuple[InitialStates | None, InitialStates | None]:
        if states is None:
            return None, None
        count = len(self.forward_layer.state_sizes)
        if not isinstance(states, tuple | list) or len(states) <= count:
            raise ShapeError(
                "initial_state must be a list of all states: the forward layer's "
                f"{count}, then the backward layer's {len(self.backward_layer.state_sizes)}; got "
                f"{describe_arrays(states)}."
            )
        return tuple(states[:count]), tuple(states[count:])

    def _merge(self, forward: Array, backward: Array, mask: Array | None) -> Any:
        if mask is not None and self.forward_layer.return_sequences:
            forward, backward = (
                set_mask(jnp.where(mask[..., None], output, 0), mask)
                for output in (forward, backward)
            )
        else:
            mask = None
        if self.merge_mode is None:
            return forward, backward
        return set_mask(_MERGES[self.merge_mode](forward, backward), mask)


def reversed_copy(layer: RNN) -> RNN:
    """A new layer with the same arguments and a new cell, in the opposite direction.

    Raises:
        ArgumentError: when the layer's class has no argument ``go_backwards``.
    """
    args, kwargs = layer.init_arguments
    arguments = dict(inspect.signature(type(layer)).bind(*args, **kwargs).arguments)
    arguments |= arguments.pop("options", {})
    arguments |= {"go_backwards": not layer.go_backwards}
    try:
        copy = type(layer)(**{name: untrained_copy(value) for name, value in arguments.items()})
    except TypeError as error:
        raise ArgumentError(
            f"{type(layer).__name__} cannot be copied with go_backwards=True: pass backward_layer=."
        ) from error
    copy.name = None
    return copy


def untrained_copy(value: Any) -> Any:
    """A new module with the arguments of ``value``; other values are returned unchanged."""
    if not isinstance(value, Module):
        return value
    args, kwargs = value.init_arguments
    copied_kwargs = {name: untrained_copy(argument) for name, argument in kwargs.items()}
    return type(value)(*map(untrained_copy, args), **copied_kwargs)


class TimeDistributed(Layer):
    """Apply the same layer to each step, for example an image layer to each frame of a video.

    Args:
        layer: the layer; it sees all steps as rows of one batch.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, ...) -> (batch, steps, ...)``.

    Raises:
        ShapeError: for inputs without steps.

    Example:
        >>> import lampas as lp
        >>> import numpy as np
        >>> lp.TimeDistributed(lp.Conv2D(4, 3))(np.ones((2, 5, 8, 8, 1))).shape
        (2, 5, 6, 6, 4)
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
                f"{format_shape(x.shape)}."
            )
        batch, steps = x.shape[:2]
        y = self.layer(x.reshape(batch * steps, *x.shape[2:]))
        return y.reshape(batch, steps, *y.shape[1:])
