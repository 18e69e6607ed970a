"""Build models: infer shapes first, then compute all initial values in one compiled program.

A layer's ``build`` creates variables. In a shape pass (:func:`build`) they have only shapes until
the whole model has been called, and then one program computes every initial value. In an eager
call the values of a layer are computed as soon as it is built. Either way the key of a variable
is derived from its path, so the order of building does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from . import context
from .arguments import is_of_lampas
from .errors import ArgumentError, format_shape
from .functional import preserve_values
from .jit import jit
from .module import HasChildren, Module, walk_tree
from .random import name_hash, next_key
from .variable import VALUES_LOCK, Variable

Initializer = Callable[..., jax.Array]
"""Called with (key, shape, dtype)."""

UNNAMED_STATE_HINT = (
    "Pass all modules and optimizers that change, as in "
    "lampas.jit(step, state=(model, optimizer)), and keep layers as attributes of their model."
)


@dataclass
class PendingVariable:
    """A variable that has a shape but no value yet."""

    variable: Variable
    shape: tuple[int, ...]
    initializer: Initializer

    def initial_value(self, key: jax.Array) -> jax.Array:
        """The initial value, float32."""
        return self.initializer(key, self.shape, jnp.float32)


@dataclass
class ShapePass:
    """A call of a model on shapes alone, and what remains to be done afterwards."""

    pending: list[PendingVariable] = field(default_factory=list)
    """The variables that the call created."""
    deferred: list[tuple[object, Callable[[], None]]] = field(default_factory=list)
    """Actions of modules, optimizers and metrics that wait until all variables have values."""
    rollbacks: list[Callable[[], None]] = field(default_factory=list)
    """Actions that undo the call if it fails."""


_shape_pass: ContextVar[ShapePass | None] = ContextVar("lampas_shape_pass", default=None)


_restoring: ContextVar[bool] = ContextVar("lampas_restoring", default=False)


@contextmanager
def restoring() -> Iterator[None]:
    """A block that creates a model whose weights come from its file."""
    token = _restoring.set(True)
    try:
        yield
    finally:
        _restoring.reset(token)


def is_restoring() -> bool:
    """Whether a model is created for the weights of a file: no others are fetched or computed."""
    return _restoring.get()


def is_shape_pass() -> bool:
    """Whether this call only infers shapes, with a batch of one."""
    return _shape_pass.get() is not None


def defer_until_built(
    owner: object, action: Callable[[], None], rollback: Callable[[], None]
) -> None:
    """In a shape pass, run ``action`` once all variables have values; else do nothing.

    Args:
        owner: the module, optimizer or metric that the action belongs to.
        action: called after the pass.
        rollback: called instead if the pass fails.
    """
    shape_pass = _shape_pass.get()
    if shape_pass is not None:
        shape_pass.deferred.append((owner, action))
        shape_pass.rollbacks.append(rollback)


def create_variables(
    pending: list[PendingVariable], owner: Module, rollback: Callable[[], None]
) -> None:
    """Give new variables of ``owner`` a value: a placeholder in a shape pass, else at once.

    Args:
        pending: the new variables.
        owner: the module that is being built.
        rollback: makes the owner unbuilt again; called if the shape pass fails later on.
    """
    shape_pass = _shape_pass.get()
    if shape_pass is not None:
        shape_pass.pending.extend(pending)
        shape_pass.rollbacks.append(rollback)
        for item in pending:
            item.variable.value = jnp.zeros(item.shape, jnp.float32)
        return
    ctx = context.current_context()
    assert ctx is not None, "layers are built inside a call"
    with jax.ensure_compile_time_eval():
        if ctx.init_key is None:
            ctx.init_key = next_key()
        _initialize(pending, owner, ctx.path(owner), ctx.init_key)


def build(
    roots: HasChildren | Sequence[HasChildren],
    call: Callable[[], Any],
    key: jax.Array | None = None,
    eagerly: bool = False,
) -> None:
    """Run ``call`` on shapes alone, then initialize all variables that it created.

    Args:
        roots: the modules whose variables may be created; the optimizers and metrics that the call
            changes.
        call: a call of the modules, on arrays or shapes.
        key: random key of the initial values; by default each root takes the next key of
            ``set_seed``.
        eagerly: whether a call that depends on values, which cannot be traced, is run eagerly.

    Raises:
        ArgumentError: when ``call`` creates variables of a module that is in none of the roots.
    """
    with VALUES_LOCK:
        roots = roots if isinstance(roots, list | tuple) else (roots,)
        shape_pass = infer_shapes(roots, call, eagerly)
        remaining = {id(item.variable): item for item in shape_pass.pending}
        for root in roots:
            parts = (id(part) for _, part in walk_tree(root))
            pending = [remaining.pop(part) for part in parts if part in remaining]
            if pending:
                _initialize(pending, root, "", next_key() if key is None else key)
        in_roots = {id(part) for root in roots for _, part in walk_tree(root)}
        unnamed = [
            type(owner).__name__ for owner, _ in shape_pass.deferred if id(owner) not in in_roots
        ]
        unnamed += [
            f"a module with a variable of {format_shape(i.shape)}" for i in remaining.values()
        ]
        if unnamed:
            for rollback in reversed(shape_pass.rollbacks):
                rollback()
            raise ArgumentError(
                f"{' and '.join(unnamed)} is used but was not passed. {UNNAMED_STATE_HINT}"
            )
        for _, action in reversed(shape_pass.deferred):
            action()


def infer_shapes(
    roots: Sequence[HasChildren], call: Callable[[], Any], eagerly: bool = False
) -> ShapePass:
    """Run ``call`` on shapes alone; the variables that it creates have no value yet.

    If it fails, the layers that it has built are unbuilt again.

    Args:
        roots: the modules whose values are restored afterwards.
        call: the call.
        eagerly: whether a call that depends on values is run eagerly instead.
    """
    try:
        return _run_pass(roots, lambda: jax.eval_shape(call))
    except jax.errors.ConcretizationTypeError:
        if not eagerly:
            raise
    with jax.disable_jit():
        return _run_pass(roots, call)


def _run_pass(roots: Sequence[HasChildren], run: Callable[[], Any]) -> ShapePass:
    shape_pass = ShapePass()
    token = _shape_pass.set(shape_pass)
    try:
        parts = [part for root in roots for _, part in walk_tree(root)]
        with preserve_values([part for part in parts if isinstance(part, Variable)]):
            run()
    except BaseException:
        for rollback in reversed(shape_pass.rollbacks):
            rollback()
        raise
    finally:
        _shape_pass.reset(token)
    return shape_pass


def _initialize(
    pending: list[PendingVariable], root: HasChildren, prefix: str, key: jax.Array
) -> None:
    paths = {id(part): path for path, part in walk_tree(root, prefix)}
    alike: dict[Any, list[PendingVariable]] = {}
    for item in pending:
        alike.setdefault((_comparable(item), item.shape), []).append(item)
    in_order = [item for items in alike.values() for item in items]
    hashes = [name_hash(paths[id(item.variable)]) for item in in_order]

    def initial_values(key: jax.Array) -> list[jax.Array]:
        keys = iter(jax.vmap(jax.random.fold_in, (None, 0))(key, np.array(hashes, np.uint32)))
        values: list[jax.Array] = []
        for items in alike.values():
            initial_value = items[0].initial_value
            if len(items) > 1:  # a loop, since it takes long to compile the code of each variable
                values.extend(jax.lax.map(initial_value, jnp.stack([*islice(keys, len(items))])))
            else:
                values.append(initial_value(next(keys)))
        return values

    for item, value in zip(in_order, jit(initial_values)(key), strict=True):
        item.variable.value = value


def _comparable(item: PendingVariable) -> object:
    """What is equal for variables whose initial values differ by their keys alone."""
    initializer = item.initializer
    try:
        hash(initializer)
    except TypeError:  # a constant array
        return id(item)
    return initializer if is_of_lampas(type(initializer)) else id(item)
