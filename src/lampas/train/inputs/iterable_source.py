"""Batches from an iterable, in its own order, as the steps of a fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ...core.errors import ArgumentError, DataError
from ...core.variable import Array
from ..checkpoint import fingerprint
from ..epoch import EpochLayout, Position
from ..source import Chunk, Source
from ..step import Batch, Tree, num_examples
from ..trainer import Trainer
from .adapter import ClassWeight, TrainingData, read_inputs
from .batch_adapter import BatchAdapter
from .chunk_buffer import BatchChunk
from .frames import batches_of
from .prefetch_loader import PrefetchLoader
from .streaming import take_rows

UNKNOWN_STEPS = 2**30
"""Stands for the number of steps of an epoch, which may be unknown before its end."""


class IterableSource(Source):
    """Steps from a loader, which also determines where epochs end."""

    def __init__(self, loader: PrefetchLoader) -> None:
        self.loader, self.example = loader, loader.example()
        self.layout = _layout(num_examples(self.example))
        self._chunks: Iterator[BatchChunk] = iter(())
        self._position: Position | None = None
        self._current: tuple[Position, BatchChunk] | None = None
        self._expected: dict[str, Any] = {}

    @property
    def steps(self) -> int | None:
        return self.loader.steps

    def chunk(self, start: Position, max_steps: int, epochs: int) -> Chunk | None:
        if start.step_in_epoch == 0 or start != self._position:
            self._chunks = self.loader.chunks(start.epoch, skip=start.step_in_epoch)
        batches = next(self._chunks, None)
        self._check_start()
        if batches is None:
            return None
        self._current, step = (start, batches), start.step + batches.steps
        if batches.ends_epoch:
            self._position = Position(step, start.epoch + 1, 0)
        else:
            self._position = Position(step, start.epoch, start.step_in_epoch + batches.steps)
        data = jax.tree.map(jnp.asarray, batches.data)
        layout, indices = _layout(batches.batch_size), jnp.asarray(batches.indices)
        return Chunk(layout, start, self._position, indices, data)

    def batch(self, position: Position) -> tuple[Batch, Array]:
        """The batch after ``position`` if it is loaded, otherwise the first or last one that is."""
        if self._current is None:
            example = jax.tree.map(jnp.asarray, self.example)
            return example, jnp.arange(self.layout.batch_size, dtype=jnp.int32)
        start, batches = self._current
        first = min(position.step - start.step, batches.steps - 1) * batches.batch_size
        rows = slice(first, first + batches.batch_size)
        data = jax.tree.map(lambda leaf: jnp.asarray(leaf[rows]), batches.data)
        return data, jnp.asarray(batches.indices[rows])

    def set_interrupt_check(self, interrupted: Callable[[], bool]) -> None:
        self.loader.is_interrupted = interrupted

    def set_data_check(self, check: Callable[[Tree, Tree], None]) -> None:
        self.loader.adapter.check = check

    def progress(self) -> dict[str, Any]:
        if self.loader.epoch_start is None:
            return {}
        epoch, batch = self.loader.epoch_start
        return {"epoch": epoch, "first batch": fingerprint(batch)}

    def resume(self, progress: dict[str, Any], position: Position) -> None:
        epochs, self._expected = self.loader.epochs, progress
        if progress and epochs.passes_depend_on_earlier_ones:
            is_later = progress["epoch"] > epochs.first
            # Where a later pass began like the first one, each pass is the same.
            if not (is_later and progress["first batch"] == fingerprint(self.example)):
                self.loader.replay(position.epoch)
                self._check_start()

    def _check_start(self) -> None:
        """Compare the first batch of an epoch with that before the fit was interrupted."""
        epoch, _ = self.loader.epoch_start or (None, None)
        if epoch is None or epoch != self._expected.get("epoch"):
            return
        start, expected, self._expected = self.progress(), self._expected, {}
        if start != expected:
            raise DataError(
                f"epoch {start['epoch']} begins with a different batch than before the fit "
                "was interrupted, so it cannot be resumed. Create the loader again with the same "
                "seed, such as DataLoader(..., generator=torch.Generator().manual_seed(0)), and "
                "give each loader a generator of its own; or pass a function of the epoch's number."
            )

    def close(self) -> None:
        self.loader.close()


@dataclass(frozen=True)
class IterableData(TrainingData):
    """A source of batches for one model.

    Args:
        x: the function, iterable or iterator.
        y: the name of the targets, if batches are dicts.
    """

    def split(self, fraction: float) -> tuple[TrainingData, TrainingData]:
        raise ArgumentError(
            "validation_split needs all examples at once, and these come batch by batch; give "
            "validation_data=."
        )

    def open(
        self, batch_size: int, shuffle: bool, key: Any, first_epoch: int, chunk_steps: int | None
    ) -> tuple[Source, Tree, Tree]:
        adapter = BatchAdapter(
            targets=True if self.trainer.needs_targets else None,
            target=self.y if isinstance(self.y, str) else None,
            class_weight=self.class_weight,  # type: ignore[arg-type]
            loss=self.trainer.loss,
            convert=partial(read_inputs, self.trainer.model),
        )
        options: dict[str, Any] = {"first_epoch": first_epoch, "chunk_steps": chunk_steps}
        batches = batches_of(self.x, batch_size)
        source = IterableSource(PrefetchLoader(batches, adapter, steps=self.steps, **options))
        return source, source.example.x, source.example.y


def adapt_batches(
    trainer: Trainer,
    x: Any,
    y: Any = None,
    weights: Any = None,
    class_weight: ClassWeight | None = None,
    steps: int | None = None,
    name: str = "the data",
) -> TrainingData:
    """Data that comes in batches; its batches are checked as they come.

    Args:
        trainer: the programs of the model.
        x: a function, an iterable or an iterator; see :class:`EpochIterator`.
        y: the name of the targets, if batches are dicts.
        weights: must be None: the batches have their weights.
        class_weight: weight of each class in the loss.
        steps: batches per epoch; None for a whole pass through the source.
        name: name of the data in error messages.

    Raises:
        DataError: for targets or weights in addition to the batches.
    """
    if not (y is None or isinstance(y, str)) or weights is not None:
        raise DataError(
            f"the batches of {name} must contain their targets and weights, as (x, y) or "
            "(x, y, sample_weight); y= may be the name of the targets where they are dicts."
        )
    targets = y if trainer.needs_targets else ()
    return IterableData(trainer, x, targets, None, class_weight, steps)


def passes_of(data: TrainingData, batch_size: int, shuffle: bool, seed: int) -> TrainingData:
    """Arrays as batches, pass after pass, of which each epoch takes the next ``data.steps``.

    Args:
        data: arrays; data in batches is returned as it is.
        batch_size: examples per batch.
        shuffle: whether each pass has an order of its own.
        seed: seed of these orders.
    """
    if isinstance(data, IterableData) or data.steps is None:
        return data
    examples = Batch(data.x, data.y, data.total_weights())
    count = num_examples(examples)
    if data.steps == -(-count // batch_size):
        return replace(data, steps=None)

    def batches(number: int) -> Iterator[tuple[Any, ...]]:
        rng = np.random.default_rng((seed, number))
        order = rng.permutation(count) if shuffle else np.arange(count)
        for start in range(0, count, batch_size):
            rows = order[start : start + batch_size]
            yield tuple(jax.tree.map(partial(take_rows, rows=rows), examples))

    return IterableData(data.trainer, batches, None, steps=data.steps)


def _layout(batch_size: int) -> EpochLayout:
    return EpochLayout(batch_size, batch_size, UNKNOWN_STEPS, shuffle=False, streamed=True)
