"""Dropout: learn with a random part of the nodes missing."""

from __future__ import annotations

from typing import Unpack

import jax
import jax.numpy as jnp

from ..core import context
from ..core.errors import ArgumentError
from ..core.variable import Array
from .layer import Layer, LayerOptions


class Dropout(Layer):
    """In training, each element becomes 0 with probability ``rate``, else is / (1 - rate).

    So the expected value stays what it is, and outside training nothing happens ("inverted"
    dropout; Srivastava et al., 2014).

    Args:
        rate: fraction dropped, from 0 up to, not including, 1.
        keep: in place of ``rate``, the probability of keeping a node: ``1 - rate``.

    Shape: unchanged.
    Raises ArgumentError when not exactly one of the two is given, or it is out of range.
    """

    def __init__(
        self,
        rate: float | None = None,
        *,
        keep: float | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if (rate is None) == (keep is None):
            raise ArgumentError("Dropout needs either the rate dropped or keep=, not both.")
        self.rate = rate if rate is not None else 1.0 - (keep or 0.0)
        if not 0.0 <= self.rate < 1.0:
            given = f"rate={rate}" if keep is None else f"keep={keep}"
            raise ArgumentError(
                f"Dropout must keep some nodes and drop none or some, got {given}. A rate is 0 or "
                "more and less than 1; 0.5 drops half of the nodes."
            )

    def forward(self, x: Array) -> Array:
        if not context.is_training() or self.rate == 0.0:
            return x
        kept = jax.random.bernoulli(context.random_key(), 1.0 - self.rate, x.shape)
        return jnp.where(kept, x / (1.0 - self.rate), 0.0)
