"""Batches whose rows are mixed by a layer: what a row consists of, for the loss of its targets."""

from __future__ import annotations

import jax.numpy as jnp

from . import context
from .errors import ArgumentError
from .variable import Array


def record_mixture(order: Array, part: Array) -> None:
    """Record that row ``i`` is now ``part[i]`` of itself, and for the rest the row ``order[i]``.

    Args:
        order: a row for each row of the batch.
        part: the part of each row that is its own.

    Raises:
        ArgumentError: unless the running step mixes the targets, or the layer is called directly.
    """
    ctx = context.current_context()
    assert ctx is not None, "a layer is running"
    if ctx.mixture is None:
        if ctx.called_directly:
            return
        raise ArgumentError(
            "mixes images whose targets must be mixed too, which the training step of fit does. In "
            "a train_step, compute_loss or loop of your own call the layer before the model, on "
            'both: mixed = layer({"images": x, "labels": y}, training=True).'
        )
    rows = ctx.mixture or [(jnp.arange(len(order)), jnp.ones_like(part))]
    ctx.mixture = [(row, part * weight) for row, weight in rows] + [
        (row[order], (1 - part) * weight[order]) for row, weight in rows
    ]
