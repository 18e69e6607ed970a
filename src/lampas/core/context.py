"""The forward context: what a forward pass needs to know but no layer takes as an argument.

The trainer opens a :class:`ForwardContext`; layers read from it whether they are training and
draw random keys from it. A key is derived from (the context's key, the layer's path, the number
of earlier draws of that layer), so a run gives the same numbers however its steps are grouped
into compiled calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from .errors import LampasError
from .random import fold_in_name, next_key
from .variable import State

Observer = Callable[[Any, str, tuple[Any, ...], Any], None]
"""Called with (module, path, inputs, output) after each module."""


class HasModules(Protocol):
    """What the context needs of a module: the modules inside, with their paths."""

    def modules(self) -> Iterator[tuple[str, Any]]:
        """All modules inside with their paths, itself included."""
        ...


class ExampleIds(NamedTuple):
    """Row indices in the data of the examples of a batch, and the random key of the epoch."""

    key: jax.Array
    indices: jax.Array


@dataclass
class ForwardContext:
    """State of one forward pass: its mode, its randomness, and the modules that are running."""

    training: bool = False
    key: jax.Array | None = None
    examples: ExampleIds | None = None
    observe: Observer | None = None
    dtype: DTypeLike | None = None
    root: HasModules | None = None
    """The outermost module; paths are relative to it."""
    paths: dict[int, str] = field(default_factory=dict)
    """Path of each module below the root, by its identity."""
    rng_counts: dict[str, int] = field(default_factory=dict)
    """Index of the last draw of each layer, by path."""
    stack: list[HasModules] = field(default_factory=list)
    """The modules that are running, outermost first."""
    init_key: jax.Array | None = None
    """Key of the initial values of layers that are built in this call."""
    called_directly: bool = False
    """Whether the call of a module has opened the context."""
    losses: list[tuple[HasModules, jax.Array]] = field(default_factory=list)
    """What ``add_loss`` has added, each with its module."""
    losses_read: bool = False
    """Whether ``losses`` of a module was read."""
    in_scan: bool = False
    """Whether the body of a scan is running, whose values cannot leave it."""
    changes: dict[int, tuple[Any, Any]] | None = None
    """In a function that is differentiated: the variables that it may change, with their values
    before. Their new values must leave it as results."""
    states: Sequence[State] = ()
    """In a compiled step: its variables that are no parameters."""
    results: dict[int, tuple[Any, Any, Any]] = field(default_factory=dict)
    """Results of metrics in a step, by their identity: the array, the metric and its sums."""
    mixture: list[tuple[jax.Array, jax.Array]] | None = None
    """In a step that mixes targets: the rows that each row of the batch is mixed from, as indices
    and weights; empty if rows are not mixed. See ``mixture.py``."""
    finite: jax.Array | None = None
    """In a training step of one's own: whether its losses and gradients so far are finite."""
    guarded: dict[int, tuple[Any, jax.Array]] = field(default_factory=dict)
    """Losses that ``finite`` includes, and new values that are the old ones unless it is true, by
    their identity, with ``finite`` at that time."""

    def enter(self, module: HasModules) -> str:
        """Record that ``module`` starts to run; return its path below the outermost module."""
        if not self.stack:
            self.root, self.init_key = module, None
            self.paths = {}
            if self.changes is not None:
                children = (child for _, part in module.modules() for _, child in part.children())
                self.note_changes(child for child in children if isinstance(child, State))
        self.stack.append(module)
        return self.path(module)

    def forget_losses(self, module: HasModules) -> None:
        """Drop the losses of an earlier call of ``module``, when an outermost call begins."""
        if self.losses and all(running is module for running in self.stack):
            inside = {id(part) for _, part in module.modules()}
            self.losses = [(part, loss) for part, loss in self.losses if id(part) not in inside]

    def note_changes(self, variables: Iterable[Any]) -> None:
        """Keep the values of variables that may change in a function that is differentiated."""
        if self.changes is not None:
            for variable in variables:
                self.changes.setdefault(id(variable), (variable, variable.value))

    def require_finite(self, tree: Any) -> jax.Array:
        """Add to ``finite`` whether all values of all arrays are finite, and return it."""
        assert self.finite is not None, "a training step is running"
        for leaf in jax.tree.leaves(tree):
            self.finite &= jnp.all(jnp.isfinite(leaf))
        return self.finite

    def guard(self, values: Iterable[Any]) -> None:
        """Record values that need no other check than the present ``finite``."""
        if self.finite is not None:
            self.guarded |= {id(value): (value, self.finite) for value in values}

    def path(self, module: HasModules) -> str:
        """Path of a module below the outermost one, also of a module made during the call."""
        if id(module) not in self.paths and self.root is not None:
            self.paths = {id(part): path for path, part in self.root.modules()}
        return self.paths.get(id(module), "")


_current: ContextVar[ForwardContext | None] = ContextVar("lampas_forward_context", default=None)


@contextmanager
def forward_pass(
    *,
    training: bool = False,
    key: jax.Array | None = None,
    examples: ExampleIds | None = None,
    observe: Observer | None = None,
    dtype: DTypeLike | None = None,
) -> Iterator[ForwardContext]:
    """Open a context for the module calls inside the block.

    Args:
        training: whether dropout, batch statistics and the like are active.
        key: a ``jax.random.key`` that random layers draw from.
        examples: lets a layer draw a key per example that does not depend on the batch.
        observe: called after each module with (module, path, inputs, output).
        dtype: the dtype that layers compute in; None for that of their inputs.

    Example:
        >>> import jax
        >>> import lampas as lp
        >>> layer = lp.Dropout(0.5)
        >>> x = jax.numpy.ones((2, 4))
        >>> with lp.forward_pass(training=True, key=jax.random.key(0)):
        ...     y = layer(x)
        >>> y.shape
        (2, 4)
    """
    ctx = ForwardContext(training, key, examples, observe, dtype)
    token = _current.set(ctx)
    try:
        yield ctx
    finally:
        _current.reset(token)


