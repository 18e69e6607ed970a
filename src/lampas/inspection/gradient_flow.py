"""Measure how gradients vanish or explode on their way back through time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
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
from ..layers.preprocessing.base import convert_inputs
from ..layers.recurrent.rnn import RNN
from ..losses import LossFunction
from ..train.inputs.adapter import as_arrays, check_arrays
from ..train.trainer import build_for_inputs
from .class_scores import temporary_attributes

Perturbations = dict[str, Array]
"""Arrays that are added to the states of recurrent layers, by the path of the layer."""


def gradient_flow(model: Module, x: Any, y: Any, loss: LossFunction | str) -> dict[str, np.ndarray]:
    """Norm of the loss's gradient with respect to the state at each step of recurrent layers.

    For each recurrent layer, the gradient of an example's loss with respect to the layer's state
    ``h`` after each step is computed; its norm is averaged over the examples. If the norms shrink
    from the last step toward the first, early inputs cannot be learned from; if they grow, training
    is unstable (Bengio et al., 1994; Pascanu et al., 2013).

    Args:
        model: any module with recurrent layers; it runs in inference mode.
        x: inputs, ``(n, steps, ...)``.
        y: targets, one per input.
        loss: a name, or a function that returns one loss per example.

    Returns:
        One array ``(steps,)`` per recurrent layer, by path, in the order of the steps.

    Raises:
        ArgumentError: no recurrent layer ran.
        DataError: the data is empty or not finite.

    Example:
        >>> import numpy as np
        >>> import lampas as lp
        >>> model = lp.Sequential([lp.SimpleRNN(4), lp.Dense(1)])
        >>> x, y = np.ones((2, 5, 3)), np.ones((2, 1))
        >>> {path: norms.shape for path, norms in lp.gradient_flow(model, x, y, "mse").items()}
        {'simple_rnn_1': (5,)}
    """
    x, y = as_arrays(convert_inputs(model, x), "x"), as_arrays(y, "y")
    check_arrays(x, y)
    build_for_inputs(model, x)
    x, y = jax.tree.map(jnp.asarray, (x, y))
    loss_fn, ((params, state), apply) = losses.get(loss), functional(model)
    layers = {path: module for path, module in model.modules() if isinstance(module, RNN)}

    def total_loss(perturbations: Perturbations, x: Any, y: Any) -> Array:
        with perturbed_states(layers, perturbations):
            return jnp.sum(loss_fn(y, apply(params, state, x)[0]))

    gradients = jit(jax.grad(total_loss))(_zero_perturbations(model, x), x, y)
    norms = {path: jnp.linalg.norm(array, axis=-1).mean(0) for path, array in gradients.items()}
    return {path: np.asarray(norm) for path, norm in norms.items()}


def _zero_perturbations(model: Module, x: Any) -> Perturbations:
    """Zeros in the shape of the states of all steps, for each recurrent layer that runs."""
    shapes: dict[str, tuple[int, ...]] = {}

    def record(module: Module, path: str, inputs: tuple[Any, ...], output: Any) -> None:
        if isinstance(module, RNN):
            shapes[path] = (*inputs[0].shape[:2], module.state_sizes[0])

    def run(x: Any) -> None:
        with context.forward_pass(observe=record):
            model(x)

    jax.eval_shape(run, x)
    if not shapes:
        raise ArgumentError(f"{type(model).__name__} has no recurrent layer.")
    return {path: jnp.zeros(shape) for path, shape in shapes.items()}


@contextmanager
def perturbed_states(layers: Mapping[str, RNN], perturbations: Perturbations) -> Iterator[None]:
    """Let each layer add its perturbation to its states inside the block."""
    with ExitStack() as stack:
        for path, array in perturbations.items():
            stack.enter_context(temporary_attributes(layers[path], state_perturbation=array))
        yield
