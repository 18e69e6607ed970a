"""The one seed that decides everything random."""

from __future__ import annotations

import itertools

import jax

_seed = 0
_draws = itertools.count()


def set_seed(seed: int) -> None:
    """Restart all randomness from ``seed``: initial weights, shuffling, dropout.

    Without a call the seed is 0, so a script gives the same result each time it runs.
    """
    global _seed, _draws
    _seed, _draws = int(seed), itertools.count()


def next_seed() -> int:
    """A new seed, different at each call, the same sequence after each :func:`set_seed`."""
    return (_seed * 1_000_003 + next(_draws)) % 2**31


def next_key() -> jax.Array:
    """A new random key from :func:`next_seed`."""
    return jax.random.key(next_seed())
