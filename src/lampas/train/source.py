"""Sources give the training loop its steps, one chunk at a time; here from arrays on the device.

``streaming.py`` and ``iterable_source.py`` have the sources for data that is read while training.
``fit.py`` runs each chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..core.variable import Array
from .epoch import EpochLayout, Position, epoch_layouts, shuffled_order, slice_batch, take_batch
from .row_padding import padded_size
from .step import Batch, Tree, num_examples

ROWS_PER_CHECK = 4096
"""Rows of streamed data that are checked at a time."""


class Chunk(NamedTuple):
    """The arguments of one call of the compiled program: the steps between two positions of a fit.

    ``order`` has the indices of the examples as ``train_steps`` takes them.
    """

    layout: EpochLayout
    start: Position
    end: Position
    order: Array
    data: Batch

    @property
    def steps(self) -> int:
        """Number of steps."""
        return self.end.step - self.start.step


class Source:
    """Base of the sources: gives the steps of a fit in their order.

    ``example`` has enough examples for the shapes of a full batch, ``layout`` is that of full
    batches.
    """

    example: Batch
    layout: EpochLayout
    remainder: EpochLayout | None = None
    """The layout of the short last batch, if there is one."""

    def layout_at(self, position: Position) -> EpochLayout:
        """The layout of the step after ``position``."""
        is_last = position.step_in_epoch == self.layout.steps - 1
        return self.remainder if self.remainder is not None and is_last else self.layout

    @property
    def steps(self) -> int | None:
        """Steps per epoch; None as long as that is unknown."""
        return self.layout.steps

    def chunk(self, start: Position, max_steps: int, epochs: int) -> Chunk | None:
        """At most ``max_steps`` steps from ``start`` on, which end within ``epochs`` epochs.

        None if Ctrl-C was pressed while waiting for them.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method chunk(...).")

    def batch(self, position: Position) -> tuple[Batch, Array]:
        """The examples of the step after ``position``, where the fit is, and their indices."""
        raise NotImplementedError(f"{type(self).__name__} needs a method batch(position).")

    def save_order(self, order: Array) -> None:
        """Keep the order that the program returned, for the next chunk."""

    def set_interrupt_check(self, interrupted: Callable[[], bool]) -> None:
        """Set the function that returns whether to stop waiting for data."""

    def set_data_check(self, check: Callable[[Tree, Tree], None]) -> None:
        """Set the function that raises for inputs and targets that model or loss cannot use."""

    def progress(self) -> dict[str, Any]:
        """What ``resume`` needs to find the same batches again, as plain data."""
        return {}

    def resume(self, progress: dict[str, Any], position: Position) -> None:
        """Prepare to continue at a position, with the progress that a checkpoint has stored.

        Raises:
            DataError: if the batches differ from those of the interrupted fit.
        """

    def close(self) -> None:
        """Free what the source holds; it is not used again."""


def advance(start: Position, steps: int, steps_per_epoch: int) -> Position:
    """The position ``steps`` steps after ``start``."""
    epochs, step_in_epoch = divmod(start.step_in_epoch + steps, steps_per_epoch)
    return Position(start.step + steps, start.epoch + epochs, step_in_epoch)


class InMemorySource(Source):
    """Steps from arrays on the device.

    Args:
        data: arrays.
        batch_size: examples per step.
        shuffle: whether the examples are shuffled in each epoch.
        key: key of the fit, for the shuffling; None for no shuffling.
    """

    def __init__(
        self, data: Batch, batch_size: int, shuffle: bool = False, key: jax.Array | None = None
    ) -> None:
        self.example, self.key = data, key
        self.layout, self.remainder = epoch_layouts(data, batch_size, shuffle and key is not None)
        self._order: Array | None = None

    def chunk(self, start: Position, max_steps: int, epochs: int) -> Chunk:
        steps, layout = self.layout.steps, self.layout
        left = epochs * steps - start.step_in_epoch
        if self.remainder is not None:
            # The short last batch has a program of its own.
            left = steps - 1 - start.step_in_epoch
            layout = layout if left else self.remainder
        end = advance(start, min(max_steps, left or 1), steps)
        return Chunk(layout, start, end, self._order_at(start), self.example)

    def save_order(self, order: Array) -> None:
        self._order = order

    def batch(self, position: Position) -> tuple[Batch, Array]:
        layout = self.layout_at(position)
        first = position.step_in_epoch * layout.full_batch_size
        at_start = position.step_in_epoch == 0
        order = self._new_order(position.epoch) if at_start else self._order_at(position)
        indices = order[first : first + layout.batch_size]
        if layout.shuffle:
            return take_batch(self.example, indices), indices
        return slice_batch(self.example, jnp.int32(first), layout), indices

    def close(self) -> None:
        self._order = None

    def _order_at(self, position: Position) -> Array:
        """The order within an epoch; at its beginning the program shuffles it."""
        if self._order is None:
            self._order = self._new_order(position.epoch)
        return self._order

    def _new_order(self, epoch: int) -> Array:
        order: Array = jnp.arange(num_examples(self.example), dtype=jnp.int32)
        if self.key is None or not self.layout.shuffle:
            return order
        return shuffled_order(self.key, jnp.int32(epoch), order)


class EvaluationSource(InMemorySource):
    """Steps of an evaluation, whose programs serve any number of rows.

    The rows of full batches are followed by zeros, up to one of a few numbers of rows, which no
    step uses; those of the short last batch are arrays of their own.

    Args:
        data: arrays in host memory.
        batch_size: examples per step.
    """

    def __init__(self, data: Batch, batch_size: int) -> None:
        super().__init__(data, batch_size)
        full = self.layout.batch_size * (self.layout.steps - (self.remainder is not None))
        size = padded_size(full) if self.layout.steps > 1 else full

        def full_batches(leaf: Any) -> Array:
            filled = np.zeros((size, *leaf.shape[1:]), leaf.dtype)
            filled[:full] = leaf[:full]
            return jnp.asarray(filled)

        self.example = jax.tree.map(full_batches, data)
        self._last = jax.tree.map(lambda leaf: jnp.asarray(leaf[full:]), data)

    def chunk(self, start: Position, max_steps: int, epochs: int) -> Chunk:
        chunk = super().chunk(start, max_steps, epochs)
        rows, is_last = chunk.layout.batch_size, chunk.layout is self.remainder
        layout = EpochLayout(rows, rows, 1, shuffle=False, streamed=is_last or self.steps == 1)
        return chunk._replace(layout=layout, data=self._last if is_last else self.example)


def is_streamed(tree: Tree) -> bool:
    """Whether a leaf is read from the disk while training, instead of kept on the device."""
    return any(isinstance(leaf, np.memmap) or is_lazy(leaf) for leaf in jax.tree.leaves(tree))


def row_blocks(array: Any) -> Iterator[tuple[int, Any]]:
    """All rows of an array with the index of the first; those on the disk are read in blocks."""
    count = ROWS_PER_CHECK if is_streamed(array) else max(1, len(array))
    for start in range(0, len(array), count):
        yield start, array[start : start + count]


def is_lazy(leaf: Any) -> bool:
    """Whether ``leaf`` is indexed like an array but reads its rows only then."""
    array_like = all(hasattr(leaf, name) for name in ("shape", "dtype", "__getitem__", "__len__"))
    # Arrays and tables of other libraries are in memory, and are converted as they are.
    return array_like and not any(
        hasattr(leaf, name) for name in ("__array_namespace__", "iloc", "numpy")
    )
