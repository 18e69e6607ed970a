"""Properties that a user's class may replace by attributes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class overridable(Generic[T]):  # noqa: N801, a decorator
    """A property that an attribute of the same name replaces, if a user's class assigns one."""

    def __init__(self, method: Callable[[Any], T]) -> None:
        self.method, self.__doc__ = method, method.__doc__

    def __get__(self, owner: Any, kind: type | None = None) -> T:
        return self.method(owner) if owner is not None else self  # type: ignore[return-value]
