"""Save and load models: one safetensors file, with the architecture as JSON in its metadata.

A file cannot run code: loading instantiates only classes of Lampas and those passed by the caller,
with numbers, strings and lists as arguments. It does not reach the network, and a checksum detects
damage. What is saved can be loaded: the model is created again from its description, without
weights, and compared.
"""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import json
import math
import reprlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import jax.numpy as jnp
import numpy as np

from . import activations, constraints, initializers, regularizers
from .core.arguments import argument_names
from .core.build import infer_shapes, restoring
from .core.errors import FileError, Shape, format_shape
from .core.filesystem import atomic_write
from .core.functional import assign_values
from .core.module import Module
from .core.random import preserve_seeds
from .core.tracebacks import filter_traceback
from .layers.base import Layer

FORMAT = 1
_MAX_DEPTH = 100
_MAX_MESSAGE = 500
"""Length of what a message quotes from a file."""


def _loadable_classes() -> dict[str, type]:
    """The classes of Lampas that a file may name."""
    functions = {
        name: vars(module)[name]
        for module in (activations, constraints, initializers, regularizers)
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
        FileError: when :func:`describe` raises it, or the file cannot be written.
    """
    from safetensors.numpy import save as to_bytes

    arrays = {name: np.asarray(variable.value) for name, variable in model.variables().items()}
    text = describe(model)
    # In one entry, since the library writes several in any order.
    verified = json.loads(text) | {"checksum": checksum(text, arrays)}
    content = to_bytes(arrays, metadata={"lampas": json.dumps(verified)})
    try:
        atomic_write(Path(path), content)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror}.") from error


@filter_traceback
def load(path: str | Path, *classes: type[Module], verify: bool = True) -> Any:
    """Read a model that ``model.save`` wrote.

    Args:
        path: the file.
        classes: your own classes that the model consists of.
        verify: whether the file must have a checksum that matches its content. Without it damaged
            weights are not detected.

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
            metadata = file.metadata() or {}
            names = file.keys() if "lampas" in metadata else []
            arrays = {name: file.get_tensor(name) for name in names}
    except Exception as error:  # of many classes, also for dtypes that NumPy does not have
        raise FileError(
            f"{path} is not a complete safetensors file: {_shorten(error)}. Save or copy it again."
        ) from error
    if "lampas" not in metadata:
        raise FileError(
            f"{path} is a safetensors file, but not of a Lampas model: load reads what model.save "
            "wrote."
        )
    try:
        description = _parse(metadata["lampas"])
        if verify:
            _verify(description, arrays)
        model, shapes = _create(description, {c.__name__: c for c in classes})
        _load_weights(model, arrays, shapes)
    except FileError as error:
        raise FileError(f"{path}: {_shorten(error)}") from error
    return model


def _parse(text: str) -> dict[str, Any]:
    try:
        description = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileError(f"its description of the model is not valid JSON: {error}") from error
    if not isinstance(description, dict):
        raise FileError("its description of the model is not a JSON object.")
    return description


def _verify(description: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Raise FileError unless the checksum in the description matches the rest and the arrays."""
    content = dict(description)
    expected = content.pop("checksum", None)
    if expected is None:
        raise FileError(
            "the file has no checksum, without which damage cannot be detected. Save the model "
            "again, or read it unverified with lampas.load(path, verify=False)."
        )
    if expected != checksum(json.dumps(content), arrays):
        raise FileError(
            "the file is damaged: its checksum does not match its content. Copy or download it "
            "again."
        )


def checksum(text: str, arrays: Mapping[str, np.ndarray]) -> str:
    """CRC-32 of a text and named arrays, independent of the order of the arrays."""
    value = zlib.crc32(text.encode())
    for name in sorted(arrays):
        value = zlib.crc32(arrays[name].tobytes(), zlib.crc32(name.encode(), value))
    return f"{value:08x}"


def _shorten(error: object) -> str:
    text = str(error)
    return text if len(text) <= _MAX_MESSAGE else f"{text[:_MAX_MESSAGE]} ..."


_recreated: WeakKeyDictionary[Module, tuple[str, Module, Mapping[int, Shape]]] = WeakKeyDictionary()
"""Of each described model, the description and the model that was created from it."""


def describe(model: Module) -> str:
    """The architecture of a model as JSON, from which ``load`` creates the same model again.

    Parts whose attributes were changed after they were created are described by their attributes.

    Raises:
        FileError: when an argument cannot be represented, or the description would create another
            model.
    """
    model.variables()  # a Sequential of known input shape creates them now
    text = _describe(model)
    try:
        differences = _differences(model, text)
    except FileError as error:
        differences = dict.fromkeys(dict(model.modules()), str(error))
    if not differences:
        return text
    changed = frozenset(
        id(part)
        for path, part in model.modules()
        if any(not path or f"{other}/".startswith(f"{path}/") for other in differences)
    )
    try:
        text = _describe(model, changed)
        if not _differences(model, text, changed):
            return text
    except FileError:
        pass
    (path, difference), *_ = differences.items()
    raise FileError(
        f"the file would create a different model, {f'at {path!r} ' if path else ''}"
        f"because {difference}. Make such changes in __init__ of the class, by an argument."
    )


def _describe(model: Module, changed: frozenset[int] = frozenset()) -> str:
    built = {
        path: layer.built_shape
        for path, layer in model.modules()
        if isinstance(layer, Layer) and layer.built_shape is not None
    }
    metadata = {
        "format": FORMAT,
        "model": encode(model, changed=changed),
        "built": built,
        "frozen": [path for path, module in model.modules() if module.frozen],
        "input_shape": getattr(model, "input_shape", None),
        "input_columns": getattr(model, "input_columns", {}),
    }
    return json.dumps(metadata)


def _differences(model: Module, text: str, changed: frozenset[int] = frozenset()) -> dict[str, str]:
    """How the model that a description creates differs from ``model``, by path of the module."""
    if model not in _recreated or _recreated[model][0] != text:
        classes = {type(part).__name__: type(part) for _, part in model.modules()}
        with preserve_seeds():
            _recreated[model] = (text, *_create(json.loads(text), classes))
    _, other, shapes = _recreated[model]
    differences = {}
    parts, twins = dict(model.modules()), dict(other.modules())
    for path, part in parts.items():
        twin = twins.get(path)
        if twin is None or type(twin) is not type(part):
            differences[path] = f"the {type(part).__name__} was put there later"
            continue
        values = [_arguments(part, changed), _arguments(twin, frozenset())]
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
    except FileError:
        return None


def _create(
    metadata: Mapping[str, Any], classes: Mapping[str, type]
) -> tuple[Module, Mapping[int, Shape]]:
    """The model of a description, and the shapes of the variables that have no value yet."""
    try:
        if metadata["format"] != FORMAT:
            raise FileError(
                f"the format is {metadata['format']}, this Lampas reads {FORMAT}. Install the "
                "version of Lampas that wrote it, or a newer one."
            )
        with restoring():
            model = decode(metadata["model"], _loadable_classes() | dict(classes))
            if not isinstance(model, Module):
                raise FileError("it does not describe a model.")
            shapes = _build_layers(model, metadata["built"])
        modules = dict(model.modules())
        for module in metadata.get("frozen", []):
            modules[module].frozen = True
        if metadata["input_shape"] is not None:
            model.input_shape = tuple(metadata["input_shape"])  # type: ignore[attr-defined]
        vars(model)["input_columns"] = dict(metadata.get("input_columns", {}))
    except FileError:
        raise
    except Exception as error:
        raise FileError(f"it does not describe a valid model: {error}") from error
    return model, shapes


def _build_layers(model: Module, built: Mapping[str, Sequence[int]]) -> dict[int, Shape]:
    """Build each layer for the shape it had, without initial values: those come from the file.

    Returns the shape of each new variable by its identity.
    """

    def build_all() -> None:
        modules = dict(model.modules())
        for path, shape in built.items():
            if path not in modules:  # made when another one was built
                modules = dict(model.modules())
            modules[path].pre_forward(jnp.zeros(tuple(shape)))

    pending = infer_shapes([model], build_all).pending
    return {id(item.variable): item.shape for item in pending}


def _load_weights(
    model: Module, arrays: Mapping[str, np.ndarray], shapes: Mapping[int, Shape]
) -> None:
    variables = Module.variables(model)
    if set(arrays) != set(variables):
        difference = sorted(set(arrays) ^ set(variables))
        raise FileError(f"it does not fit its own architecture: {', '.join(difference[:5])}.")
    for name, variable in variables.items():
        array, dtype = arrays[name], variable.value.dtype
        expected = shapes.get(id(variable), variable.shape)
        if (expected, dtype) != (array.shape, array.dtype):
            raise FileError(
                f"{name} is {array.dtype}{format_shape(array.shape)}, the architecture needs "
                f"{dtype}{format_shape(expected)}."
            )
    assign_values(variables, {name: jnp.asarray(array) for name, array in arrays.items()})


def encode(
    value: Any, seen: dict[int, int] | None = None, changed: frozenset[int] = frozenset()
) -> Any:
    """A constructor's argument as JSON; a module that occurs twice is written once.

    Args:
        value: the argument.
        seen: indices of the modules that are already written, by identity.
        changed: identities of the modules to describe by their attributes where those have the
            names of arguments.

    Raises:
        FileError: for a value that JSON cannot represent, such as a function of your own.
    """
    seen = {} if seen is None else seen
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else {"float": repr(value)}
        case np.generic() | jnp.ndarray(shape=()):
            return encode(value.item())
        case list():
            return [encode(item, seen, changed) for item in value]
        case tuple():
            return {"tuple": [encode(item, seen, changed) for item in value]}
        case dict() if all(isinstance(key, str) for key in value):
            return {"dict": {key: encode(item, seen, changed) for key, item in value.items()}}
        case Module():
            return _encode_module(value, seen, changed)
    if dataclasses.is_dataclass(value) and type(value).__name__ in _loadable_classes():
        fields = {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"class": type(value).__name__, "arguments": fields}
    for name, function in activations.ACTIVATIONS.items():
        if function is value:
            return {"activation": name}
    raise FileError(
        f"{value!r} cannot be saved as data. Name an activation, initializer, regularizer or "
        "constraint, or create the part in __init__ of your own class."
    )


def _encode_module(module: Module, seen: dict[int, int], changed: frozenset[int]) -> Any:
    if id(module) in seen:
        return {"same": seen[id(module)]}
    try:
        arguments = _arguments(module, changed)
        encoded = {name: encode(value, seen, changed) for name, value in arguments.items()}
    except FileError as error:
        raise FileError(f"{type(module).__name__}: {error}") from error
    seen[id(module)] = len(seen)
    return {"class": type(module).__name__, "arguments": encoded}


def _arguments(module: Module, changed: frozenset[int]) -> dict[str, Any]:
    """The arguments by name that create ``module`` as it is, its name included."""
    args, kwargs = module.init_arguments
    parameters = _parameters(module)
    positional = [p.name for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    if len(args) > len(positional):
        raise FileError("*args cannot be saved: name the arguments of its __init__.")
    arguments = dict(zip(positional, args, strict=False)) | kwargs
    attributes = vars(module)
    if id(module) in changed:
        names = argument_names(type(module).__init__)
        arguments |= {name: attributes[name] for name in names if name in attributes}
    takes_name = any(p.name == "name" or p.kind is p.VAR_KEYWORD for p in parameters.values())
    if takes_name and module._name != arguments.get("name"):
        arguments["name"] = module._name
    return arguments


def _parameters(module: Module) -> dict[str, inspect.Parameter]:
    parameters = dict(inspect.signature(type(module).__init__).parameters)
    del parameters[next(iter(parameters))]  # self
    return parameters


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
        FileError: for another class, for arguments that a class does not accept, and for a value
            that ``encode`` does not write.
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
                near = difflib.get_close_matches(name[:80], classes, n=1)
                raise FileError(
                    f"it holds a class {name!r:.80} that is not part of Lampas; "
                    + (f"did you mean {near[0]!r}? " if near else "")
                    + "Pass your own classes: lampas.load(path, Net)."
                )
            values = {key: inner(item) for key, item in arguments.items()}
            try:
                instance = classes[name](**values)
            except Exception as error:
                raise FileError(f"{name} cannot be created: {error}") from error
            if isinstance(instance, Module):
                modules.append(instance)
            return instance
    raise FileError(f"an unknown value in the architecture: {reprlib.repr(encoded)}.")
