"""Leave steps of a sequence out by a value that marks them."""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp

from ..core.masks import carry_mask, mask_of
from ..core.variable import Array
from .base import Layer, LayerOptions


class Masking(Layer):
    """Mask the steps all of whose features are ``mask_value``; the layers after it skip them.

    Shape: ``(batch, steps, features)``, unchanged but for zeros in the masked steps.
    """

    axes = ("batch", "steps", "features")

    def __init__(self, mask_value: float = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.mask_value = mask_value

    def forward(self, x: Array) -> Array:
        counts = jnp.any(x != self.mask_value, -1)
        before = mask_of(x)
        if before is not None:
            counts &= before
        return carry_mask(jnp.where(counts[..., None], x, 0.0), counts)
