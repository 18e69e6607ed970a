"""Masks that travel with arrays: which steps of a sequence are data, and which are padding.

A mask belongs to one array object and lives as long as that object. Layers pass it on from input
to output; code between layers does so with :func:`set_mask`.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from functools import partial
from typing import Any, TypeVar

import jax
import jax.numpy as jnp

from .errors import ShapeError, format_shape
from .variable import Array

T = TypeVar("T")

_masks: dict[int, tuple[weakref.ref[Any], Array]] = {}
"""By the identity of the array: traced arrays can be neither hashed nor compared."""


def get_mask(x: Any) -> Array | None:
    """The mask of ``x``, None where every step is data.

    Args:
        x: an array, or anything else, which has no mask.

    Shape: ``(batch, steps)``, true for steps that are data, false for padding.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> x = lp.set_mask(jnp.ones((1, 3, 2)), jnp.array([[1, 1, 0]]))
        >>> lp.get_mask(x).tolist()
        [[True, True, False]]
    """
    owner, mask = _masks.get(id(x), (None, None))
    return mask if owner is not None and owner() is x else None


def set_mask(x: T, mask: Array | None) -> T:
    """Attach a mask to ``x`` and return ``x`` itself.

    Args:
        x: the array, ``(batch, steps, ...)``.
        mask: ``(batch, steps)``, true for steps that are data; None leaves ``x`` as it is.

    Raises:
        ShapeError: for a mask of another shape.

    Example:
        >>> import jax.numpy as jnp
        >>> import lampas as lp
        >>> x = lp.set_mask(jnp.ones((1, 3, 2)), jnp.array([[1, 1, 0]]))
        >>> doubled = lp.set_mask(x * 2, lp.get_mask(x))
        >>> lp.get_mask(doubled).shape
        (1, 3)
    """
    if mask is None:
        return x
    key = id(x)
    mask = as_mask(mask, x)
    _masks[key] = weakref.ref(x, partial(_discard, key)), mask
    return x


def _discard(key: int, _: object, masks: dict[int, Any] = _masks) -> None:
    # The table is an argument because arrays may outlive this module when Python exits.
    masks.pop(key, None)


def as_mask(mask: Any, x: Any) -> Array:
    """A mask as an array of booleans.

    Raises:
        ShapeError: unless it has one value for each step of ``x``.
    """
    mask = jnp.asarray(mask)
    if mask.ndim != 2 or mask.shape != x.shape[:2]:
        raise ShapeError(
            "a mask has one value per step, shape (batch, steps): "
            f"{format_shape(x.shape[:2])} here, got {format_shape(mask.shape)}."
        )
    return mask.astype(bool)


def tree_masks(tree: Any) -> list[Array | None]:
    """The masks of all arrays of a tree; empty where there are no masks at all.

    A function that JAX transforms returns other arrays than the code in it: ``with_masks`` attaches
    the masks to them.
    """
    return [get_mask(leaf) for leaf in jax.tree.leaves(tree)] if _masks else []


def with_masks(tree: T, masks: Iterable[Array | None]) -> T:
    """Attach to the arrays of ``tree`` the masks that :func:`tree_masks` returned."""
    for leaf, mask in zip(jax.tree.leaves(tree), masks, strict=False):
        set_mask(leaf, mask)
    return tree
