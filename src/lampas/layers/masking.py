"""Masking: mark the steps of a sequence that hold padding."""

from __future__ import annotations

from typing import Unpack

import jax.numpy as jnp

from ..core.masks import get_mask, set_mask
from ..core.variable import Array
from .base import Layer, LayerOptions


class Masking(Layer):
    """Mask the steps in which every feature equals ``mask_value``.

    The layers that follow ignore masked steps.

    Args:
        mask_value: the value that marks padding.
        **options: ``name`` and ``input_shape``, as in :class:`Layer`.

    Shape: ``(batch, steps, features)``, unchanged; masked steps become zeros.

    Example:
        >>> import lampas as lp
        >>> x = lp.Masking(-1.0)([[[1.0], [2.0], [-1.0]]])
        >>> lp.get_mask(x).tolist()
        [[True, True, False]]
    """

    axes = ("batch", "steps", "features")

    def __init__(self, mask_value: float = 0.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.mask_value = mask_value

    def forward(self, x: Array) -> Array:
        mask = jnp.any(x != self.mask_value, -1)
        previous_mask = get_mask(x)
        if previous_mask is not None:
            mask &= previous_mask
        return set_mask(jnp.where(mask[..., None], x, 0.0), mask)
