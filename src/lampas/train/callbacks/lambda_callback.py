"""A callback of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core.errors import ArgumentError, unknown_name
from .base import Callback

_HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))


class LambdaCallback(Callback):
    """Call functions while a fit goes on: ``LambdaCallback(on_epoch_end=lambda epoch, logs: ...)``.

    Each argument is a hook of :class:`Callback` and takes what that takes.
    Raises UnknownNameError for another name, ArgumentError for what can not be called.
    """

    def __init__(self, **hooks: Callable[..., Any] | None) -> None:
        for name, function in hooks.items():
            if name not in _HOOKS:
                raise unknown_name("hook", name, _HOOKS)
            if function is None:
                continue
            if not callable(function):
                raise ArgumentError(f"{name} must be a function, got {function!r}.")
            setattr(self, name, function)
