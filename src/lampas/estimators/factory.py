"""Create the network that an estimator trains."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..core.errors import ArgumentError
from ..layers.base import Layer
from ..layers.dense import Dense, Dropout
from ..layers.preprocessing.normalization import Normalization
from ..train.model import Model
from ..train.sequential import Sequential

ModelChoice = Model | Callable[..., Model] | None


def multilayer_perceptron(
    normalization: Normalization,
    n_outputs: int,
    output_activation: str | None,
    hidden_layer_sizes: Sequence[int] | int = (100,),
    dropout: float = 0.0,
) -> Model:
    """Create the default network: normalization, hidden layers with ReLU, an output layer.

    Args:
        normalization: layer that normalizes the inputs.
        n_outputs: number of units of the output layer.
        output_activation: activation of the output layer.
        hidden_layer_sizes: number of units of each hidden layer.
        dropout: dropout rate after each hidden layer.
    """
    layers: list[Layer] = [normalization]
    for units in np.ravel(hidden_layer_sizes).tolist():
        layers.append(Dense(units, "relu", kernel_initializer="he_uniform"))
        if dropout:
            layers.append(Dropout(dropout))
    return Sequential([*layers, Dense(n_outputs, output_activation)])


def normalization(x: np.ndarray) -> Normalization:
    """Create a layer that normalizes features by their mean and variance in ``x``.

    A feature that is constant within the precision of float32 is not rescaled.

    Args:
        x: a table, ``(n, features)``.
    """
    layer = Normalization()
    layer.adapt(x)
    return layer


def make_network(
    choice: ModelChoice, properties: Mapping[str, Any], options: Mapping[str, Any]
) -> Model:
    """Create the network for one fit.

    Args:
        choice: a model, which is copied; a function that creates one; None for
            :func:`multilayer_perceptron`.
        properties: properties of the data, passed to parameters of the function of that name.
        options: further arguments of the function, by name.

    Raises:
        ArgumentError: the function does not accept an argument, lacks one, or does not return a
            model.
    """
    if isinstance(choice, Model):
        if options:
            raise ArgumentError(
                f"{_format_options(options)} is for a function that creates the model; model= is "
                f"already a {type(choice).__name__}."
            )
        return copy.deepcopy(choice)
    if choice is None:
        choice = multilayer_perceptron
    if not callable(choice):
        raise ArgumentError(
            f"model must be a model or a function that creates one, got {choice!r}."
        )
    model = choice(**_arguments(choice, properties, options))
    if not isinstance(model, Model):
        raise ArgumentError(f"{_name(choice)} must return a lampas.Model, it returned {model!r}.")
    return model


def _arguments(
    function: Callable[..., Model], properties: Mapping[str, Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """The arguments with which to call the function."""
    target = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    parameters = list(inspect.signature(target).parameters.values())[isinstance(function, type) :]
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    names = [p.name for p in named]
    unknown = {} if any(p.kind is p.VAR_KEYWORD for p in parameters) else set(options) - set(names)
    if unknown:
        raise ArgumentError(
            f"{_format_options(unknown)} is not an argument of {_name(function)}, which takes "
            f"{', '.join(names)}."
        )
    arguments = {name: properties[name] for name in names if name in properties} | dict(options)
    missing = [p.name for p in named if p.default is p.empty and p.name not in arguments]
    if missing:
        raise ArgumentError(
            f"{_name(function)} needs {', '.join(missing)}. The estimator provides "
            f"{', '.join(properties)}; pass others as {_format_options(missing)}=."
        )
    return arguments


def _format_options(names: Any) -> str:
    return ", ".join(f"model__{name}" for name in sorted(names))


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", repr(function))
