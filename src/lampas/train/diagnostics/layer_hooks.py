"""Look into a step that runs line by line: what goes forth through layers, what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ...core.masks import carry_mask, mask_of
from ...core.module import Module
from ..step import Tree


@contextmanager
def each_forward(model: Module, look: Callable[..., Any]) -> Iterator[None]:
    """Inside the block ``look(original, module, path, *inputs)`` is called for each forward."""
    modules = list(model.modules())
    for path, module in modules:
        vars(module)["forward"] = partial(look, module.forward, module, path)
    try:
        yield
    finally:
        for _, module in modules:
            del vars(module)["forward"]


def through(note: Callable[[jax.Array], None], tree: Tree) -> Tree:
    """The arrays as they are; ``note`` is told of the slopes that come back to them."""

    def one(leaf: Any) -> Any:
        floating = isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jnp.floating)
        return carry_mask(_noted(note, leaf), mask_of(leaf)) if floating else leaf

    return jax.tree.map(one, tree)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _noted(note: Callable[[jax.Array], None], x: jax.Array) -> jax.Array:
    return x


def _noted_forth(note: Callable[[jax.Array], None], x: jax.Array) -> tuple[jax.Array, None]:
    return x, None


def _noted_back(note: Callable[[jax.Array], None], _: None, slope: jax.Array) -> tuple[jax.Array]:
    note(slope)
    return (slope,)


_noted.defvjp(_noted_forth, _noted_back)
