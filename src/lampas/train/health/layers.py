"""What the outputs of one layer are like, as four numbers."""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp

from ... import activations
from ...core.variable import Array
from ...layers.layer import Layer

SATURATED_SLOPE = 0.05
"""An S-shaped activation is saturated where its slope is below this part of its greatest slope."""

RELU_LIKE = (activations.relu, activations.relu6, jax.nn.relu, jax.nn.relu6)
ZERO_TO_ONE = (activations.sigmoid, activations.hard_sigmoid, jax.nn.sigmoid, jax.nn.hard_sigmoid)
S_SHAPED = (
    *ZERO_TO_ONE, activations.tanh, activations.bipolar_sigmoid, activations.hard_tanh, jnp.tanh,
    jax.nn.hard_tanh,
)  # fmt: skip


class Output(NamedTuple):
    """What a layer gave in one call."""

    path: str
    layer: Layer
    values: Array
    mask: Array | None


_Part = tuple[Array, Array | None]


def numbers(calls: list[Output], own: set[int]) -> Array:
    """Root mean square, mean, dead units and saturated outputs of all calls of a layer, shape (4,).

    ``own`` has the identities of the arrays that are the model's outputs. NaN stands for what does
    not apply.
    """
    layer = calls[0].layer
    activation = getattr(layer, "activation", None)
    parts = [_counted(call) for call in calls]
    squares = _mean([values**2 for values, _ in parts], parts)
    totals = _mean([values for values, _ in parts], parts)
    dead = _dead(layer, parts) if activation in RELU_LIKE else math.nan
    if activation in S_SHAPED and not any(id(call.values) in own for call in calls):
        ranged = [2 * v - 1 if activation in ZERO_TO_ONE else v for v, _ in parts]
        # Sigmoid and tanh alike have slope 1 - u**2 at an output u between -1 and 1.
        saturated = _mean([1 - u**2 < SATURATED_SLOPE for u in ranged], parts)
    else:
        saturated = jnp.float32(math.nan)
    return jnp.stack([jnp.sqrt(squares), totals, dead, saturated])


def _counted(call: Output) -> _Part:
    """Outputs ``(..., units)`` in full precision, and which of them count: None for all."""
    values, mask = call.values.astype(jnp.float32), call.mask
    if mask is not None:
        mask = mask.reshape(*mask.shape, *[1] * (values.ndim - 2))
        return values, jnp.broadcast_to(mask, values.shape)
    return (values[:, None] if values.ndim == 1 else values), None


def _mean(of: list[Array], parts: list[_Part]) -> Array:
    """The mean over all calls of what counts."""
    total, count = jnp.float32(0), jnp.float32(0)
    for values, (_, there) in zip(of, parts, strict=True):
        total += jnp.sum(values, where=there, dtype=jnp.float32)
        count += values.size if there is None else jnp.sum(there, dtype=jnp.float32)
    return total / count


def _dead(layer: Layer, parts: list[_Part]) -> Array:
    """Share of units that are 0 wherever they count."""
    alive = [
        jnp.any(values != 0, tuple(range(values.ndim - 1)), where=there) for values, there in parts
    ]
    # The units of a layer with weights are the same in each call; without, they are others.
    same = bool(layer.variables()) and len({units.shape for units in alive}) == 1
    units = jnp.stack(alive).any(0) if same else jnp.concatenate(alive)
    return 1 - jnp.mean(units, dtype=jnp.float32)
