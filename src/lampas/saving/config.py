"""Configurations: the arguments of a constructor as plain data, in the form of Keras."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Self, cast

import jax.numpy as jnp
import numpy as np

from .. import activations
from ..core.arguments import CheckedFields, argument_names, is_of_lampas
from ..core.errors import ArgumentError
from ..core.module import Module
from ..core.variable import Variable
from .registry import custom_object_scope, get_registered_name, get_registered_object


class Configured:
    """Base of what has ``get_config`` and ``from_config``: layers, models, losses and the like.

    A class of your own adds its arguments, as in Keras::

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    Such a class is written to model files by its configuration, others by the arguments that their
    constructor was called with.
    """

    def get_config(self) -> dict[str, Any]:
        """The arguments that create this object again, without its weights, as plain data.

        They are those of its constructor, or if a class of your own calls this method, those of the
        class of Lampas that it extends; with ``name`` and ``trainable``. Functions and objects are
        written by name.

        Raises:
            ArgumentError: for a lambda, which has no name.

        Example:
            >>> import lampas as lp
            >>> lp.Dropout(0.5, name="drop").get_config()["rate"]
            0.5
        """
        kind: Any = type(self)
        if has_own_config(self):
            kind = next(filter(is_of_lampas, kind.__mro__))
        parameters, inherited = _parameters(type(self)), _parameters(kind)
        args, kwargs = getattr(self, "init_arguments", ((), {}))
        passed = dict(zip(parameters, args, strict=False)) | kwargs
        # What a class of one's own does not take itself, it has passed on.
        names = {*argument_names(kind.__init__), *(passed.keys() - parameters.keys())}
        # Attributes of a module of one's own may differ from the arguments of the same names.
        is_transparent = is_of_lampas(kind) or not isinstance(self, Module)
        attributes = vars(self) if is_transparent else {}
        config = {name: p.default for name, p in inherited.items() if p.default is not p.empty}
        for values in (passed, attributes):
            config |= {name: value for name, value in values.items() if name in names}
        for name in ("name", "trainable"):
            if hasattr(self, name):
                config[name] = getattr(self, name)
        return {name: serialize_keras_object(value) for name, value in config.items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """A new object from what :meth:`get_config` returned; its weights are new.

        Args:
            config: the arguments of the constructor by name.

        Raises:
            ArgumentError: for a class or function that is not registered.

        Example:
            >>> import lampas as lp
            >>> lp.Dense.from_config(lp.Dense(3, "relu").get_config()).units
            3
        """
        values = {name: deserialize_keras_object(value) for name, value in config.items()}
        parameters = inspect.signature(cls.__init__).parameters
        takes_options = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
        trainable = "trainable" in parameters or values.pop("trainable", True)
        name = values.get("name")
        if name is None or not (takes_options or "name" in parameters):
            values.pop("name", None)
        created: Any = cls(**values)
        if not trainable:
            created.trainable = False
        return cast(Self, created)


def serialize_keras_object(value: Any) -> Any:
    """A value as plain data: objects by class and configuration, functions by name.

    Args:
        value: numbers, texts, lists, tuples and dicts of them; an activation or another function;
            a layer, an initializer, or another object that has ``get_config``.

    Raises:
        ArgumentError: for a lambda and other values that have no name.

    Example:
        >>> import lampas as lp
        >>> lp.saving.serialize_keras_object(lp.regularizers.L2(0.5))
        {'class_name': 'L2', 'config': {'l2': 0.5}}
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case np.generic() | jnp.ndarray(shape=()):
            return value.item()
        case list():
            return [serialize_keras_object(item) for item in value]
        case tuple():
            return tuple(serialize_keras_object(item) for item in value)
        case dict():
            return {key: serialize_keras_object(item) for key, item in value.items()}
    for name, function in activations.ACTIVATIONS.items():
        if function is value:
            return name
    if callable(value) and hasattr(value, "__name__"):
        return {"function": get_registered_name(value)}
    if hasattr(value, "get_config"):
        config = value.get_config()
    elif (fields := field_values(value)) is not None:
        config = {name: serialize_keras_object(item) for name, item in fields.items()}
    else:
        raise ArgumentError(
            f"{type(value).__name__} has no plain data to describe it; write a method get_config."
        )
    return {"class_name": get_registered_name(type(value)), "config": config}


def deserialize_keras_object(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The value that :func:`serialize_keras_object` described.

    Args:
        config: the plain data.
        custom_objects: classes and functions of your own by name, unless they are registered.

    Raises:
        ArgumentError: for an unknown class or function.

    Example:
        >>> import lampas as lp
        >>> config = {"class_name": "Dense", "config": {"units": 3}}
        >>> lp.saving.deserialize_keras_object(config).units
        3
    """

    with custom_object_scope(custom_objects or {}):
        match config:
            case list() | tuple():
                return type(config)(map(deserialize_keras_object, config))
            case {"function": str(name)} if len(config) == 1:
                return _find(name)
            case {"class_name": str(name), "config": dict(values)}:
                return create_from_config(_find(name), values)
            case dict():
                return {key: deserialize_keras_object(item) for key, item in config.items()}
    return config


def has_own_config(value: Any) -> bool:
    """Whether the class of ``value`` is described by a ``get_config`` of the user."""
    method = getattr(type(value), "get_config", None)
    return method is not None and not is_of_lampas(method)


def field_values(value: Any) -> dict[str, Any] | None:
    """The arguments that create an object: its fields; None for a class with other attributes."""
    if dataclasses.is_dataclass(value):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
    if not isinstance(value, CheckedFields):
        return None
    # The variables of a metric are its state.
    attributes = {k: v for k, v in vars(value).items() if not isinstance(v, Variable)}
    name = attributes.pop("_name", None)
    return None if attributes else {} if name is None else {"name": name}


def create_from_config(kind: Callable[..., Any], config: dict[str, Any]) -> Any:
    """An object of a class from its configuration."""
    if hasattr(kind, "from_config"):
        return kind.from_config(config)
    return kind(**deserialize_keras_object(config))


def _find(name: str) -> Any:
    value = get_registered_object(name)
    if value is None:
        last = name.rpartition(">")[2][:80]
        raise ArgumentError(
            f"{last!r} is neither part of Lampas nor registered; pass it as custom_objects={{"
            f'"{last}": {last}}}, or decorate it by lampas.saving.register_keras_serializable().'
        )
    return value


def _parameters(kind: Any) -> dict[str, inspect.Parameter]:
    """The parameters of a constructor that have a name of their own."""
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    _, *parameters = inspect.signature(kind.__init__).parameters.values()
    return {p.name: p for p in parameters if p.kind in named}
