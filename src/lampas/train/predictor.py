"""Use a model: build it for its inputs, and compute its outputs batch by batch."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from operator import itemgetter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.dtypes import canonicalize_dtype

from ..core.build import build
from ..core.functional import assign, functional
from ..core.jit import jit
from ..core.module import Module
from ..core.variable import Variable
from .inputs.iterable_source import Feed
from .inputs.streaming import rows_of
from .step import Tree, size


def build_for(model: Module, x: Tree, eagerly: bool = False, seed: int | None = None) -> None:
    """Make the variables of a model for inputs like ``x``.

    The first weights are drawn from ``seed``, or from the next one after ``set_seed``.
    """

    def one() -> Tree:
        return jax.tree.map(lambda a: jnp.zeros((1, *a.shape[1:]), canonicalize_dtype(a.dtype)), x)

    try:
        build(model, lambda: model(one()), None if seed is None else jax.random.key(seed))
    except jax.errors.ConcretizationTypeError:
        # A forward that looks at values can only run eagerly, and is built so.
        if not eagerly:
            raise
        model(one())


class Predictor:
    """The compiled forward pass of a model, made anew when its variables or the frozen ones are."""

    def __init__(self, model: Module) -> None:
        self.model = model
        self._made_for: tuple[dict[str, Variable], int] | None = None

    def each(self, feed: Feed, eagerly: bool = False) -> Any:
        """Outputs for all inputs of a feed, batch by batch as they come."""
        try:
            usual = size(feed.example())
            outputs = [
                self(
                    jax.tree.map(itemgetter(slice(piece.steps * piece.batch)), piece.data.x),
                    max(usual, piece.batch),
                    eagerly,
                    fill=True,
                )
                for piece in feed.pieces(0)
            ]
        finally:
            feed.close()
        return jax.tree.map(lambda *parts: np.concatenate(parts), *outputs)

    def __call__(self, x: Tree, batch_size: int, eagerly: bool = False, fill: bool = False) -> Any:
        """Outputs for all inputs, in host memory.

        The last batch is filled up with copies of its last example, so one program serves all;
        with ``fill`` the only one too.
        """
        build_for(self.model, x, eagerly)
        (params, state), apply = functional(self.model)
        made_for = self.model.variables(), Module.freezes
        if made_for != self._made_for:
            self._made_for = made_for
            self._forward = jit(apply)
        count = jax.tree.leaves(x)[0].shape[0]
        batch_size = batch_size if fill else min(batch_size, count)
        outputs = []
        with jax.disable_jit() if eagerly else nullcontext():
            for start in range(0, count, batch_size):
                rows = np.minimum(np.arange(start, start + batch_size), count - 1)
                part = jax.tree.map(partial(rows_of, rows=rows), x)
                output, state = self._forward(params, state, part)
                outputs.append(output)
        # Layers that remember go on from here at the next call.
        assign(self.model.states(), state)
        return jax.tree.map(lambda *parts: np.concatenate(parts)[:count], *outputs)
