"""Where the examples of a fit come from, a chunk of steps at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from ...core.variable import Array
from ..epoch import Pace, Place, cut, full_and_rest, gather, shuffled
from ..step import Batch, size


class Chunk(NamedTuple):
    """What one call of the compiled program runs: the steps from one place of a fit to another.

    ``order`` has the numbers of the examples as the program wants them.
    """

    pace: Pace
    first: Place
    end: Place
    order: Array
    data: Batch

    @property
    def steps(self) -> int:
        """How many."""
        return self.end.step - self.first.step


class Source:
    """Gives the steps of a fit in their order.

    ``example`` has examples enough for the shapes of a full batch, ``pace`` is that of full
    batches.
    """

    example: Batch
    pace: Pace

    @property
    def steps(self) -> int | None:
        """Steps of an epoch; None as long as nobody knows."""
        return self.pace.steps

    def chunk(self, first: Place, most: int, epochs: int) -> Chunk | None:
        """At most ``most`` steps from ``first`` on, which end within ``epochs`` epochs.

        None when Ctrl-C was pressed while they were waited for.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method chunk(...).")

    def batch(self, at: Place) -> tuple[Batch, Array]:
        """The examples of the step after ``at``, where the fit stands, and their numbers."""
        raise NotImplementedError(f"{type(self).__name__} needs a method batch(at).")

    def keep(self, order: Array) -> None:
        """The order as the program left it."""

    def listen(self, interrupted: Callable[[], bool]) -> None:
        """What to ask whether waiting should end."""

    def close(self) -> None:
        """Nothing more is wanted."""


def after(first: Place, count: int, steps: int) -> Place:
    """The place ``count`` steps later, in epochs of ``steps`` steps."""
    more, done = divmod(first.done + count, steps)
    return Place(first.step + count, first.epoch + more, done)


class Resident(Source):
    """Data that lies on the device.

    Args:
        data: arrays.
        batch_size: examples a step.
        shuffle: whether their order is drawn anew in each epoch.
        key: of the fit, for that order.
    """

    def __init__(
        self, data: Batch, batch_size: int, shuffle: bool = False, key: jax.Array | None = None
    ) -> None:
        self.example, self.key = data, key
        self.pace, self.rest = full_and_rest(data, batch_size, shuffle and key is not None)
        self._order: Array | None = None

    def chunk(self, first: Place, most: int, epochs: int) -> Chunk:
        steps, pace = self.pace.steps, self.pace
        left = epochs * steps - first.done
        if self.rest is not None:
            # The short last batch has a program of its own.
            left = steps - 1 - first.done
            pace = pace if left else self.rest
        end = after(first, min(most, left or 1), steps)
        return Chunk(pace, first, end, self._order_at(first), self.example)

    def keep(self, order: Array) -> None:
        self._order = order

    def batch(self, at: Place) -> tuple[Batch, Array]:
        short = self.rest is not None and at.done == self.pace.steps - 1
        pace = self.rest if self.rest is not None and short else self.pace
        start = at.done * self.pace.full
        order = self._new_order(at.epoch) if at.done == 0 else self._order_at(at)
        rows = order[start : start + pace.batch]
        if pace.shuffle:
            return gather(self.example, rows), rows
        return cut(self.example, jnp.int32(start), pace), rows

    def close(self) -> None:
        self._order = None

    def _order_at(self, place: Place) -> Array:
        """The order in the middle of an epoch; at its begin the program draws one."""
        if self._order is None:
            self._order = self._new_order(place.epoch)
        return self._order

    def _new_order(self, epoch: int) -> Array:
        order: Array = jnp.arange(size(self.example), dtype=jnp.int32)
        if self.key is None or not self.pace.shuffle:
            return order
        return shuffled(self.key, jnp.int32(epoch), order)
