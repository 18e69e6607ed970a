"""Masks that travel with arrays: which steps of a sequence are there, and which only fill it up.

A mask belongs to one array object and lives as long as that does. Layers hand it on from input to
output; code of one's own between layers does so with :func:`carry_mask`.
"""

from __future__ import annotations

import weakref
from functools import partial
from typing import Any, TypeVar

import jax.numpy as jnp

from .errors import ShapeError, show_shape
from .variable import Array

T = TypeVar("T")

_masks: dict[int, tuple[weakref.ref[Any], Array]] = {}
"""By the identity of the array: traced arrays can not be keys, nor can they be compared."""


def mask_of(x: Any) -> Array | None:
    """The mask that ``x`` carries, None where every step counts.

    Shape: ``(batch, steps)``, true for the steps that count.
    """
    owner, mask = _masks.get(id(x), (None, None))
    return mask if owner is not None and owner() is x else None


def carry_mask(x: T, mask: Array | None) -> T:
    """``x`` itself, which carries ``mask`` from now on.

    Shape: ``x`` (batch, steps, ...), ``mask`` (batch, steps).
    Raises ShapeError for a mask of another shape.
    """
    if mask is None:
        return x
    key = id(x)
    mask = checked(mask, x)
    _masks[key] = weakref.ref(x, partial(_forget, key)), mask
    return x


def _forget(key: int, _: object, masks: dict[int, Any] = _masks) -> None:
    # The table is an argument, since arrays may outlive the module when Python ends.
    masks.pop(key, None)


def checked(mask: Any, x: Any) -> Array:
    """A mask as an array of booleans.

    Raises:
        ShapeError: unless it has one value for each step of ``x``.
    """
    mask = jnp.asarray(mask)
    if mask.ndim != 2 or mask.shape != x.shape[:2]:
        raise ShapeError(
            "a mask has one value for each step, shape (batch, steps): "
            f"{show_shape(x.shape[:2])} here, got {show_shape(mask.shape)}."
        )
    return mask.astype(bool)
