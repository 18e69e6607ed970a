"""Values as JSON, and back: modules by class and arguments, functions by name."""

from __future__ import annotations

import difflib
import inspect
import math
import operator
import reprlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from .. import activations
from ..core.arguments import argument_names, is_of_lampas
from ..core.errors import ArgumentError, FileError
from ..core.module import Module
from ..core.symbolic import find_symbolic
from ..graph import SymbolicTensor
from ..graph.graph import Call, TensorRef, flatten, unflatten
from .config import create_from_config, field_values, has_own_config
from .registry import LAMPAS_OBJECTS, get_registered_name, get_registered_object, own_name

_MAX_DEPTH = 100
_CALL = ("args", "options", "output")


@dataclass
class Encoder:
    """Writes values as JSON; a module that occurs twice is written once.

    Args:
        keep_objects: whether to keep what has no name as an object, for use in this process.
        replacements: other modules by the identity of those that they replace.
        changed: identities of the modules to describe by their attributes where those have the
            names of arguments.
    """

    keep_objects: bool = False
    replacements: Mapping[int, Any] = field(default_factory=dict)
    changed: frozenset[int] = frozenset()
    custom_objects: dict[str, Any] = field(default_factory=dict)
    """The classes and functions of the user that were written, by name."""
    _numbers: dict[int, int] = field(default_factory=dict)
    """Indices of the modules that are already written, by identity."""
    _references: dict[int, TensorRef] = field(default_factory=dict)
    """The symbolic tensors of the model that is being written, by identity."""

    def encode(self, value: Any) -> Any:
        """An argument as JSON.

        Raises:
            ArgumentError: for a value that JSON cannot represent, such as a lambda.
            FileError: the same, for a value inside a module; it names the module.
        """
        match value:
            case None | bool() | int() | str():
                return value
            case float():
                return value if math.isfinite(value) else {"float": repr(value)}
            case np.generic() | jnp.ndarray(shape=()):
                return self.encode(value.item())
            case list():
                return [self.encode(item) for item in value]
            case tuple():
                return {"tuple": [self.encode(item) for item in value]}
            case dict() if all(isinstance(key, str) for key in value):
                return {"dict": {key: self.encode(item) for key, item in value.items()}}
            case Module() if id(value) in self.replacements:
                return self._keep(self.replacements[id(value)])
            case Module():
                return self._encode_module(value)
            case TensorRef():
                return {"tensor": [value.call, value.output]}
            case SymbolicTensor() if id(value) in self._references:
                return self.encode(self._references[id(value)])
            case slice():
                return {"slice": [self.encode(n) for n in (value.start, value.stop, value.step)]}
            case np.ndarray() | jnp.ndarray() if np.asarray(value).dtype.kind in "biuf":
                return {"array": np.asarray(value).tolist(), "dtype": np.asarray(value).dtype.name}
        if value is Ellipsis:
            return {"ellipsis": 3}
        for name, function in activations.ACTIVATIONS.items():
            if function is value:
                return {"activation": name}
        return self._encode_object(value)

    def name(self, value: Any) -> str:
        """The name of a class or function; one of the user is noted.

        Raises:
            ArgumentError: for two of the same name, and for one that has none.
        """
        name = get_registered_name(value)
        if self.custom_objects.get(name, value) is not value:
            raise ArgumentError(
                f"two different classes or functions are named {own_name(value)!r}; rename one."
            )
        if not is_of_lampas(value):
            self.custom_objects[name] = value
        return name

    def _encode_module(self, module: Module) -> Any:
        if id(module) in self._numbers:
            return {"same": self._numbers[id(module)]}
        key = "config" if has_own_config(module) else "arguments"
        try:
            arguments = constructor_arguments(module, self.changed)
            calls = self._encode_calls(arguments) if find_symbolic(arguments) is not None else {}
            encoded = {name: self.encode(value) for name, value in arguments.items()}
            name = self.name(type(module))
        except ArgumentError as error:
            raise FileError(f"{type(module).__name__} {module.name!r}: {error}") from error
        self._numbers[id(module)] = len(self._numbers)
        return {"class": name, **calls, key: encoded}

    def _encode_calls(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The calls that lead to the symbolic tensors among arguments."""
        calls, references = flatten(dict(arguments))
        encoded = [
            {
                "module": self.encode(call.module),
                **{name: self.encode(getattr(call, name)) for name in _CALL},
                "examples": [[first, second, dtype.name] for first, second, dtype in call.examples],
            }
            for call in calls
        ]
        pairs = zip(jax.tree.leaves(arguments), jax.tree.leaves(references), strict=True)
        self._references = {id(a): b for a, b in pairs if isinstance(b, TensorRef)}
        return {"calls": encoded}

    def _encode_object(self, value: Any) -> Any:
        """A function by its name, an object by its class and arguments."""
        kind = type(value)
        is_function = callable(value) and hasattr(value, "__name__") and not isinstance(value, type)
        try:
            if is_function:
                return {"function": self.name(value)}
            config = value.get_config() if has_own_config(value) else None
            arguments = field_values(value) if config is None else config
            if arguments is None or (is_of_lampas(kind) and kind not in LAMPAS_OBJECTS.values()):
                raise ArgumentError(
                    f"{value!r:.80} cannot be saved as data. Name an activation, initializer, "
                    "regularizer or constraint, write a method get_config in its class, or create "
                    "the part in __init__ of your own class."
                )
            encoded = {name: self.encode(item) for name, item in arguments.items()}
            return {"class": self.name(kind), "arguments" if config is None else "config": encoded}
        except ArgumentError:
            if self.keep_objects:
                return self._keep(value)
            raise

    def _keep(self, value: Any) -> Any:
        name = f"object {id(value)}"
        self.custom_objects[name] = value
        return {"function": name}


def encode(value: Any) -> Any:
    """A constructor's argument as JSON; see :meth:`Encoder.encode`."""
    return Encoder().encode(value)


def constructor_arguments(
    module: Module, changed: frozenset[int] = frozenset()
) -> Mapping[str, Any]:
    """The arguments by name that create ``module`` as it is, its name included.

    Args:
        module: the module.
        changed: identities of modules whose attributes replace the arguments of the same names.

    Raises:
        ArgumentError: for a class that takes ``*args``.
    """
    if has_own_config(module):
        config: Mapping[str, Any] = module.get_config()  # type: ignore[attr-defined]
        return config
    args, kwargs = module.init_arguments
    parameters = inspect.signature(type(module).__init__).parameters
    _, *positional = (p.name for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD)
    if len(args) > len(positional):
        raise ArgumentError("*args cannot be saved: name the arguments of its __init__.")
    arguments = dict(zip(positional, args, strict=False)) | kwargs
    attributes = vars(module)
    if id(module) in changed:
        names = argument_names(type(module).__init__)
        arguments |= {name: attributes[name] for name in names if name in attributes}
    takes_name = any(p.name == "name" or p.kind is p.VAR_KEYWORD for p in parameters.values())
    if takes_name and module._name != arguments.get("name"):
        arguments["name"] = module._name
    return arguments


def decode(encoded: Any) -> Any:
    """The value that :func:`encode` wrote; only classes that are allowed are instantiated.

    Args:
        encoded: the JSON value.

    Raises:
        FileError: for a class or function that is not registered, for arguments that a class does
            not accept, and for a value that ``encode`` does not write.
    """
    return _Decoder().decode(encoded)


@dataclass(frozen=True)
class _Decoder:
    """Reads values; those of one model refer to each other by index.

    Args:
        modules: the modules decoded so far.
        tensors: the symbolic tensors of the model that is being read; None where references to them
            are kept.
        depth: depth of the nesting.
    """

    modules: list[Module] = field(default_factory=list)
    tensors: Mapping[TensorRef, SymbolicTensor] | None = None
    depth: int = 0

    def decode(self, encoded: Any) -> Any:
        """The value of a JSON value."""
        if self.depth > _MAX_DEPTH:
            raise FileError("the architecture is nested too deeply.")
        inner = replace(self, depth=self.depth + 1).decode
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
            case {"slice": [start, stop, step]}:
                return slice(inner(start), inner(stop), inner(step))
            case {"ellipsis": _}:
                return ...
            case {"array": values, "dtype": str(dtype)} if np.dtype(dtype).kind in "biuf":
                return np.array(values, dtype)
            case {"activation": str(name)}:
                return activations.get(name)
            case {"function": str(name)}:
                return _find(name, "function")
            case {"tensor": [int(call), int(output)]}:
                reference = TensorRef(call, output)
                return reference if self.tensors is None else self.tensors[reference]
            case {"same": int(number)} if 0 <= number < len(self.modules):
                return self.modules[number]
            case {"class": str(name), "arguments": dict()} | {"class": str(name), "config": dict()}:
                return self._decode_object(name, encoded)
        raise FileError(f"an unknown value in the architecture: {reprlib.repr(encoded)}.")

    def _decode_object(self, name: str, encoded: Mapping[str, Any]) -> Any:
        kind = _find(name, "class")
        inner = replace(self, depth=self.depth + 1)
        if "calls" in encoded:
            tensors = self._decode_calls(encoded["calls"])
            inner = replace(inner, tensors=tensors)
        key = "config" if "config" in encoded else "arguments"
        values = {name: inner.decode(value) for name, value in encoded[key].items()}
        try:
            instance = create_from_config(kind, values) if key == "config" else kind(**values)
        except Exception as error:
            raise FileError(f"{name} cannot be created: {error}") from error
        if isinstance(instance, Module):
            self.modules.append(instance)
        return instance

    def _decode_calls(self, encoded: Sequence[Any]) -> dict[TensorRef, SymbolicTensor]:
        """The symbolic tensors that the calls return."""
        inner = replace(self, tensors=None, depth=self.depth + 1)
        calls = []
        for item in encoded:
            module, args, options, output = (inner.decode(item[n]) for n in ("module", *_CALL))
            examples = [
                (tuple(map(operator.index, a)), tuple(map(operator.index, b)), np.dtype(dtype))
                for a, b, dtype in item["examples"]
            ]
            if any(len(first) != len(second) for first, second, _ in examples):
                raise FileError("the shapes of a symbolic tensor differ in their number of axes.")
            calls.append(Call(module, args, options, output, tuple(examples)))
        references = [
            TensorRef(i, k) for i, call in enumerate(calls) for k in range(len(call.examples))
        ]
        return dict(zip(references, unflatten(calls, references), strict=True))


def _find(name: str, sort: Literal["class", "function"]) -> Any:
    """The class or function of that name."""
    value = get_registered_object(name)
    if value is not None and isinstance(value, type) == (sort == "class"):
        return value
    near, last = [], name.rpartition(">")[2][:80]
    argument = last
    if sort == "function":
        argument = f'custom_objects={{"{last}": {last}}}'
    elif ">" not in name:
        choices = [name for name in LAMPAS_OBJECTS if "." not in name]
        choices += Module.registered_classes
        near = difflib.get_close_matches(last, choices, n=1)
    raise FileError(
        f"it holds a {sort} {last!r} that is not part of Lampas; "
        + (f"did you mean {near[0]!r}? " if near else "")
        + f"Pass your own: lampas.load(path, {argument})."
    )
