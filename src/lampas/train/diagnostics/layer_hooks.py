"""Hooks on the layers of a step that runs eagerly: on their forward passes and gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ...core.masks import get_mask, set_mask
from ...core.module import Module
from ..step import Tree


@contextmanager
def forward_hooks(model: Module, hook: Callable[..., Any]) -> Iterator[None]:
    """Within the block each forward is ``hook(original, module, path, *inputs, **options)``."""
    modules = list(model.modules())
    for path, module in modules:
        vars(module)["forward"] = partial(hook, module.forward, module, path)
    try:
        yield
    finally:
        for _, module in modules:
            del vars(module)["forward"]


Note = Callable[[jax.Array], None]


def tap_gradient(note: Note, tree: Tree) -> Tree:
    """Identity; in backpropagation ``note`` is called with the gradient of each array."""
    return _tap((_ignore, note), tree)


def tap_value(note: Note, tree: Tree) -> Tree:
    """Identity; ``note`` is called with each array, also in a function that is differentiated."""
    return _tap((note, _ignore), tree)


def _tap(notes: tuple[Note, Note], tree: Tree) -> Tree:
    def tap(leaf: Any) -> Any:
        floating = isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jnp.floating)
        return set_mask(_tapped(notes, leaf), get_mask(leaf)) if floating else leaf

    return jax.tree.map(tap, tree)


def _ignore(_: jax.Array) -> None:
    pass


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _tapped(notes: tuple[Note, Note], x: jax.Array) -> jax.Array:
    notes[0](x)
    return x


def _tapped_fwd(notes: tuple[Note, Note], x: jax.Array) -> tuple[jax.Array, None]:
    notes[0](x)
    return x, None


def _tapped_bwd(notes: tuple[Note, Note], _: None, gradient: jax.Array) -> tuple[jax.Array]:
    notes[1](gradient)
    return (gradient,)


_tapped.defvjp(_tapped_fwd, _tapped_bwd)
