"""Save and load models: one safetensors file, with the architecture as JSON in its metadata.

A file cannot run code: loading instantiates only classes of Lampas and those passed by the caller,
with numbers, strings and lists as arguments.
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
from .core.build import infer_shapes
from .core.errors import FileError, Shape, UnknownNameError, format_shape, unknown_name
from .core.filesystem import atomic_write
from .core.functional import assign_values
from .core.module import Module
from .core.tracebacks import filter_traceback
from .layers.base import Layer

FORMAT = 1
_MAX_DEPTH = 100


def _loadable_classes() -> dict[str, type]:
    """The classes of Lampas that a file may name."""
    functions = {
        name: vars(module)[name]
        for module in (activations, initializers, regularizers)
        for name in module.__all__
        if isinstance(vars(module)[name], type)
    }
    return functions | Module.registered_classes


@filter_traceback
def save(model: Module, path: str | Path) -> None:
    """Write a model's architecture and weights to one file, atomically.

    Args:
        model: the model; it must have weights.
        path: the file.

    Raises:
        FileError: when an argument of the model cannot be saved, or the file cannot be written.
    """
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.asarray(variable.value) for name, variable in model.variables().items()}
    built = {
        path: layer.built_shape
        for path, layer in model.modules()
        if isinstance(layer, Layer) and layer.built_shape is not None
    }
    metadata = {
        "format": FORMAT,
        "model": encode(model),
        "built": built,
        "frozen": [path for path, module in model.modules() if module.frozen],
        "input_shape": getattr(model, "input_shape", None),
    }
    content = to_bytes(arrays, metadata={"lampas": json.dumps(metadata)})
    try:
        atomic_write(Path(path), content)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror}.") from error


@filter_traceback
def load(path: str | Path, *classes: type[Module]) -> Any:
    """Read a model that ``model.save`` wrote.

    Args:
        path: the file.
        classes: your own classes that the model consists of.

    Raises:
        FileError: for a file that is missing, damaged, not of Lampas, or needs a class that was not
            passed.

    Example:
        >>> import tempfile
        >>> import lampas as lp
        >>> model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(f"{folder}/model")
        ...     loaded = lp.load(f"{folder}/model")
        >>> bool((loaded.layers[0].kernel.value == model.layers[0].kernel.value).all())
        True
    """
    from safetensors import safe_open

    path = Path(path)
    if not path.is_file():
        raise FileError(f"there is no file {path}.")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = (file.metadata() or {}).get("lampas")
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except Exception as error:  # of many classes, also for dtypes that NumPy does not have
        raise FileError(
            f"{path} is not a complete safetensors file: {error}. Save or copy it again."
        ) from error
    if metadata is None:
        raise FileError(
            f"{path} is a safetensors file, but not of a Lampas model: load reads what model.save "
            "wrote."
        )
    return _restore(path, metadata, arrays, {c.__name__: c for c in classes})


def _restore(
    path: Path, text: str, arrays: Mapping[str, np.ndarray], classes: Mapping[str, type]
) -> Module:
    try:
        metadata = json.loads(text)
        if metadata["format"] != FORMAT:
            raise FileError(
                f"the format is {metadata['format']}, this Lampas reads {FORMAT}. Install the "
                "version of Lampas that wrote it, or a newer one."
            )
        model = decode(metadata["model"], _loadable_classes() | dict(classes))
        if not isinstance(model, Module):
            raise FileError("it does not describe a model.")
        shapes = _build_layers(model, metadata["built"])
        modules = dict(model.modules())
        for module in metadata.get("frozen", []):
            modules[module].frozen = True
        if metadata["input_shape"] is not None:
            model.input_shape = tuple(metadata["input_shape"])  # type: ignore[attr-defined]
    except FileError as error:
        raise FileError(f"{path}: {error}") from error
    except UnknownNameError as error:
        raise FileError(
            f"{path} holds a model of a class that is not part of Lampas. {error} Pass the class: "
            "lampas.load(path, Net)."
        ) from error
    except Exception as error:
        raise FileError(f"{path} does not describe a valid model: {error}") from error
    _load_weights(path, model, arrays, shapes)
    return model


def _build_layers(model: Module, built: Mapping[str, Sequence[int]]) -> dict[int, Shape]:
    """Build each layer for the shape it had, without initial values: those come from the file.

    Returns the shape of each new variable by its identity.
    """

    def build_all() -> None:
        for path, shape in built.items():
            layer = dict(model.modules())[path]
            layer.pre_forward(jnp.zeros(tuple(shape)))

    pending = infer_shapes([model], build_all).pending
    return {id(item.variable): item.shape for item in pending}


def _load_weights(
    path: Path, model: Module, arrays: Mapping[str, np.ndarray], shapes: Mapping[int, Shape]
) -> None:
    variables = Module.variables(model)
    if set(arrays) != set(variables):
        difference = sorted(set(arrays) ^ set(variables))
        raise FileError(f"{path} does not fit its own architecture: {', '.join(difference[:5])}.")
    for name, variable in variables.items():
        array, dtype = arrays[name], variable.value.dtype
        expected = shapes.get(id(variable), variable.shape)
        if (expected, dtype) != (array.shape, array.dtype):
            raise FileError(
                f"{path}: {name} is {array.dtype}{format_shape(array.shape)}, the architecture "
                f"needs {dtype}{format_shape(expected)}."
            )
    assign_values(variables, {name: jnp.asarray(array) for name, array in arrays.items()})


def encode(value: Any, seen: dict[int, int] | None = None) -> Any:
    """A constructor's argument as JSON; a module that occurs twice is written once.

    Args:
        value: the argument.
        seen: indices of the modules that are already written, by identity.

    Raises:
        FileError: for a value that JSON cannot represent, such as a function of your own.
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
    if dataclasses.is_dataclass(value) and type(value).__name__ in _loadable_classes():
        fields = {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"class": type(value).__name__, "arguments": fields}
    for name, function in activations.ACTIVATIONS.items():
        if function is value:
            return {"activation": name}
    raise FileError(
        f"{value!r} cannot be saved as data. Name an activation, initializer or regularizer, or "
        "create the part in __init__ of your own class."
    )


