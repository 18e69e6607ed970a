"""How variables come into being: shapes first, then all initial values in one program.

A layer's ``build`` announces variables. In a dry run (:func:`build`) they stay shapes until the
whole model has been walked, and one compiled program then draws every initial value. In an eager
call each layer's values are drawn as soon as it is built. Either way the key of a variable comes
from its path, so the order of building does not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp

from . import context
from .compiling import jit
from .functional import preserved
from .module import Module, walk
from .seed import next_key
from .variable import Variable

Initializer = Callable[..., jax.Array]


@dataclass
class Announced:
    """A variable that has a shape but no value yet."""

    variable: Variable
    shape: tuple[int, ...]
    initializer: Initializer

    def draw(self, key: jax.Array) -> jax.Array:
        """The initial value, float32."""
        return self.initializer(key, self.shape, jnp.float32)


@dataclass
class DryRun:
    """What a dry run leaves to be done when real arrays can be made."""

    announced: list[Announced] = field(default_factory=list)
    afterwards: list[Callable[[], None]] = field(default_factory=list)


_dry_run: ContextVar[DryRun | None] = ContextVar("lampas_dry_run", default=None)


def after_dry_run(action: Callable[[], None]) -> None:
    """If this is a dry run, do something once it is over and all variables have values."""
    dry = _dry_run.get()
    if dry is not None:
        dry.afterwards.append(action)


def announce(new: list[Announced], owner: Module) -> None:
    """Give the new variables of ``owner`` a value: an abstract one in a dry run, else at once."""
    dry = _dry_run.get()
    if dry is not None:
        dry.announced.extend(new)
        for item in new:
            item.variable.value = jnp.zeros(item.shape, jnp.float32)
        return
    opened = context.current()
    assert opened is not None, "layers are built inside a call"
    if opened.init_key is None:
        opened.init_key = next_key()
    with jax.ensure_compile_time_eval():
        _materialize(new, owner, opened.path(owner), opened.init_key)


def build(root: Module, call: Callable[[], Any], key: jax.Array | None = None) -> None:
    """Run ``call`` on shapes only, then draw the values of all variables of ``root`` it made.

    The key is the next one after ``set_seed`` unless given.
    """
    dry = dry_run(root, call)
    if dry.announced:
        _materialize(dry.announced, root, "", next_key() if key is None else key)
    for action in dry.afterwards:
        action()


def dry_run(root: Module, call: Callable[[], Any]) -> DryRun:
    """Run ``call`` on shapes only; the variables of ``root`` that it makes have no value yet."""
    dry = DryRun()
    token = _dry_run.set(dry)
    try:
        with preserved(Module.variables(root).values()):
            jax.eval_shape(call)
    finally:
        _dry_run.reset(token)
    return dry


def _materialize(plan: list[Announced], root: Module, prefix: str, key: jax.Array) -> None:
    paths = {id(part): path for path, part in walk(root, prefix)}

    def draw_all(key: jax.Array) -> list[jax.Array]:
        return [item.draw(context.fold_in_name(key, paths[id(item.variable)])) for item in plan]

    for item, value in zip(plan, jit(draw_all)(key), strict=True):
        item.variable.value = value