@contextmanager
def module_scope(module: HasModules) -> Iterator[ForwardContext]:
    """Run the block as if inside a call of ``module``: sub-modules get their paths below it."""
    ctx = _current.get()
    assert ctx is not None, "a context is open while a model is trained"
    ctx.enter(module)
    try:
        yield ctx
    finally:
        ctx.stack.pop()


def current_context() -> ForwardContext | None:
    """The open context, if any."""
    return _current.get()


def is_training() -> bool:
    """Whether the open context trains; layers that act only in training ask this.

    Example:
        >>> import lampas as lp
        >>> lp.is_training()
        False
        >>> with lp.forward_pass(training=True):
        ...     lp.is_training()
        True
    """
    ctx = _current.get()
    return ctx is not None and ctx.training


def is_augmenting() -> bool:
    """Whether random image layers act: in training, and when they are called directly.

    As in Keras, that is a call outside of ``fit``, ``evaluate`` and ``predict``, of the layer alone
    or of a model all of whose layers prepare images.
    """
    ctx = _current.get()
    if ctx is None or ctx.training or not ctx.called_directly or ctx.root is None:
        return ctx is not None and ctx.training
    # Containers such as Sequential are no layers.
    prepares = (getattr(module, "prepares_images", True) for _, module in ctx.root.modules())
    if ctx.key is None and all(prepares):
        ctx.key = next_key()
    return ctx.key is not None


def compute_dtype() -> DTypeLike | None:
    """The dtype that layers compute in, None where the open context does not set one."""
    ctx = _current.get()
    return None if ctx is None else ctx.dtype


def has_rng() -> bool:
    """Whether the open context has a random key."""
    ctx = _current.get()
    return ctx is not None and ctx.key is not None


def random_key() -> jax.Array:
    """A new random key for the layer that is running now; each call gives another one.

    Raises:
        LampasError: when no context with a random key is open.

    Example:
        >>> import jax
        >>> import lampas as lp
        >>> with lp.forward_pass(key=jax.random.key(0)):
        ...     noise = jax.random.normal(lp.random_key(), (3,))
        >>> noise.shape
        (3,)
    """
    ctx = _require_rng()
    return _layer_key(ctx, ctx.key)


def example_keys(count: int) -> jax.Array:
    """A new random key for each of ``count`` examples, for the layer that is running now.

    In ``fit`` the key of an example is derived from the seed, the epoch, the layer's path and the
    row index of the example, so random values do not depend on the batch it is in. Elsewhere, or
    when the layer's batch is not the model's, the index within the batch is used.

    Args:
        count: the number of examples.

    Shape: ``(count,)``.

    Raises:
        LampasError: when no context with a random key is open.
    """
    ctx = _require_rng()
    indices = jnp.arange(count)
    key = ctx.key
    if ctx.examples is not None and ctx.examples.indices.shape == (count,):
        key, indices = ctx.examples
    return jax.vmap(jax.random.fold_in, (None, 0))(_layer_key(ctx, key), indices)


def _require_rng() -> ForwardContext:
    """The open context; an error unless it has a random key. A direct call gets a new one."""
    ctx = _current.get()
    if ctx is not None and ctx.key is None and ctx.called_directly:
        ctx.key = next_key()
    if ctx is None or ctx.key is None:
        raise LampasError(
            "A layer needs a random key, but none is available. `fit` provides one; in a custom "
            "loop open `with lampas.forward_pass(training=True, key=key): ...`."
        )
    return ctx


def _layer_key(ctx: ForwardContext, key: jax.Array | None) -> jax.Array:
    """The key of the next draw of the layer that is running now."""
    assert key is not None
    path = ctx.path(ctx.stack[-1]) if ctx.stack else ""
    seed = getattr(ctx.stack[-1], "seed", None) if ctx.stack else None
    if isinstance(seed, int):
        key = jax.random.fold_in(key, seed)
    count = ctx.rng_counts[path] = ctx.rng_counts.get(path, -1) + 1
    return jax.random.fold_in(fold_in_name(key, path), count)


def rng_counts() -> dict[str, int]:
    """The draws of each layer so far in the open context, to pass to :func:`scan_body_scope`."""
    ctx = _current.get()
    return {} if ctx is None else dict(ctx.rng_counts)


@contextmanager
def scan_body_scope(counts: dict[str, int]) -> Iterator[None]:
    """Scope of one iteration of a scan: every iteration draws the same keys.

    Compiled, the body of a scan is traced once and its values cannot leave it; run eagerly, it is
    called many times. To make both equal, the draws start again from ``counts`` and observers are
    not called inside.

    Args:
        counts: the result of :func:`rng_counts` before the loop.
    """
    ctx = _current.get()
    assert ctx is not None, "loops over steps are run inside a call"
    observe, ctx.observe, ctx.rng_counts = ctx.observe, None, dict(counts)
    in_scan, ctx.in_scan = ctx.in_scan, True
    try:
        yield
    finally:
        ctx.observe, ctx.in_scan = observe, in_scan
