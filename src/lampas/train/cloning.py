"""New models of the architecture of another one: clones, and models from JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..core.errors import ArgumentError
from ..core.module import Module
from ..core.tracebacks import filter_traceback
from ..layers.input import InputLayer
from ..saving.architecture import create, describe
from ..saving.registry import custom_object_scope

M = TypeVar("M", bound=Module)


@filter_traceback
def clone_model(model: M, *, clone_function: Callable[[Any], Any] | None = None) -> M:
    """A new model of the same architecture, with weights of its own and not compiled.

    Args:
        model: the model; if it has weights, the clone has new initial ones.
        clone_function: makes the new layer for each of ``model.layers`` except inputs; the layer
            itself, if the clone shall share it.

    Raises:
        FileError: for a model of your own class that its arguments do not describe.

    Example:
        >>> import lampas as lp
        >>> from lampas.train.cloning import clone_model
        >>> model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
        >>> clone = clone_model(model)
        >>> [weights.shape for weights in clone.get_weights()]
        [(4, 3), (3,)]
    """
    replacements = {
        id(layer): clone_function(layer)
        for layer in getattr(model, "layers", ())
        if clone_function is not None and not isinstance(layer, InputLayer)
    }
    description = describe(model, keep_objects=True, replacements=replacements)
    with custom_object_scope(description.custom_objects):
        clone: Any = create(json.loads(description.text), initialize=True)[0]
    return clone


@filter_traceback
def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A new model from ``model.to_json()``, with new initial weights.

    Args:
        json_string: the architecture.
        custom_objects: your own classes and functions by name, unless they are registered.

    Raises:
        ArgumentError: for a text that ``model.to_json`` of Lampas did not write.
        FileError: for a class or function that was not passed.

    Example:
        >>> import lampas as lp
        >>> from lampas.train.cloning import model_from_json
        >>> model = lp.Sequential([lp.Dense(3, input_shape=(4,))])
        >>> model_from_json(model.to_json()).predict([[0.0] * 4]).shape
        (1, 3)
    """
    try:
        metadata = json.loads(json_string)
    except (ValueError, RecursionError) as error:
        raise ArgumentError(f"the text is not JSON: {error}.") from error
    if not isinstance(metadata, dict) or "format" not in metadata:
        raise ArgumentError(
            "the text is JSON, but not the architecture of a Lampas model; pass what "
            "model.to_json() returned."
        )
    with custom_object_scope(custom_objects or {}):
        return create(metadata, initialize=True)[0]
