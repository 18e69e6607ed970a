"""Threads take turns at a model; while one trains it, the others get an error."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

from ..core.errors import LampasError

F = TypeVar("F", bound=Callable[..., Any])


class ModelLock:
    """The lock of one model."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._trained_by: int | None = None
        """Identity of the thread that trains the model."""

    @contextmanager
    def turn(self, trains: bool) -> Iterator[None]:
        """A block in which this thread alone uses the model.

        Raises:
            LampasError: if another thread trains the model.
        """
        self.check()
        with self._lock:
            before = self._trained_by
            self._trained_by = threading.get_ident() if trains else before
            try:
                yield
            finally:
                self._trained_by = before

    def check(self) -> None:
        """Raise LampasError if another thread trains the model."""
        if self._trained_by not in (None, threading.get_ident()):
            raise LampasError(
                "another thread trains this model. Wait until its fit has ended, or use a copy "
                "that was made before: copy.deepcopy(model)."
            )


def takes_turns(*, trains: bool = False) -> Callable[[F], F]:
    """Decorator of the methods of a model, which has a ``lock``, that one thread at a time may run.

    Args:
        trains: whether other threads get an error at once instead of waiting.
    """

    def decorate(method: F) -> F:
        @wraps(method)
        def in_turn(self: Any, *args: Any, **kwargs: Any) -> Any:
            with self.lock.turn(trains):
                return method(self, *args, **kwargs)

        return cast(F, in_turn)

    return decorate
