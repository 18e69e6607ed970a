"""Model files: one safetensors file, with the architecture as JSON in its metadata.

A file cannot run code: loading instantiates only classes of Lampas and those that the caller
allows, with numbers, strings and lists as arguments. It does not reach the network, and a checksum
detects damage.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import jax.numpy as jnp
import numpy as np

from ..core.errors import ArgumentError, FileError, Shape, format_shape
from ..core.filesystem import atomic_write
from ..core.functional import assign_values
from ..core.module import Module
from ..core.tracebacks import filter_traceback
from .architecture import create, describe
from .registry import custom_object_scope

MODEL, WEIGHTS = "lampas", "lampas_weights"
"""The kinds of files: the key in the metadata of the description."""
_MAX_MESSAGE = 500
"""Length of what a message quotes from a file."""
_STATE = "/"
"""Prefix of the arrays of optimizers; no path of a variable begins with a slash."""
_FOREIGN = {
    ".ckpt": "TensorFlow",
    ".h5": "Keras",
    ".hdf5": "Keras",
    ".keras": "Keras",
    ".onnx": "ONNX",
    ".pb": "TensorFlow",
    ".tflite": "TensorFlow",
}
"""Endings of the files of other frameworks, which would take ours for damaged ones."""

Arrays = Mapping[str, np.ndarray]


@runtime_checkable
class Compilable(Protocol):
    """A model that can be compiled as it was before it was saved."""

    def compile_from_config(
        self, config: Mapping[str, Any], optimizer_state: Arrays | None = None
    ) -> None:
        """Compile with a configuration, and restore the state of the optimizer."""


def check_path(path: str | Path, overwrite: bool = True) -> Path:
    """The path of a file to write.

    Args:
        path: the path as the user wrote it.
        overwrite: whether there may be a file already.

    Raises:
        FileError: for a folder, for the ending of another framework, and for a file that exists.
    """
    text, kind = str(path), _FOREIGN.get(Path(path).suffix.lower())
    name = f"{Path(path).stem or 'model'}.safetensors"
    if kind is not None:
        raise FileError(
            f"cannot write {text}: it is the name of a {kind} file, and Lampas writes safetensors. "
            f"Choose another name, {name!r} for example."
        )
    if text.endswith(("/", "\\")):
        raise FileError(
            f"cannot write {text}: it is a folder, and Lampas writes one file. Choose a name such "
            f"as {name!r}."
        )
    if not overwrite and Path(path).exists():
        raise FileError(f"cannot write {text}: it exists. Pass overwrite=True to replace it.")
    return Path(path)


def write_file(path: Path, key: str, description: Mapping[str, Any], arrays: Arrays) -> None:
    """Write arrays and a description with their checksum, atomically.

    Raises:
        FileError: if the file cannot be written.
    """
    from safetensors.numpy import save as to_bytes

    # In one entry, since the library writes several in any order.
    verified = {**description, "checksum": checksum(json.dumps(description), arrays)}
    content = to_bytes(dict(arrays), metadata={key: json.dumps(verified)})
    try:
        atomic_write(path, content)
    except OSError as error:
        raise FileError(f"cannot write {path}: {error.strerror}.") from error


def read_file(path: Path) -> tuple[str, dict[str, Any], Arrays]:
    """The kind of a file, MODEL or WEIGHTS, its description, and the arrays.

    Raises:
        FileError: for a file that is missing, incomplete, or of another kind.
    """
    from safetensors import safe_open

    if not path.is_file():
        raise FileError(f"there is no file {path}.")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            key = next((key for key in (MODEL, WEIGHTS) if key in metadata), "")
            names = file.keys() if key else []
            arrays = {name: file.get_tensor(name) for name in names}
    except Exception as error:  # of many classes, also for dtypes that NumPy does not have
        if kind := _FOREIGN.get(path.suffix.lower()):
            raise FileError(
                f"{path} has the name of a {kind} file, and is not one of Lampas: load reads what "
                "model.save wrote."
            ) from error
        raise FileError(
            f"{path} is not a complete safetensors file: {shorten(error)}. Save or copy it again."
        ) from error
    if not key:
        raise FileError(
            f"{path} is a safetensors file, but not of a Lampas model: load reads what model.save "
            "wrote."
        )
    try:
        description = json.loads(metadata[key])
    except (ValueError, RecursionError) as error:
        raise FileError(
            f"{path}: its description of the model is not valid JSON: {shorten(error)}"
        ) from error
    if not isinstance(description, dict):
        raise FileError(f"{path}: its description of the model is not a JSON object.")
    return key, description, arrays


def write_model(
    model: Module,
    path: Path,
    compile_config: Mapping[str, Any] | None = None,
    optimizer_state: Arrays | None = None,
) -> None:
    """Write a model's architecture and weights to one file, atomically.

    Args:
        model: the model; it must have weights.
        path: the file.
        compile_config: what ``compile`` chose, as plain data.
        optimizer_state: the arrays of the optimizer.

    Raises:
        FileError: when :func:`describe` raises it, or the file cannot be written.
    """
    description = json.loads(describe(model).text)
    if compile_config is not None:
        description["compile"] = compile_config
    arrays = {name: np.asarray(variable.value) for name, variable in model.variables().items()}
    state = {f"{_STATE}{name}": array for name, array in (optimizer_state or {}).items()}
    write_file(path, MODEL, description, arrays | state)


@filter_traceback
def load(
    path: str | Path,
    *classes: type,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    verify: bool = True,
) -> Any:
    """Read a model that ``model.save`` wrote.

    It is compiled as it was, with the state of its optimizer, so that ``fit`` goes on where the
    saved model was. A loss or metric of your own is a name in the file: without it the model is
    loaded, but not compiled.

    Args:
        path: the file.
        classes: your own classes that the model consists of.
        custom_objects: your own functions and classes by name, those of the loss and the metrics
            included.
        compile: whether to compile the model.
        verify: whether the file must have a checksum that matches its content. Without it damaged
            weights are not detected.

    Raises:
        FileError: for a file that is missing, damaged, not of Lampas, or needs a class or function
            that was not passed.

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
    key, description, arrays = read_file(Path(path))
    if key == WEIGHTS:
        raise FileError(
            f"{path} has weights alone; create the model and call model.load_weights(path)."
        )
    if any(isinstance(kind, Mapping) for kind in classes):
        raise ArgumentError("pass a dict of classes and functions as load(path, custom_objects=).")
    allowed = {kind.__name__: kind for kind in classes} | dict(custom_objects or {})
    try:
        if verify:
            verify_checksum(description, arrays)
        weights, state = split_state(arrays)
        with custom_object_scope(allowed):
            model, shapes = create(description)
            _assign_weights(model, weights, shapes)
            config = description.get("compile")
            if compile and isinstance(config, dict) and isinstance(model, Compilable):
                model.compile_from_config(config, state)
    except (FileError, ArgumentError) as error:
        raise FileError(f"{path}: {shorten(error)}") from error
    return model


