"""Half precision is for the bulk of the work; what adds up many numbers needs more."""

from __future__ import annotations

import jax.numpy as jnp

from .masks import carry_mask, mask_of
from .variable import Array


def at_least_single(x: Array) -> Array:
    """Floating point numbers of less than single precision in it; their mask comes along."""
    if x.dtype not in (jnp.bfloat16, jnp.float16):
        return x
    return carry_mask(x.astype(jnp.float32), mask_of(x))
