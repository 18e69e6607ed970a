"""Code that runs at fixed points of a fit, and the history of one."""

from typing import Any

from .core.absent import absent
from .train import callbacks
from .train.callbacks import *  # noqa: F403
from .train.history import History as History

__all__ = [*callbacks.__all__, "History"]


def __getattr__(name: str) -> Any:
    raise absent(f"module {__name__!r}", name)
