"""The global seed, and random keys derived from it or from names."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import jax

from .arguments import check_arguments

_seed = 0
_counter = itertools.count()
_inference_counter = itertools.count()


@check_arguments
def set_seed(seed: int) -> None:
    """Restart all randomness from ``seed``: initial weights, shuffling, dropout.

    Without a call the seed is 0, so a script gives the same result each time it runs.

    Args:
        seed: any integer.

    Example:
        >>> import lampas as lp
        >>> lp.set_seed(7)
    """
    global _seed, _counter, _inference_counter
    _seed, _counter, _inference_counter = int(seed), itertools.count(), itertools.count()


def next_seed() -> int:
    """A new seed at each call, the same sequence after each :func:`set_seed`."""
    return (_seed * 1_000_003 + next(_counter)) % 2**31


def next_inference_seed() -> int:
    """A new seed for a prediction, which changes none of those of :func:`next_seed`."""
    return (_seed * 1_000_003 + next(_inference_counter)) % 2**31


@contextmanager
def preserve_seeds() -> Iterator[None]:
    """Continue after the block with the seeds that would have come without it."""
    global _seed, _counter
    seed, count = _seed, next(_counter)
    _counter = itertools.count(count)
    try:
        yield
    finally:
        _seed, _counter = seed, itertools.count(count)


def next_key() -> jax.Array:
    """A new random key from :func:`next_seed`."""
    return jax.random.key(next_seed())


def fold_in_name(key: jax.Array, name: str) -> jax.Array:
    """Derive a key from a key and a name; the result is the same in every process."""
    return jax.random.fold_in(key, name_hash(name))


def name_hash(name: str) -> int:
    """The number that a name is folded into keys by: its CRC."""
    return zlib.crc32(name.encode())
