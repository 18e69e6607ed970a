"""Models as files: one safetensors file, the architecture as JSON in its metadata.

Nothing in a file can run code. Loading makes objects only of Lampas's own classes and of those
passed by the caller, from numbers, texts and lists.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np

from . import activations, initializers, regularizers
from .core.build import dry_run
from .core.errors import FileError, Shape, UnknownNameError, show_shape, unknown_name
from .core.filesystem import write_whole
from .core.functional import assign
from .core.module import Module
from .core.tracebacks import folded
from .layers.base import Layer

FORMAT = 1
_MOST_DEEP = 100


def _own_classes() -> dict[str, type]:
    """Lampas's classes that a file may name."""
    parts = {
        name: vars(module)[name]
        for module in (activations, initializers, regularizers)
        for name in module.__all__
        if isinstance(vars(module)[name], type)
    }
    return parts | Module.library


@folded
def save(model: Module, path: str | Path) -> None:
    """Write a model's architecture and weights, atomically.

    Raises:
        FileError: when an argument of the model can not be written, or the file can not.
    """
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.asarray(variable.value) for name, variable in model.variables().items()}
    built = {
        path: part.built_for
        for path, part in model.modules()
        if isinstance(part, Layer) and part.built_for is not None
    }
    shape = getattr(model, "input_shape", None)
    about = {
        "format": FORMAT,
        "model": encode(model),
        "built": built,
        "frozen": [path for path, part in model.modules() if part.frozen],
        "input_shape": shape,
    }
    content = to_bytes(arrays, metadata={"lampas": json.dumps(about)})
    try:
        write_whole(Path(path), content)
    except OSError as error:
        raise FileError(f"can not write {path}: {error.strerror}.") from error


@folded
def load(path: str | Path, *classes: type[Module]) -> Any:
    """Read a model that ``save`` wrote.

    Args:
        path: the file.
        classes: your own classes that the model is made of.

    Raises:
        FileError: for a file that is missing, broken, foreign, or needs a class not passed.
    """
    from safetensors import safe_open

    path = Path(path)
    if not path.is_file():
        raise FileError(f"there is no file {path}.")
    try:
        with safe_open(path, framework="numpy") as file:
            about = (file.metadata() or {}).get("lampas")
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except Exception as error:  # the reader raises many kinds, also for types it can not give
        raise FileError(
            f"{path} is not a whole safetensors file: {error}. Save or copy it again."
        ) from error
    if about is None:
        raise FileError(
            f"{path} is a safetensors file, but not of a Lampas model: load reads what model.save "
            "wrote."
        )
    return _restore(path, about, arrays, {c.__name__: c for c in classes})


def _restore(
    path: Path, about: str, arrays: Mapping[str, np.ndarray], given: Mapping[str, type]
) -> Module:
    try:
        known = json.loads(about)
        if known["format"] != FORMAT:
            raise FileError(
                f"the format is {known['format']}, this Lampas reads {FORMAT}. Install the version "
                "of Lampas that wrote it, or a newer one."
            )
        model = decode(known["model"], _own_classes() | dict(given))
        if not isinstance(model, Module):
            raise FileError("it describes no model.")
        shapes = _make_variables(model, known["built"])
        parts = dict(model.modules())
        for module in known.get("frozen", []):
            parts[module].frozen = True
        if known["input_shape"] is not None:
            model.input_shape = tuple(known["input_shape"])  # type: ignore[attr-defined]
    except FileError as error:
        raise FileError(f"{path}: {error}") from error
    except UnknownNameError as error:
        raise FileError(
            f"{path} holds a model of a class that is not Lampas's own. {error} Pass the class: "
            "lampas.load(path, Net)."
        ) from error
    except Exception as error:
        raise FileError(f"{path} describes no model that can be made: {error}") from error
    _fill(path, model, arrays, shapes)
    return model


def _make_variables(model: Module, built: Mapping[str, Sequence[int]]) -> dict[int, Shape]:
    """Build each layer for the shape it had, on shapes alone: its values come from the file.

    Returns the shape of each new variable by its identity.
    """

    def build_layers() -> None:
        for path, shape in built.items():
            layer = dict(model.modules())[path]
            layer.prepare(jnp.zeros(tuple(shape)))

    announced = dry_run([model], build_layers).announced
    return {id(item.variable): item.shape for item in announced}