def _encode_module(module: Module, seen: dict[int, int]) -> Any:
    if id(module) in seen:
        return {"same": seen[id(module)]}
    args, kwargs = module.init_arguments
    parameters = list(inspect.signature(type(module).__init__).parameters.values())[1:]
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(args) > len(positional):
        raise FileError(
            f"{type(module).__name__} takes *args, which cannot be saved: name the arguments of "
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
    encoded: Any,
    classes: Mapping[str, Callable[..., Any]],
    modules: list[Module] | None = None,
    depth: int = 0,
) -> Any:
    """The value that :func:`encode` wrote; only ``classes`` are instantiated.

    Args:
        encoded: the JSON value.
        classes: the classes that may occur, by name.
        modules: the modules decoded so far, which later values may refer to by index.
        depth: depth of the nesting.

    Raises:
        UnknownNameError: for another class.
        FileError: for a value that ``encode`` does not write.
    """
    modules = [] if modules is None else modules
    if depth > _MAX_DEPTH:
        raise FileError("the architecture is nested too deeply.")

    def inner(encoded: Any) -> Any:
        return decode(encoded, classes, modules, depth + 1)

    match encoded:
        case None | bool() | int() | float() | str():
            return encoded
        case list():
            return [inner(item) for item in encoded]
        case {"tuple": list(items)}:
            return tuple(inner(item) for item in items)
        case {"dict": dict(items)}:
            return {key: inner(item) for key, item in items.items()}
        case {"float": "nan" | "inf" | "-inf" as text}:
            return float(text)
        case {"activation": str(name)}:
            return activations.get(name)
        case {"same": int(number)} if 0 <= number < len(modules):
            return modules[number]
        case {"class": str(name), "arguments": dict(arguments)}:
            if name not in classes:
                raise unknown_name("class", name, classes)
            instance = classes[name](**{key: inner(item) for key, item in arguments.items()})
            if isinstance(instance, Module):
                modules.append(instance)
            return instance
    raise FileError(f"an unknown value in the architecture: {encoded!r:.80}.")