def load_model(
    filepath: str | Path,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Any:
    """:func:`load` with the arguments of Keras.

    Args:
        filepath: the file.
        custom_objects: your own classes and functions by name.
        compile: whether to compile the model as it was.
        safe_mode: has no effect, since a file never runs code.

    Raises:
        FileError: as :func:`load`.

    Example:
        >>> import tempfile
        >>> import lampas as lp
        >>> model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(f"{folder}/model")
        ...     loaded = lp.saving.load_model(f"{folder}/model", compile=False)
    """
    return load(filepath, custom_objects=custom_objects, compile=compile)


def save_model(model: Any, filepath: str | Path, overwrite: bool = True) -> None:
    """``model.save(filepath)``, in the form of Keras.

    Args:
        model: the model.
        filepath: the file.
        overwrite: whether to replace a file that exists.

    Raises:
        FileError: if the file cannot be written.

    Example:
        >>> import tempfile
        >>> import lampas as lp
        >>> model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     lp.saving.save_model(model, f"{folder}/model")
    """
    model.save(filepath, overwrite=overwrite)


def split_state(arrays: Arrays) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The weights of the model and the arrays of the optimizer, by their names."""
    state = {n.removeprefix(_STATE): a for n, a in arrays.items() if n.startswith(_STATE)}
    return {name: a for name, a in arrays.items() if not name.startswith(_STATE)}, state


def verify_checksum(description: Mapping[str, Any], arrays: Arrays) -> None:
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


def checksum(text: str, arrays: Arrays) -> str:
    """CRC-32 of a text and named arrays, independent of the order of the arrays."""
    value = zlib.crc32(text.encode())
    for name in sorted(arrays):
        value = zlib.crc32(arrays[name].tobytes(), zlib.crc32(name.encode(), value))
    return f"{value:08x}"


def shorten(error: object) -> str:
    """A text of at most some hundred letters: a file may have long ones."""
    text = str(error)
    return text if len(text) <= _MAX_MESSAGE else f"{text[:_MAX_MESSAGE]} ..."


def _assign_weights(model: Module, arrays: Arrays, shapes: Mapping[int, Shape]) -> None:
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