def _fill(
    path: Path, model: Module, arrays: Mapping[str, np.ndarray], shapes: Mapping[int, Shape]
) -> None:
    variables = Module.variables(model)
    if set(arrays) != set(variables):
        odd = sorted(set(arrays) ^ set(variables))
        raise FileError(f"{path} does not fit its own architecture: {', '.join(odd[:5])}.")
    for name, variable in variables.items():
        array, dtype = arrays[name], variable.value.dtype
        expected = shapes.get(id(variable), variable.shape)
        if (expected, dtype) != (array.shape, array.dtype):
            raise FileError(
                f"{path}: {name} is {array.dtype}{show_shape(array.shape)}, the architecture says "
                f"{dtype}{show_shape(expected)}."
            )
    assign(variables, {name: jnp.asarray(array) for name, array in arrays.items()})


def encode(value: Any, seen: dict[int, int] | None = None) -> Any:
    """A constructor's argument as JSON; a module that occurs twice is written once.

    Raises:
        FileError: for a value that has no form as data, such as a function of your own.
    """
    seen = {} if seen is None else seen
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else {"float": repr(value)}
        case np.generic():
            return encode(value.item())
        case list():
            return [encode(item, seen) for item in value]
        case tuple():
            return {"tuple": [encode(item, seen) for item in value]}
        case dict() if all(isinstance(key, str) for key in value):
            return {"dict": {key: encode(item, seen) for key, item in value.items()}}
        case Module():
            return _encode_module(value, seen)
    if dataclasses.is_dataclass(value) and type(value).__name__ in _own_classes():
        fields = {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"class": type(value).__name__, "arguments": fields}
    for name, function in activations.ACTIVATIONS.items():
        if function is value:
            return {"activation": name}
    raise FileError(
        f"{value!r} can not be saved: it has no form as data. Name an activation, initializer or "
        "regularizer, or build the part in __init__ of a class of your own."
    )


def _encode_module(module: Module, seen: dict[int, int]) -> Any:
    if id(module) in seen:
        return {"same": seen[id(module)]}
    args, kwargs = module._arguments
    parameters = list(inspect.signature(type(module).__init__).parameters.values())[1:]
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(args) > len(positional):
        raise FileError(
            f"{type(module).__name__} takes *args, which can not be saved: name the arguments of "
            "its __init__."
        )
    arguments = dict(zip(positional, args, strict=False)) | kwargs
    try:
        encoded = {name: encode(value, seen) for name, value in arguments.items()}
    except FileError as error:
        raise FileError(f"{type(module).__name__}: {error}") from error
    seen[id(module)] = len(seen)
    return {"class": type(module).__name__, "arguments": encoded}


def decode(
    form: Any,
    classes: Mapping[str, Callable[..., Any]],
    made: list[Module] | None = None,
    depth: int = 0,
) -> Any:
    """The value that :func:`encode` wrote; only ``classes`` are made.

    Raises:
        UnknownNameError: for another class.
        FileError: for a form that ``encode`` does not write.
    """
    made = [] if made is None else made
    if depth > _MOST_DEEP:
        raise FileError("the architecture is nested too deeply.")

    def inner(form: Any) -> Any:
        return decode(form, classes, made, depth + 1)

    match form:
        case None | bool() | int() | float() | str():
            return form
        case list():
            return [inner(item) for item in form]
        case {"tuple": list(items)}:
            return tuple(inner(item) for item in items)
        case {"dict": dict(items)}:
            return {key: inner(item) for key, item in items.items()}
        case {"float": "nan" | "inf" | "-inf" as text}:
            return float(text)
        case {"activation": str(name)}:
            return activations.get(name)
        case {"same": int(number)} if 0 <= number < len(made):
            return made[number]
        case {"class": str(name), "arguments": dict(arguments)}:
            if name not in classes:
                raise unknown_name("class", name, classes)
            thing = classes[name](**{key: inner(item) for key, item in arguments.items()})
            if isinstance(thing, Module):
                made.append(thing)
            return thing
    raise FileError(f"an unknown form of data: {form!r:.80}.")
