"""Computation in half precision: sums over many numbers need float32."""

from __future__ import annotations

import jax.numpy as jnp

from .masks import get_mask, set_mask
from .variable import Array


def promote_to_float32(x: Array) -> Array:
    """``x`` as float32 if it is bfloat16 or float16, else unchanged; its mask is kept."""
    if x.dtype not in (jnp.bfloat16, jnp.float16):
        return x
    return set_mask(x.astype(jnp.float32), get_mask(x))
