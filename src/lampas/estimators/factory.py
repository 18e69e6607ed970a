"""Which network an estimator trains: the default one, yours, or what a function of yours makes."""

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
    """The default network: normalized inputs, hidden layers with ReLU, an output layer.

    Args:
        normalization: of the inputs, by their mean and variance.
        n_outputs: units of the last layer.
        output_activation: of the last layer.
        hidden_layer_sizes: units of each hidden layer.
        dropout: the fraction of each hidden layer that is dropped in training.
    """
    layers: list[Layer] = [normalization]
    for units in np.ravel(hidden_layer_sizes).tolist():
        layers.append(Dense(units, "relu", kernel_initializer="he_uniform"))
        if dropout:
            layers.append(Dropout(dropout))
    return Sequential([*layers, Dense(n_outputs, output_activation)])


def normalization(x: np.ndarray) -> Normalization:
    """By mean and variance of the features of ``x``, (examples, features).

    A feature that float32 can not tell from a constant keeps its scale.
    """
    mean, variance = (of(x, axis=0, dtype=np.float64) for of in (np.mean, np.var))
    constant = np.sqrt(variance) <= np.finfo(np.float32).eps * np.abs(mean)
    return Normalization(mean=mean, variance=np.where(constant, 1.0, variance))


def make(choice: ModelChoice, known: Mapping[str, Any], options: Mapping[str, Any]) -> Model:
    """A network of its own for one fit.

    Args:
        choice: a model, which is copied; a function that makes one; None for
            :func:`multilayer_perceptron`.
        known: what a function gets if it has a parameter of that name.
        options: further arguments of the function, by name.

    Raises:
        ArgumentError: when the function does not take or lacks an argument, or makes no model.
    """
    if isinstance(choice, Model):
        if options:
            raise ArgumentError(
                f"{_shown(options)} is for a function that makes the model; model= is a "
                f"{type(choice).__name__} that has been made already."
            )
        return copy.deepcopy(choice)
    if choice is None:
        choice = multilayer_perceptron
    if not callable(choice):
        raise ArgumentError(f"model must be a model or a function that makes one, got {choice!r}.")
    made = choice(**_arguments(choice, known, options))
    if not isinstance(made, Model):
        raise ArgumentError(f"{_name(choice)} must return a lampas.Model, it returned {made!r}.")
    return made


def _arguments(
    function: Callable[..., Model], known: Mapping[str, Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """What to call the function with."""
    target = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    parameters = list(inspect.signature(target).parameters.values())[isinstance(function, type) :]
    named = [p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    names = [p.name for p in named]
    odd = {} if any(p.kind is p.VAR_KEYWORD for p in parameters) else set(options) - set(names)
    if odd:
        raise ArgumentError(
            f"{_shown(odd)} is no argument of {_name(function)}, which takes {', '.join(names)}."
        )
    given = {name: known[name] for name in names if name in known} | dict(options)
    lacking = [p.name for p in named if p.default is p.empty and p.name not in given]
    if lacking:
        raise ArgumentError(
            f"{_name(function)} needs {', '.join(lacking)}. The estimator itself knows "
            f"{', '.join(known)}; give others as {_shown(lacking)}=."
        )
    return given


def _shown(names: Any) -> str:
    return ", ".join(f"model__{name}" for name in sorted(names))


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", repr(function))
