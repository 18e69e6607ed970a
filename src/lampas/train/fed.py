"""The steps of a fit from a feed: batches that come in an order of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp

from ..core.variable import Array
from .epoch import Pace, Place
from .feed import Feed, Piece
from .source import Chunk, Source
from .step import Batch, size

ENDLESS = 2**30
"""Stands for the number of steps of an epoch, which nobody may know before its end."""


class Fed(Source):
    """Steps whose epochs end where the feed says so."""

    def __init__(self, feed: Feed) -> None:
        self.feed, self.example = feed, feed.example()
        self.pace = _pace(size(self.example))
        self._pieces: Iterator[Piece] = iter(())
        self._place: Place | None = None
        self._piece: tuple[Place, Piece] | None = None

    @property
    def steps(self) -> int | None:
        return self.feed.steps

    def chunk(self, first: Place, most: int, epochs: int) -> Chunk | None:
        if first.done == 0 or first != self._place:
            self._pieces = self.feed.pieces(first.epoch, skip=first.done)
        piece = next(self._pieces, None)
        if piece is None:
            return None
        self._piece, step = (first, piece), first.step + piece.steps
        more = Place(step, first.epoch, first.done + piece.steps)
        self._place = Place(step, first.epoch + 1, 0) if piece.last else more
        data = jax.tree.map(jnp.asarray, piece.data)
        return Chunk(_pace(piece.batch), first, self._place, jnp.asarray(piece.numbers), data)

    def batch(self, at: Place) -> tuple[Batch, Array]:
        """The batch after ``at`` if it has come, the first or the last one that has otherwise."""
        if self._piece is None:
            example = jax.tree.map(jnp.asarray, self.example)
            return example, jnp.arange(self.pace.batch, dtype=jnp.int32)
        first, piece = self._piece
        start = min(at.step - first.step, piece.steps - 1) * piece.batch
        rows = slice(start, start + piece.batch)
        data = jax.tree.map(lambda leaf: jnp.asarray(leaf[rows]), piece.data)
        return data, jnp.asarray(piece.numbers[rows])

    def listen(self, interrupted: Callable[[], bool]) -> None:
        self.feed.interrupted = interrupted

    def close(self) -> None:
        self.feed.close()


def _pace(batch: int) -> Pace:
    return Pace(batch, batch, ENDLESS, shuffle=False, streamed=True)
