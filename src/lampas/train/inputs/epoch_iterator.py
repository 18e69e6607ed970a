"""Going through a source of batches: once or again and again, whole or cut into epochs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from ...core.errors import ArgumentError, DataError

ENDLESS = 2**31
"""A length from which on it stands for "without end"."""


def is_feed(source: Any) -> bool:
    """Whether ``source`` gives batches in an order of its own: a function, or an iterable.

    Arrays, tables, and lists, tuples and dicts of them do not. What gives batches by number, and
    has a length, is gone through in the order of the numbers.
    """
    arrays = isinstance(source, list | tuple | Mapping | str | bytes | range)
    if arrays or hasattr(source, "shape") or hasattr(source, "__array__"):
        return False
    return callable(source) or isinstance(source, Iterable) or hasattr(source, "__getitem__")


class Passes:
    """The batches of a source, epoch by epoch, as it gives them.

    Without ``steps`` an epoch is one pass: a function is called anew, an iterable begun anew, an
    iterator lasts for one. With ``steps`` the epochs are cut out of pass after pass, each going on
    where the one before ended.

    Args:
        source: a function that returns an iterable of batches, given the number of the pass if it
            takes an argument; an iterable; or an iterator.
        steps: batches an epoch.
        first: the number of the epoch that the source begins with.
    """

    def __init__(self, source: Any, steps: int | None = None, first: int = 0) -> None:
        if steps is not None and steps < 1:
            raise ArgumentError(f"an epoch must have at least 1 step, got {steps}.")
        self.source, self.steps, self.first = source, steps, first
        self.once = isinstance(source, Iterator)
        self._running: Generator[Any, None, None] | None = None
        # What the running passes began with, how many batches they gave, and one given back.
        self._begun, self._given = 0, 0
        self._ahead: list[Any] = []

    @property
    def length(self) -> int | None:
        """Batches an epoch, as far as the source tells."""
        if self.steps is not None:
            return self.steps
        try:
            length = len(self.source)
        except (TypeError, NotImplementedError):
            return None
        return length if 0 < length < ENDLESS else None

    def peek(self) -> Any:
        """The first batch; the first epoch gives it once more."""
        self._ahead = [next(self.epoch(self.first))]
        self._given -= 1
        return self._ahead[0]

    def epoch(self, number: int) -> Generator[Any, None, None]:
        """The batches of one epoch.

        Raises:
            DataError: when there are none, or not as many as there should be.
        """
        came = 0
        for batch in islice(self._from(number), self.steps):
            came += 1
            self._given += 1
            yield batch
        if came < (self.steps or 1):
            raise DataError(self._dry(number, came))

    def close(self) -> None:
        """End what was begun here; an iterator of the user's stays as it is."""
        running, self._running, self._ahead = self._running, None, []
        if running is not None:
            running.close()

    def _from(self, number: int) -> Iterator[Any]:
        """The batches from the beginning of an epoch on."""
        begin, place = number, 0
        if self.steps is not None:
            begin, place = self.first, (number - self.first) * self.steps
        fits = self._begun == begin and self._given <= place
        if self._running is None or not (fits or self.once):
            self.close()
            self._running, self._begun, self._given = self._run(begin), begin, 0
        ahead, self._ahead = self._ahead, []
        skipped = max(0, place - self._given)
        self._given += skipped
        yield from islice(chain(ahead, self._running), skipped, None)

    def _run(self, number: int) -> Generator[Any, None, None]:
        """Pass after pass if epochs are cut out of them, one alone otherwise."""
        going_on = True
        while going_on:
            batches, going_on = self._open(number), False
            try:
                for batch in batches:
                    going_on = self.steps is not None and not self.once
                    yield batch
            finally:
                if not self.once and hasattr(batches, "close"):
                    batches.close()
            number += 1

    def _open(self, number: int) -> Iterator[Any]:
        if isinstance(self.source, Iterable):
            return iter(self.source)
        if not callable(self.source):
            return (self.source[batch] for batch in range(len(self.source)))
        batches = self.source(number) if _wants_number(self.source) else self.source()
        if not isinstance(batches, Iterable):
            raise DataError(
                f"{_name(self.source)} must yield or return batches, it returned "
                f"{type(batches).__name__}."
            )
        return iter(batches)

    def _dry(self, epoch: int, came: int) -> str:
        if not self.once:
            return f"the data gave no batch in epoch {epoch}: {_name(self.source)} has none."
        more = "none was left" if self.steps is None else f"{came} of {self.steps} were left"
        return (
            f"the iterator ended after {self._given} batches; for epoch {epoch} {more}. An "
            "iterator lasts for one pass: give the function that makes it, or what it is made "
            "from, and each epoch begins anew."
        )


def _wants_number(function: Callable[..., Any]) -> bool:
    """Whether a function takes an argument: the number of the pass."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return False
    return any(p.default is p.empty and p.kind <= p.POSITIONAL_OR_KEYWORD for p in parameters)


def _name(source: Any) -> str:
    return str(getattr(source, "__name__", type(source).__name__))
