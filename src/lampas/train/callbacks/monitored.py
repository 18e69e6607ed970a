"""What callbacks share that watch one logged value."""

from __future__ import annotations

from typing import Literal

from ...core.errors import ArgumentError
from .base import Logs

Mode = Literal["auto", "min", "max"]
_GROWING = ("acc", "accuracy", "auc", "precision", "recall", "f1_score", "r2_score")


def larger_is_better(monitor: str, mode: str) -> bool:
    """Whether an improvement of ``monitor`` is an increase.

    Raises:
        ArgumentError: for a mode other than auto, min and max.
    """
    if mode not in ("auto", "min", "max"):
        raise ArgumentError(f'mode must be "auto", "min" or "max", got {mode!r}.')
    return mode == "max" or (mode == "auto" and monitor.endswith(_GROWING))


def monitored(monitor: str, logs: Logs | None, who: str) -> float:
    """The value of ``monitor``.

    Raises:
        ArgumentError: when it is not logged; names those that are.
    """
    logs = logs or {}
    if monitor not in logs:
        hint = ""
        if monitor.startswith("val_") and not any(name.startswith("val_") for name in logs):
            hint = " Give fit validation_data= or validation_split=."
        raise ArgumentError(
            f"{who} watches {monitor!r}, which is not logged; logged are: {', '.join(logs)}.{hint}"
        )
    return float(logs[monitor])
