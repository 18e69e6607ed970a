"""Run one training step and record the values of its six stages."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import activations
from ..core.arguments import PositiveInt, Seed, check_arguments
from ..core.errors import ArgumentError
from ..core.jit import copy_arrays
from ..core.module import Module
from ..layers.base import Layer
from ..layers.dense import Dense
from ..train.callbacks.base import Callback, Logs
from ..train.diagnostics.layer_hooks import forward_hooks, tap_gradient
from ..train.epoch import Position, step_rng
from ..train.inputs.adapter import adapt, is_batch_iterable
from ..train.model import Model
from ..train.step import Batch, StepRng, Tree, compute_gradients, mean_loss, num_examples
from ..train.trainer import Trainer
from .explanation import Explanation, LayerCall

MAX_ROWS = 20
MAX_WEIGHTS = 500
"""Limits up to which every value can be read."""


@check_arguments
def explain(
    model: Model,
    x: Any,
    y: Any = None,
    *,
    sample_weight: Any = None,
    steps: PositiveInt = 100,
    seed: Seed = 0,
) -> Explanation:
    """Explain the first training step of a small model with all its values.

    The step is that of ``model.fit(x, y, batch_size=len(x), seed=seed)``, with all rows in one
    batch. The weights in ``update`` are bit for bit those of that step. Layer outputs and gradients
    come from the same step run eagerly; they equal those of the compiled step up to floating-point
    rounding. The model itself is not changed. Print the result to read it.

    Args:
        model: a compiled model; if it has no weights yet, those of ``seed`` are used.
        x: inputs, at most 20 rows.
        y: targets, one per row.
        sample_weight: weight of each row in the loss.
        steps: number of steps for which the loss is recorded.
        seed: seed of dropout and other random numbers, and of the initial weights if there are none
            yet.

    Returns:
        The values of the six stages: initialization, forward propagation, loss function,
        backpropagation, weight update, iteration.

    Raises:
        ArgumentError: there are too many rows or weights to read, or no steps.
        NotBuiltError: the model is not compiled.
        DataError, ShapeError: as raised by ``Model.fit``.
        DivergedError: the loss becomes NaN or infinite within ``steps``.
        KeyboardInterrupt: on Ctrl-C.

    Example:
        >>> import lampas as lp
        >>> model = lp.Sequential([lp.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> explanation = lp.explain(model, [[0.0], [1.0]], [[1.0], [3.0]], steps=2)
        >>> explanation.losses.shape
        (2,)
    """
    if is_batch_iterable(x):
        raise ArgumentError("explain takes a few rows as arrays, not an iterable of batches.")
    model_copy = model.compiled_copy()
    model_copy.check_built_in_step("explain")
    data = adapt(model_copy.trainer, x, y, sample_weight)
    rows = num_examples(Batch(data.x, data.y))
    if rows > MAX_ROWS:
        raise ArgumentError(
            f"explain prints every number, for at most {MAX_ROWS} rows; got {rows:,}. Pass the "
            f"first rows only: x[:{MAX_ROWS}], y[:{MAX_ROWS}]."
        )
    source = data.source(rows, seed=seed)
    trainer = model_copy.trainer
    _copy_optimizer_state(model.trainer, trainer)
    batch, indices = source.batch(Position(0, 0, 0))
    rng = step_rng(jax.random.key(seed), jnp.int32(0), jnp.int32(0), indices)
    explanation = _explain_step(trainer, batch, rng)

    recorder = _FirstUpdate()
    fit = model_copy.fit(x, y, rows, steps, 0, [recorder], sample_weight=sample_weight, seed=seed)
    if fit.interrupted:
        raise KeyboardInterrupt
    losses = np.array(fit.history["loss"])
    return replace(explanation, update=recorder.weights, losses=losses)


class _FirstUpdate(Callback):
    """Records the weights after the first step."""

    weights: dict[str, np.ndarray]

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if epoch == 0:
            params = {path: p.value for path, p in self.model.parameters().items()}
            self.weights = _dict_to_numpy(params)


def _copy_optimizer_state(source: Trainer, target: Trainer) -> None:
    """Copy the optimizer's state from earlier fits, if it belongs to the same weights."""
    state = source.optimizer.opt_state
    if state is not None and source.params_and_state[0].keys() == target.params_and_state[0].keys():
        opt_state: Any = copy_arrays(state.value)
        target.train_state = target.train_state._replace(opt_state=opt_state)


def _explain_step(trainer: Trainer, batch: Batch, rng: StepRng) -> Explanation:
    """Run stages one to four eagerly; ``update`` and ``losses`` stay empty."""
    params = trainer.train_state.params
    count = sum(int(array.size) for array in params.values())
    if count > MAX_WEIGHTS:
        raise ArgumentError(
            f"explain prints every number, for at most {MAX_WEIGHTS} weights; "
            f"{type(trainer.model).__name__} has {count:,}. Explain a smaller model of the same "
            "kind; model.summary() shows the number of weights per layer."
        )
    layers = _outermost_layers(trainer.model)
    output, total, calls = _forward(trainer, batch, rng, layers)
    loss = float(mean_loss(trainer.loss, batch, output)) if trainer.needs_targets else total
    output_gradients, gradients = _backward(trainer, batch, rng, layers)
    pairs = zip(calls, output_gradients, strict=True)
    return Explanation(
        name=type(trainer.model).__name__,
        x=_first_array(batch.x),
        y=_first_array(batch.y) if len(jax.tree.leaves(batch.y)) == 1 else None,
        initialization=_dict_to_numpy(params),
        calls=tuple(_with_gradients(layers[call.path], call, array) for call, array in pairs),
        loss_formula=_loss_formula(trainer),
        row_losses=_row_losses(trainer, batch, output),
        loss=loss,
        penalty=total - loss + float(trainer.objective.penalty(params)),
        gradients={path: _to_numpy(gradients[path]) for path in params},
        optimizer=_one_line(trainer.optimizer),
        learning_rate=trainer.optimizer.learning_rate,
        update={},
        losses=np.zeros(0),
    )


def _forward(
    trainer: Trainer, batch: Batch, rng: StepRng, layers: dict[str, Layer]
) -> tuple[Tree, float, list[LayerCall]]:
    """Return the output, the loss without penalties on weights, and the calls of the layers."""
    calls: list[LayerCall] = []

    def record(forward: Any, module: Module, path: str, *inputs: Any, **options: Any) -> Any:
        output = forward(*inputs, **options)
        if path in layers:
            kind, formula = type(module).__name__, _layer_formula(module)
            arrays = _first_array(inputs), _first_array(output)
            z = _pre_activation(module, *inputs)
            calls.append(LayerCall(path, kind, formula, *arrays, z=z))
        return output

    params, model_state = trainer.train_state.params, trainer.train_state.model_state
    with jax.disable_jit(), forward_hooks(trainer.model, record):
        (output, loss), _ = trainer.apply(
            params, model_state, batch, training=True, rng=rng.key, examples=rng.examples
        )
    return output, float(loss), calls


def _backward(
    trainer: Trainer, batch: Batch, rng: StepRng, layers: dict[str, Layer]
) -> tuple[list[np.ndarray | None], dict[str, jax.Array]]:
    """Return the gradient of the output of each layer call, and those of the weights."""
    output_gradients: list[np.ndarray | None] = []

    def hook(forward: Any, module: Module, path: str, *inputs: Any, **options: Any) -> Any:
        output = forward(*inputs, **options)
        if path not in layers:
            return output
        index = len(output_gradients)
        output_gradients.append(None)

        def record(gradient: jax.Array) -> None:
            output_gradients[index] = _to_numpy(gradient)

        (first, *rest), tree = jax.tree.flatten(output)
        return jax.tree.unflatten(tree, [tap_gradient(record, first), *rest])

    step = trainer.apply, trainer.objective, trainer.train_state, batch, rng
    with jax.disable_jit(), forward_hooks(trainer.model, hook):
        *_, gradients = compute_gradients(*step)
    return output_gradients, gradients


def _outermost_layers(model: Module) -> dict[str, Layer]:
    """The layers that do not belong to another layer, by path."""
    layers = {path: module for path, module in model.modules() if isinstance(module, Layer)}
    pairs = ((layer, module) for layer in layers.values() for _, module in layer.modules())
    nested = {id(module) for layer, module in pairs if module is not layer}
    return {path: layer for path, layer in layers.items() if id(layer) not in nested}


def _pre_activation(layer: Module, *inputs: Any) -> np.ndarray | None:
    """The value of a dense layer before its activation."""
    if not isinstance(layer, Dense) or layer.activation is activations.linear:
        return None
    z = inputs[0] @ layer.kernel.value
    return _to_numpy(z if layer.bias is None else z + layer.bias.value)


def _with_gradients(layer: Layer, call: LayerCall, gradient: np.ndarray | None) -> LayerCall:
    """Add the gradients of the output and of the value before the activation."""
    if call.z is None or gradient is None or not isinstance(layer, Dense):
        return replace(call, output_gradient=gradient)
    _, vjp = jax.vjp(layer.activation, jnp.asarray(call.z))
    z_gradient = _to_numpy(vjp(jnp.asarray(gradient))[0])
    return replace(call, output_gradient=gradient, z_gradient=z_gradient)


def _row_losses(trainer: Trainer, batch: Batch, output: Tree) -> np.ndarray | None:
    """The loss of each row, if it depends on targets and predictions alone."""
    if trainer.loss is None or not trainer.uses_default_loss:
        return None
    return _to_numpy(jnp.asarray(trainer.loss(batch.y, output)))


def _loss_formula(trainer: Trainer) -> str:
    if trainer.uses_default_loss:
        return _one_line(trainer.loss)
    return f"{type(trainer.model).compute_loss.__qualname__} of the model"


def _layer_formula(layer: Module) -> str:
    if not isinstance(layer, Dense):
        return _one_line(layer, with_name=False)
    z = "x @ kernel" + (" + bias" if layer.use_bias else "")
    if layer.activation is activations.linear:
        return z
    name = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    return f"{name}(z), z = {z}"


def _one_line(value: Any, with_name: bool = True) -> str:
    """Name and first line of the docstring of a function or of an object's class."""
    documented = value if inspect.isroutine(value) else type(value)
    line = (vars(documented).get("__doc__") or "").partition("\n")[0].replace("`", "")
    return f"{documented.__name__}: {line}".removesuffix(": ") if with_name else line


def _first_array(tree: Tree) -> np.ndarray:
    """The first array of a tree."""
    leaves = jax.tree.leaves(tree)
    return _to_numpy(leaves[0]) if leaves else np.zeros(0)


def _to_numpy(array: jax.Array) -> np.ndarray:
    """Convert to NumPy; bfloat16 becomes float32."""
    return np.array(array.astype(jnp.float32) if array.dtype == jnp.bfloat16 else array)


def _dict_to_numpy(arrays: dict[str, jax.Array]) -> dict[str, np.ndarray]:
    return {path: _to_numpy(array) for path, array in arrays.items()}
