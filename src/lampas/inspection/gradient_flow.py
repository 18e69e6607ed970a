"""How the error's gradient fares on its way back through time: does it vanish or explode?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import losses
from ..core import context
from ..core.errors import ArgumentError
from ..core.functional import functional
from ..core.jit import jit
from ..core.module import Module
from ..core.variable import Array
from ..layers.preprocessing.base import read
from ..layers.recurrent import RNN
from ..losses import LossFunction
from ..train.inputs.arrays import as_arrays, check
from ..train.predictor import build_for

Nudges = dict[str, Array]


def gradient_flow(model: Module, x: Any, y: Any, loss: LossFunction | str) -> dict[str, np.ndarray]:
    """How strongly the state at each step of a recurrent layer bears on the error.

    For each recurrent layer the norm of the gradient of an example's error along the layer's state
    ``h`` after each step, averaged over the examples. Where it shrinks by a factor from step to
    step toward the beginning, what was read early can not be learnt from; where it grows, training
    is unstable (Bengio et al., 1994; Pascanu et al., 2013).

    Args:
        model: any module with recurrent layers; it runs as it does when it predicts.
        x: inputs.
        y: targets, as many.
        loss: a name, or a function that gives one error for each example.

    Returns:
        One array (steps,) for each recurrent layer, by path, in the order of the steps.

    Raises:
        ArgumentError: when no recurrent layer ran.
        DataError: for data that is empty or not finite.
    """
    x, y = as_arrays(read(model, x)), as_arrays(y)
    check(x, y)
    build_for(model, x)
    x, y = jax.tree.map(jnp.asarray, (x, y))
    error, ((params, state), apply) = losses.get(loss), functional(model)
    layers = {path: part for path, part in model.modules() if isinstance(part, RNN)}

    def total(nudges: Nudges, x: Any, y: Any) -> Array:
        with nudged(layers, nudges):
            return jnp.sum(error(y, apply(params, state, x)[0]))

    slopes = jit(jax.grad(total))(_nothing(model, x), x, y)
    norms = {path: jnp.linalg.norm(slope, axis=-1).mean(0) for path, slope in slopes.items()}
    return {path: np.asarray(norm) for path, norm in norms.items()}


def _nothing(model: Module, x: Any) -> Nudges:
    """Zeros as large as the states of all steps of each recurrent layer that runs."""
    shapes: dict[str, tuple[int, ...]] = {}

    def note(module: Module, path: str, inputs: tuple[Any, ...], output: Any) -> None:
        if isinstance(module, RNN):
            shapes[path] = (*inputs[0].shape[:2], module.sizes[0])

    def look(x: Any) -> None:
        with context.forward_pass(observe=note):
            model(x)

    jax.eval_shape(look, x)
    if not shapes:
        raise ArgumentError(f"{type(model).__name__} has no recurrent layer to look into.")
    return {path: jnp.zeros(shape) for path, shape in shapes.items()}


@contextmanager
def nudged(layers: Mapping[str, RNN], nudges: Nudges) -> Iterator[None]:
    """Let each layer add its nudge to its state, for the time of a call."""
    for path, nudge in nudges.items():
        layers[path].nudge = nudge
    try:
        yield
    finally:
        for path in nudges:
            del layers[path].nudge
