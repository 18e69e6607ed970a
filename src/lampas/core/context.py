"""What a forward pass needs to know but no layer takes as an argument.

The trainer opens a :class:`Pass`; layers ask it whether they are training and draw random keys
from it. A key is derived from (the pass's key, the layer's path, the count of draws there), so a
run gives the same numbers however its steps are cut into compiled calls.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike

from .errors import LampasError

if TYPE_CHECKING:
    from .module import Module

Observer = Callable[["Module", str, tuple[Any, ...], Any], None]


class Examples(NamedTuple):
    """Which examples of the data a batch holds, and the key of the epoch that they are met in."""

    key: jax.Array
    numbers: jax.Array


@dataclass
class Pass:
    """One forward pass: its mode, its randomness, and where in the model it is."""

    training: bool = False
    key: jax.Array | None = None
    examples: Examples | None = None
    observe: Observer | None = None
    dtype: DTypeLike | None = None
    root: Module | None = None
    paths: dict[int, str] = field(default_factory=dict)
    draws: dict[str, int] = field(default_factory=dict)
    stack: list[Module] = field(default_factory=list)
    init_key: jax.Array | None = None

    def enter(self, module: Module) -> str:
        """Note that ``module`` starts to run; returns its path below the outermost module."""
        if not self.stack:
            self.root, self.init_key = module, None
            self.paths = {}
        self.stack.append(module)
        return self.path(module)

    def path(self, module: Module) -> str:
        """Path of a module below the outermost one; parts made meanwhile are found too."""
        if id(module) not in self.paths and self.root is not None:
            self.paths = {id(part): path for path, part in self.root.modules()}
        return self.paths.get(id(module), "")


_current: ContextVar[Pass | None] = ContextVar("lampas_pass", default=None)


@contextmanager
def forward_pass(
    *,
    training: bool = False,
    key: jax.Array | None = None,
    examples: Examples | None = None,
    observe: Observer | None = None,
    dtype: DTypeLike | None = None,
) -> Iterator[Pass]:
    """Open a pass for the calls inside the block.

    Args:
        training: whether dropout, batch statistics and the like are active.
        key: a ``jax.random.key`` that random layers draw from.
        examples: lets a layer draw for each example whatever batch it comes in.
        observe: called after each module with (module, path, inputs, output).
        dtype: that layers compute in; None for that of their inputs.
    """
    opened = Pass(training, key, examples, observe, dtype)
    token = _current.set(opened)
    try:
        yield opened
    finally:
        _current.reset(token)


@contextmanager
def within(module: Module) -> Iterator[None]:
    """Calls inside the block are calls of parts of ``module``, though its own has ended."""
    opened = _current.get()
    assert opened is not None, "a pass is open while a model is trained"
    opened.enter(module)
    try:
        yield
    finally:
        opened.stack.pop()


def current() -> Pass | None:
    """The open pass, if any."""
    return _current.get()


def is_training() -> bool:
    """True inside a pass that trains; layers that act only in training ask this."""
    opened = _current.get()
    return opened is not None and opened.training


def compute_dtype() -> DTypeLike | None:
    """What layers compute in, if the open pass says so."""
    opened = _current.get()
    return None if opened is None else opened.dtype


def has_key() -> bool:
    """Whether the open pass has randomness."""
    opened = _current.get()
    return opened is not None and opened.key is not None


def random_key() -> jax.Array:
    """A fresh random key for the layer that is running now.

    Raises:
        LampasError: when no pass with randomness is open.
    """
    opened = _opened()
    return _for_layer(opened, opened.key)


def example_keys(count: int) -> jax.Array:
    """A fresh key for each of ``count`` examples, for the layer that is running now.

    In ``fit`` the key of an example comes from the seed, the epoch, the layer's path and the
    example's number in the data, so what is drawn does not depend on the batch it is in. Elsewhere,
    or when the layer's batch is not the model's, examples are numbered within the batch.

    Shape: ``(count,)``.
    Raises LampasError when no pass with randomness is open.
    """
    opened = _opened()
    numbers = jnp.arange(count)
    key = opened.key
    if opened.examples is not None and opened.examples.numbers.shape == (count,):
        key, numbers = opened.examples
    return jax.vmap(jax.random.fold_in, (None, 0))(_for_layer(opened, key), numbers)


def _opened() -> Pass:
    """The open pass, which has a key."""
    opened = _current.get()
    if opened is None or opened.key is None:
        raise LampasError(
            "A layer asked for randomness, but no random key was given. `fit` gives one; in a "
            "loop of your own open `with lampas.forward_pass(training=True, key=key): ...`."
        )
    return opened


def _for_layer(opened: Pass, key: jax.Array | None) -> jax.Array:
    """The key of the next draw of the layer that is running now."""
    assert key is not None
    path = opened.path(opened.stack[-1]) if opened.stack else ""
    draw = opened.draws[path] = opened.draws.get(path, -1) + 1
    return jax.random.fold_in(fold_in_name(key, path), draw)


def fold_in_name(key: jax.Array, name: str) -> jax.Array:
    """Derive a key from a key and a name; the same on every machine and in every process."""
    return jax.random.fold_in(key, zlib.crc32(name.encode()))


def draws() -> dict[str, int]:
    """How often each layer has drawn so far in the open pass."""
    opened = _current.get()
    return {} if opened is None else dict(opened.draws)


@contextmanager
def loop_body(drawn: dict[str, int]) -> Iterator[None]:
    """For a turn of a loop over steps, which began when ``drawn`` was :func:`draws`.

    Compiled, the body of a loop is traced once, and its values can not leave it; line by line it
    runs many times. Both are alike in here: all turns draw the same keys, and nobody looks inside.
    """
    opened = _current.get()
    assert opened is not None, "loops over steps are run inside a call"
    observe, opened.observe, opened.draws = opened.observe, None, dict(drawn)
    try:
        yield
    finally:
        opened.observe = observe
