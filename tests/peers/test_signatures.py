"""Positional arguments: what carries a name of Keras takes them in the order of Keras."""

import inspect

import pytest

import lampas as lp

pytestmark = pytest.mark.peer

GROUPS = ("constraints", "losses", "metrics", "optimizers", "initializers", "regularizers")
METHODS = ("fit", "evaluate", "predict", "compile", "summary", "save", "build")

DIFFERENCES = {
    "metrics.Precision": "thresholds of Keras may be a list with a result each; ours is one number",
    "metrics.Recall": "thresholds of Keras may be a list with a result each; ours is one number",
    "Optimizer": "the base class of Keras names no arguments",
    "optimizers.Optimizer": "the base class of Keras names no arguments",
    "Model": "Keras takes the arguments in __new__, without names",
    "Model.summary": "ours begins with the shape of the input, for models that are not built",
    "Sequential": "Keras creates it in __new__, without named arguments",
}
"""Other positional arguments on purpose, and the reason."""


def pairs(keras):
    """Name, ours and theirs, of all that both have by one name."""
    for group in GROUPS:
        yield from common(f"{group}.", getattr(lp, group), getattr(keras, group))
    yield from common("schedules.", lp.schedules, keras.optimizers.schedules)
    for module in (keras.layers, keras.callbacks, keras):
        yield from common("", lp, module)
    for method in METHODS:
        yield f"Model.{method}", getattr(lp.Model, method), getattr(keras.Model, method)


def common(prefix, ours, theirs):
    for name, kind in vars(theirs).items():
        if inspect.isclass(kind) and inspect.isclass(getattr(ours, name, None)):
            yield prefix + name, getattr(ours, name), kind


def positional(function):
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.kind in kinds and p.name != "self"]


def test_positional_arguments_are_those_of_keras(keras):
    compared = {name: (positional(a), positional(b)) for name, a, b in pairs(keras)}
    assert len(compared) > 100
    different = {
        name: (ours, theirs[: len(ours)])
        for name, (ours, theirs) in compared.items()
        if ours != theirs[: len(ours)]
    }
    assert different.keys() == DIFFERENCES.keys(), different
