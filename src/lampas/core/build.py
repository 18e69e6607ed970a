"""How variables come into being: shapes first, then all initial values in one program.

A layer's ``build`` announces variables. In a dry run (:func:`build`) they stay shapes until the
whole model has been walked, and one compiled program then draws every initial value. In an eager
call each layer's values are drawn as soon as it is built. Either way the key of a variable comes
from its path, so the order of building does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp

from . import context
from .errors import ArgumentError, show_shape
from .functional import preserved
from .jit import jit
from .module import Module, walk
from .random import next_key
from .variable import Variable

Initializer = Callable[..., jax.Array]


NAME_ALL = (
    "Give all modules and optimizers that change, as in "
    "lampas.jit(step, state=(model, optimizer)), and keep layers as attributes of their model."
)


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
    afterwards: list[tuple[Module, Callable[[], None]]] = field(default_factory=list)
    undo: list[Callable[[], None]] = field(default_factory=list)


_dry_run: ContextVar[DryRun | None] = ContextVar("lampas_dry_run", default=None)


def is_dry_run() -> bool:
    """Whether this call only shows shapes to the layers, with a batch of one."""
    return _dry_run.get() is not None


def after_dry_run(owner: Module, action: Callable[[], None], undo: Callable[[], None]) -> None:
    """If this is a dry run, let ``owner`` do something once all variables have values.

    ``undo`` is called instead if the dry run fails.
    """
    dry = _dry_run.get()
    if dry is not None:
        dry.afterwards.append((owner, action))
        dry.undo.append(undo)


def announce(new: list[Announced], owner: Module, undo: Callable[[], None]) -> None:
    """Give the new variables of ``owner`` a value: an abstract one in a dry run, else at once.

    ``undo`` makes the owner unbuilt again; it is called if the dry run fails later on.
    """
    dry = _dry_run.get()
    if dry is not None:
        dry.announced.extend(new)
        dry.undo.append(undo)
        for item in new:
            item.variable.value = jnp.zeros(item.shape, jnp.float32)
        return
    opened = context.current()
    assert opened is not None, "layers are built inside a call"
    with jax.ensure_compile_time_eval():
        if opened.init_key is None:
            opened.init_key = next_key()
        _materialize(new, owner, opened.path(owner), opened.init_key)


def build(
    roots: Module | Sequence[Module], call: Callable[[], Any], key: jax.Array | None = None
) -> None:
    """Run ``call`` on shapes only, then draw the values of all variables that it made.

    The key of each root is the next one after ``set_seed`` unless given.

    Raises:
        ArgumentError: when ``call`` makes variables of a module that is in none of the roots.
    """
    roots = (roots,) if isinstance(roots, Module) else roots
    dry = dry_run(roots, call)
    left = {id(item.variable): item for item in dry.announced}
    for root in roots:
        inside = (id(part) for _, part in walk(root))
        mine = [left.pop(part) for part in inside if part in left]
        if mine:
            _materialize(mine, root, "", next_key() if key is None else key)
    named = {id(part) for root in roots for _, part in walk(root)}
    unnamed = [type(owner).__name__ for owner, _ in dry.afterwards if id(owner) not in named]
    unnamed += [f"a module with a variable of {show_shape(i.shape)}" for i in left.values()]
    if unnamed:
        for undo in dry.undo:
            undo()
        raise ArgumentError(f"{' and '.join(unnamed)} is used but was not named. {NAME_ALL}")
    for _, action in dry.afterwards:
        action()


def dry_run(roots: Sequence[Module], call: Callable[[], Any]) -> DryRun:
    """Run ``call`` on shapes only; the variables that it makes have no value yet.

    If it fails, the layers that it has built are unbuilt again.
    """
    dry = DryRun()
    token = _dry_run.set(dry)
    try:
        with preserved([v for root in roots for v in Module.variables(root).values()]):
            jax.eval_shape(call)
    except BaseException:
        for undo in dry.undo:
            undo()
        raise
    finally:
        _dry_run.reset(token)
    return dry


def _materialize(plan: list[Announced], root: Module, prefix: str, key: jax.Array) -> None:
    paths = {id(part): path for path, part in walk(root, prefix)}

    def draw_all(key: jax.Array) -> list[jax.Array]:
        return [item.draw(context.fold_in_name(key, paths[id(item.variable)])) for item in plan]

    for item, value in zip(plan, jit(draw_all)(key), strict=True):
        item.variable.value = value
