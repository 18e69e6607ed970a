"""The options that weights of layers have: regularizers and constraints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from .. import constraints, regularizers
from ..core.build import Initializer
from ..core.errors import Shape
from ..core.variable import Parameter, Regularizer, WeightConstraint
from .base import Layer, LayerOptions


class KernelOptions(LayerOptions, total=False):
    """Penalties for kernel and bias, which are added to the loss, and their constraints.

    Args:
        kernel_regularizer: penalty for the kernel: a name such as ``"l2"``, or a function of it.
        bias_regularizer: the same for the bias.
        kernel_constraint: changes the kernel after each update of the weights: a name such as
            ``"max_norm"``, or a function from the kernel to the one to use.
        bias_constraint: the same for the bias.
    """

    kernel_regularizer: Regularizer | str | None
    bias_regularizer: Regularizer | str | None
    kernel_constraint: WeightConstraint | str | None
    bias_constraint: WeightConstraint | str | None


def layer_options(options: Mapping[str, Any]) -> LayerOptions:
    """Those of the options that every layer accepts."""
    common = {name: options[name] for name in LayerOptions.__annotations__ if name in options}
    return cast(LayerOptions, common)


def set_weight_options(layer: Layer, kind: Any, options: Mapping[str, Any]) -> LayerOptions:
    """Set the attributes of a layer for regularizers and constraints; return the other options.

    Args:
        layer: the layer.
        kind: the class of the options, such as :class:`KernelOptions`.
        options: those that were passed.
    """
    for name in kind.__annotations__:
        if name not in LayerOptions.__annotations__:
            get: Any = regularizers.get if name.endswith("_regularizer") else constraints.get
            setattr(layer, name, get(options.get(name)))
    return layer_options(options)


def make_weight(
    layer: Layer,
    name: str,
    shape: Shape,
    *,
    regularized: bool = False,
    initializer: Initializer | None = None,
) -> Parameter:
    """Create a weight of a layer by the layer's arguments for it; call this in ``build``.

    Args:
        layer: the layer.
        name: what the arguments begin with, such as ``"kernel"``.
        shape: shape of the weight.
        regularized: whether ``compile(penalty=...)`` applies to it.
        initializer: in place of the layer's.
    """
    return layer.parameter(
        shape,
        initializer or getattr(layer, f"{name}_initializer"),
        regularized=regularized,
        regularizer=getattr(layer, f"{name}_regularizer"),
        constraint=getattr(layer, f"{name}_constraint"),
    )
