"""The architecture of a model as JSON, and the model from it.

What is described can be created: the model is created again from its description, without weights,
and compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import jax.numpy as jnp

from ..core.arguments import argument_names
from ..core.build import build, infer_shapes, restoring
from ..core.errors import ArgumentError, FileError, Shape
from ..core.module import Module
from ..core.random import preserve_seeds
from .encoding import Encoder, constructor_arguments, decode, encode
from .registry import custom_object_scope

FORMATS = (1, 2)
"""The formats of files that can be read; the last one is written. The first had no optimizer."""


class Description(NamedTuple):
    """An architecture as JSON, and the classes and functions of the user that it names."""

    text: str
    custom_objects: Mapping[str, Any]


_recreated: WeakKeyDictionary[Module, tuple[str, Module, Mapping[int, Shape]]] = WeakKeyDictionary()
"""Of each described model, the description and the model that was created from it."""


def describe(
    model: Module, keep_objects: bool = False, replacements: Mapping[int, Any] | None = None
) -> Description:
    """The architecture of a model, from which :func:`create` makes the same model again.

    Parts whose attributes were changed after they were created are described by their attributes.

    Args:
        model: the model.
        keep_objects: whether functions without a name are allowed, for a clone in this process.
        replacements: other modules by the identity of those that they replace.

    Raises:
        FileError: when an argument cannot be represented, or the description would create another
            model.
    """
    model.variables()  # a Sequential of known input shape creates them now
    encoder = partial(Encoder, keep_objects, replacements or {})
    description = _describe(model, encoder())
    if replacements:
        return description
    try:
        differences = _differences(model, description)
    except FileError as error:
        differences = dict.fromkeys(dict(model.modules()), str(error))
    if not differences:
        return description
    changed = frozenset(
        id(part)
        for path, part in model.modules()
        if any(not path or f"{other}/".startswith(f"{path}/") for other in differences)
    )
    try:
        description = _describe(model, encoder(changed))
        if not _differences(model, description, changed):
            return description
    except FileError:
        pass
    (path, difference), *_ = differences.items()
    raise FileError(
        f"the file would create a different model, {f'at {path!r} ' if path else ''}"
        f"because {difference}. Make such changes in __init__ of the class, by an argument."
    )


def _describe(model: Module, encoder: Encoder) -> Description:
    built = {
        path: shape
        for path, part in model.modules()
        if (shape := getattr(part, "built_shape", None)) is not None
    }
    metadata = {
        "format": FORMATS[-1],
        "model": encoder.encode(model),
        "built": {} if encoder.replacements else built,
        "frozen": list(model.frozen_modules()),
        "input_shape": getattr(model, "example_shape", None),
        "input_columns": getattr(model, "input_columns", {}),
    }
    return Description(json.dumps(metadata), encoder.custom_objects)


def _differences(
    model: Module, description: Description, changed: frozenset[int] = frozenset()
) -> dict[str, str]:
    """How the model that a description creates differs from ``model``, by path of the module."""
    if model not in _recreated or _recreated[model][0] != description.text:
        with preserve_seeds(), custom_object_scope(description.custom_objects):
            _recreated[model] = (description.text, *create(json.loads(description.text)))
    _, other, shapes = _recreated[model]
    differences = {}
    parts, twins = dict(model.modules()), dict(other.modules())
    for path, part in parts.items():
        twin = twins.get(path)
        if twin is None or type(twin) is not type(part):
            differences[path] = f"the {type(part).__name__} was put there later"
            continue
        values = [constructor_arguments(part, changed), constructor_arguments(twin)]
        names = argument_names(type(part).__init__)
        attributes = [{name: vars(m).get(name) for name in names} for m in (part, twin)]
        for mine, its in (values, attributes):
            for name in mine.keys() | its.keys():
                a, b = mine.get(name), its.get(name)
                is_data = name != "name" and not _contains_modules(a)
                if is_data and _comparable(a) != _comparable(b):
                    differences[path] = f"{name} was changed from {b!r:.60} to {a!r:.60}"
    differences |= dict.fromkeys(twins.keys() - parts.keys(), "a layer was removed")
    shapes_here = {path: variable.shape for path, variable in Module.variables(model).items()}
    shapes_there = {
        path: shapes.get(id(variable), variable.shape)
        for path, variable in Module.variables(other).items()
    }
    for path in shapes_here.keys() | shapes_there.keys():
        if shapes_here.get(path) != shapes_there.get(path):
            differences.setdefault(path.rpartition("/")[0], f"of the variable {path!r}")
    return differences


def _contains_modules(value: object) -> bool:
    match value:
        case list() | tuple():
            return any(map(_contains_modules, value))
        case dict():
            return any(map(_contains_modules, value.values()))
    return isinstance(value, Module)


def _comparable(value: object) -> str | None:
    """A text that is the same for the same data; None for what cannot be represented."""
    try:
        return json.dumps(encode(value))
    except (ArgumentError, FileError):
        return None


def create(
    metadata: Mapping[str, Any], initialize: bool = False
) -> tuple[Module, Mapping[int, Shape]]:
    """The model of a description, and the shapes of the variables that have no value yet.

    Args:
        metadata: the description.
        initialize: whether the variables get initial values.

    Raises:
        FileError: for a description that does not give a model.
    """
    try:
        if metadata["format"] not in FORMATS:
            raise FileError(
                f"the format is {metadata['format']}, this Lampas reads {FORMATS[-1]}. Install the "
                "version of Lampas that wrote it, or a newer one."
            )
        with restoring():
            model = decode(metadata["model"])
            if not isinstance(model, Module):
                raise FileError("it does not describe a model.")
            build_layers = partial(_build_layers, model, metadata["built"])
            pending = [] if initialize else infer_shapes([model], build_layers).pending
        if initialize:
            build(model, build_layers)
        modules = dict(model.modules())
        frozen = [modules[path] for path in metadata.get("frozen", [])]
        for module in modules.values():
            module.frozen = module in frozen
        if metadata["input_shape"] is not None:
            model.example_shape = tuple(metadata["input_shape"])  # type: ignore[attr-defined]
        vars(model)["input_columns"] = dict(metadata.get("input_columns", {}))
    except FileError:
        raise
    except Exception as error:
        raise FileError(f"it does not describe a valid model: {error}") from error
    return model, {id(item.variable): item.shape for item in pending}


def _build_layers(model: Module, built: Mapping[str, Sequence[int]]) -> None:
    """Build each layer for the shape it had."""
    modules = dict(model.modules())
    for path, shape in built.items():
        if path not in modules:  # made when another one was built
            modules = dict(model.modules())
        modules[path].pre_forward(_zeros(shape))


def _zeros(shape: Any) -> Any:
    """An array of a shape, or several."""
    if isinstance(shape, dict):
        return {name: _zeros(item) for name, item in shape.items()}
    if shape and isinstance(shape[0], list):
        return [_zeros(item) for item in shape]
    return jnp.zeros(tuple(shape))
