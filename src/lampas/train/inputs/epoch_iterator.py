"""Iterate over a source of batches, one epoch at a time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain, islice
from typing import Any

from ...core.errors import ArgumentError, DataError

ENDLESS_LENGTH = 2**31
"""Lengths from this one on stand for endless sources."""


class EpochIterator:
    """The batches of a source, epoch by epoch.

    Without ``steps`` an epoch is one pass: a function is called again, an iterable is iterated
    again, an iterator can be used only once. With ``steps`` each epoch continues where the one
    before ended, and passes follow one another.

    Args:
        source: a function that returns an iterable of batches, called with the index of the pass
            if it takes an argument; an iterable; or an iterator.
        steps: batches per epoch.
        first: the index of the epoch that the source begins with.

    Raises:
        ArgumentError: for ``steps`` below 1.
    """

    def __init__(self, source: Any, steps: int | None = None, first: int = 0) -> None:
        if steps is not None and steps < 1:
            raise ArgumentError(f"an epoch must have at least 1 step, got {steps}.")
        self.source, self.steps, self.first = source, steps, first
        self.is_iterator = isinstance(source, Iterator)
        self._running: Generator[Any, None, None] | None = None
        # The epoch that the running passes began with, how many batches they have yielded since,
        # and a batch that was taken by ``peek``.
        self._start_epoch, self._yielded = 0, 0
        self._peeked: list[Any] = []

    @property
    def length(self) -> int | None:
        """Batches per epoch; None if unknown."""
        if self.steps is not None:
            return self.steps
        try:
            length = len(self.source)
        except (TypeError, NotImplementedError):
            return None
        return length if 0 < length < ENDLESS_LENGTH else None

    @property
    def passes_depend_on_earlier_ones(self) -> bool:
        """Whether an epoch is a pass that may differ after other numbers of passes before it."""
        if self.steps is not None or self.is_iterator:
            return False
        return isinstance(self.source, Iterable) or not _takes_argument(self.source)

    def peek(self) -> Any:
        """The first batch; the first epoch yields it once more."""
        self._peeked = [next(self.epoch(self.first))]
        self._yielded -= 1
        return self._peeked[0]

    def epoch(self, number: int) -> Generator[Any, None, None]:
        """The batches of one epoch.

        Raises:
            DataError: if there are none, or fewer than ``steps``.
        """
        count = 0
        for batch in islice(self._batches_from(number), self.steps):
            count += 1
            self._yielded += 1
            yield batch
        if count < (self.steps or 1):
            raise DataError(self._exhausted_message(number, count))

    def close(self) -> None:
        """Close the running pass; an iterator of the user stays as it is."""
        running, self._running, self._peeked = self._running, None, []
        if running is not None:
            running.close()

    def _batches_from(self, number: int) -> Iterator[Any]:
        """The batches from the beginning of an epoch on."""
        start, position = number, 0
        if self.steps is not None:
            start, position = self.first, (number - self.first) * self.steps
        continues = self._start_epoch == start and self._yielded <= position
        if self._running is None or not (continues or self.is_iterator):
            self.close()
            self._running, self._start_epoch, self._yielded = self._run(start), start, 0
        peeked, self._peeked = self._peeked, []
        skipped = max(0, position - self._yielded)
        self._yielded += skipped
        yield from islice(chain(peeked, self._running), skipped, None)

    def _run(self, number: int) -> Generator[Any, None, None]:
        """Pass after pass if epochs have ``steps``, otherwise one pass."""
        repeat = True
        while repeat:
            batches, repeat = self._open(number), False
            try:
                for batch in batches:
                    repeat = self.steps is not None and not self.is_iterator
                    yield batch
            finally:
                if not self.is_iterator and hasattr(batches, "close"):
                    batches.close()
            number += 1

    def _open(self, number: int) -> Iterator[Any]:
        if isinstance(self.source, Iterable):
            return iter(self.source)
        if not callable(self.source):
            return (self.source[batch] for batch in range(len(self.source)))
        batches = self.source(number) if _takes_argument(self.source) else self.source()
        if not isinstance(batches, Iterable):
            raise DataError(
                f"{_source_name(self.source)} must yield or return batches, it returned "
                f"{type(batches).__name__}."
            )
        return iter(batches)

    def _exhausted_message(self, epoch: int, count: int) -> str:
        if not self.is_iterator:
            return f"no batches in epoch {epoch}: {_source_name(self.source)} yielded nothing."
        left = "none was left" if self.steps is None else f"{count} of {self.steps} were left"
        return (
            f"the iterator ended after {self._yielded} batches; for epoch {epoch} {left}. An "
            "iterator can be used only once: pass the function that makes it, or the iterable that "
            "it is made from, and each epoch starts a new pass."
        )


def _takes_argument(function: Callable[..., Any]) -> bool:
    """Whether a function takes an argument: the index of the pass."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return False
    return any(p.default is p.empty and p.kind <= p.POSITIONAL_OR_KEYWORD for p in parameters)


def _source_name(source: Any) -> str:
    return str(getattr(source, "__name__", type(source).__name__))
