"""What ``compile`` chose as plain data, as model files hold it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import losses, metrics
from ..core.errors import ArgumentError
from ..optimizers import schedules
from ..saving.config import deserialize_keras_object, serialize_keras_object
from ..saving.registry import LAMPAS_OBJECTS

# Some losses and metrics have the same name.
LAMPAS_OBJECTS |= {
    f"{module.__name__.rpartition('.')[2]}.{name}": vars(module)[name]
    for module in (losses, metrics, schedules)
    for name in module.__all__
    if isinstance(vars(module)[name], type)
}
_WITHOUT_MEANING = ("auto_scale_loss", "jit_compile", "steps_per_execution")


def serialize_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``compile`` as plain data; the reason for those that have none."""
    config: dict[str, Any] = {}
    for name, value in arguments.items():
        if value is None or name in _WITHOUT_MEANING:
            continue
        try:
            config[name] = serialize_keras_object(value)
        except ArgumentError as error:
            config[name] = {"unsaved": str(error)}
    return config


def deserialize_arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``compile``.

    Raises:
        ArgumentError: for an argument that the file does not hold, or that names a function or
            class which was not passed.
    """
    arguments: dict[str, Any] = {}
    for name, value in config.items():
        match value:
            case {"unsaved": reason}:
                raise ArgumentError(f"its {name} is not in the file: {reason!s:.200}")
        try:
            arguments[name] = deserialize_keras_object(value)
        except Exception as error:
            raise ArgumentError(f"its {name}: {error}") from error
    return arguments
