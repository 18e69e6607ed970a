"""Pool a sequence by attention: its steps weigh in as they matter."""

from __future__ import annotations

import math
from typing import Unpack

import jax
import jax.numpy as jnp

from .. import initializers
from ..core.build import Initializer
from ..core.errors import Shape
from ..core.masks import mask_of
from ..core.variable import Array
from .layer import Layer, LayerOptions


class AttentionPool1D(Layer):
    """A weighted mean over steps; the weights are learnt by comparing each step with a query.

    ``softmax(x @ query / sqrt(features))`` over the steps that count: dot-product attention
    (Luong et al., 2015) with one query for all sequences. Where no step counts the result is 0.

    Shape: ``(batch, steps, features) -> (batch, features)``.
    """

    axes = ("batch", "steps", "features")

    def __init__(
        self,
        *,
        query_initializer: Initializer | str = "zeros",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.query_initializer = initializers.get(query_initializer)

    def build(self, shape: Shape) -> None:
        self.features = shape[-1]
        self.query = self.parameter((shape[-1],), self.query_initializer)

    def forward(self, x: Array) -> Array:
        scores = x @ self.query.value / math.sqrt(x.shape[-1])
        mask = mask_of(x)
        weights = jax.nn.softmax(scores, -1, where=mask)
        if mask is not None:
            weights = jnp.where(mask, weights, 0.0)
        return jnp.einsum("bt,btf->bf", weights, x)
