"""Optimizers, by Keras's names, over Optax: how gradients change the weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.errors import ArgumentError
from ..core.lookup import lookup
from .adam import Adam, Adamax, AdamW, Lamb, Nadam
from .adaptive import Adadelta, Adagrad, RMSprop
from .base import Optax, Optimizer
from .base import OptState as OptState
from .sgd import SGD, Lion

if TYPE_CHECKING:
    import optax

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lamb",
    "Lion",
    "Nadam",
    "Optax",
    "Optimizer",
    "RMSprop",
]

OPTIMIZERS: dict[str, Callable[[], Optimizer]] = {
    name.lower(): globals()[name] for name in __all__ if name not in ("Optax", "Optimizer")
}


def get(value: Optimizer | optax.GradientTransformation | str) -> Optimizer:
    """The optimizer with that name and its defaults; an optimizer is returned as it is.

    Args:
        value: a name such as ``"adam"``, an :class:`Optimizer`, or an Optax transformation.

    Raises:
        UnknownNameError: for an unknown name; suggests the nearest one.
        ArgumentError: for anything else.

    Example:
        >>> import lampas as lp
        >>> lp.optimizers.get("sgd").learning_rate
        0.01
    """
    if isinstance(value, Optimizer):
        return value
    if isinstance(value, str):
        return lookup("optimizer", value, OPTIMIZERS)()
    if hasattr(value, "init") and hasattr(value, "update"):
        return Optax(value)
    raise ArgumentError(f"An optimizer is a name, an Optimizer or an Optax one, got {value!r}.")
