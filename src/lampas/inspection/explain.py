"""One step of learning looked into: its six stages with all their numbers."""

from __future__ import annotations

import copy
import inspect
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import activations
from ..core.errors import ArgumentError
from ..core.jit import copy_arrays
from ..core.module import Module
from ..layers.base import Layer
from ..layers.dense import Dense
from ..train.callbacks.base import Callback, Logs
from ..train.diagnostics.layer_hooks import each_forward, through
from ..train.epoch import Place, draw_for
from ..train.inputs.adapter import given
from ..train.inputs.epoch_iterator import is_feed
from ..train.model import Model
from ..train.step import Batch, Draw, Tree, gradients_of, size
from ..train.trainer import Trainer
from .explanation import Call, Explanation

MOST_ROWS = 20
MOST_WEIGHTS = 500
"""What can still be read."""


def explain(
    model: Model,
    x: Any,
    y: Any = None,
    *,
    sample_weight: Any = None,
    steps: int = 100,
    seed: int = 0,
) -> Explanation:
    """The six stages of the first step of a fit, with numbers; the model stays as it is.

    The step is that of ``model.fit(x, y, batch_size=len(x), seed=seed)``, on all rows at once, and
    ``update`` has the weights that it leaves, bit for bit. Layers and gradients are those of the
    same step run line by line: to float rounding those of the compiled one.

    Args:
        model: compiled; one without weights yet is given those of ``seed``.
        x: inputs, at most :data:`MOST_ROWS` rows.
        y: targets, as many.
        sample_weight: weight of each row in the error.
        steps: how far the error is followed.
        seed: decides dropout and other random numbers, and the first weights if there are none yet.

    Raises:
        ArgumentError: for too many rows or weights to read, or no steps.
        NotBuiltError: before ``compile``.
        DataError, ShapeError: as ``Model.fit``.
        DivergedError: when an error within ``steps`` is not finite.
    """
    if steps < 1:
        raise ArgumentError(f"explain follows the error for at least one step, got steps={steps}.")
    if is_feed(x):
        raise ArgumentError("explain takes a few rows as arrays, not a source of batches.")
    twin = _twin(model)
    data = given(twin, x, y, sample_weight)
    rows = size(Batch(data.x, data.y))
    if rows > MOST_ROWS:
        raise ArgumentError(
            f"explain prints every number, for at most {MOST_ROWS} rows; got {rows:,}. Give the "
            f"first few: x[:{MOST_ROWS}], y[:{MOST_ROWS}]."
        )
    source = data.source(rows, seed=seed)
    trainer = twin._compiled()
    _remember(trainer, model._compiled())
    batch, numbers = source.batch(Place(0, 0, 0))
    draw = draw_for(jax.random.key(seed), jnp.int32(0), jnp.int32(0), numbers)
    found = _step(trainer, batch, draw)

    first = _First()
    history = twin.fit(x, y, rows, steps, 0, [first], sample_weight=sample_weight, seed=seed)
    return replace(found, update=first.weights, losses=np.array(history.history["loss"]))


class _First(Callback):
    """Keeps the weights after the first step."""

    weights: dict[str, np.ndarray]

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if epoch == 0:
            self.weights = _numpy({path: p.value for path, p in self.model.parameters().items()})


def _twin(model: Model) -> Model:
    """The model once more, compiled alike, to be trained in its place."""
    trainer, twin = model._compiled(), copy.deepcopy(model)
    twin._trainer = Trainer(
        twin,
        copy.deepcopy(trainer.optimizer),
        trainer.loss,
        trainer.metrics,
        trainer.penalty,
        trainer.run_eagerly,
        trainer.precision,
    )
    return twin


def _remember(twin: Trainer, trainer: Trainer) -> None:
    """Give the twin what the optimizer remembers of fits before, if it is of these weights."""
    slots = trainer.optimizer.slots
    if slots is not None and trainer.arrays[0].keys() == twin.arrays[0].keys():
        remembered: Any = copy_arrays(slots.value)
        twin.learner = twin.learner._replace(slots=remembered)


def _step(trainer: Trainer, batch: Batch, draw: Draw) -> Explanation:
    """Stages one to four, line by line; five and six are still empty."""
    learner = trainer.learner
    _check_weights(trainer.model, sum(int(array.size) for array in learner.params.values()))
    output, error, calls = _forward(trainer, batch, draw)
    slopes, gradients = _backward(trainer, batch, draw)
    layers = _outermost(trainer.model)
    pairs = zip(calls, slopes, strict=True)
    return Explanation(
        name=type(trainer.model).__name__,
        x=_first(batch.x),
        y=_first(batch.y) if len(jax.tree.leaves(batch.y)) == 1 else None,
        initialization=_numpy(learner.params),
        calls=tuple(_with_slope(layers[call.path], call, slope) for call, slope in pairs),
        formula=_error_formula(trainer),
        errors=_errors(trainer, batch, output),
        error=error,
        penalty=float(trainer.objective.penalty(learner.params)),
        gradients={path: _plain(gradients[path]) for path in learner.params},
        optimizer=_in_a_line(trainer.optimizer),
        learning_rate=trainer.optimizer.learning_rate,
        update={},
        losses=np.zeros(0),
    )


def _check_weights(model: Model, count: int) -> None:
    if count > MOST_WEIGHTS:
        raise ArgumentError(
            f"explain prints every number, for at most {MOST_WEIGHTS} weights; "
            f"{type(model).__name__} has {count:,}. Explain a smaller one of its kind; "
            "model.summary() shows where they are."
        )


def _forward(trainer: Trainer, batch: Batch, draw: Draw) -> tuple[Tree, float, list[Call]]:
    """Output, mean error, and the runs of the layers."""
    calls: list[Call] = []
    look = partial(_forth, _outermost(trainer.model), calls)
    learner = trainer.learner
    with jax.disable_jit(), each_forward(trainer.model, look):
        (output, error), _ = trainer.apply(
            learner.params, learner.state, batch, training=True, rng=draw.key,
            examples=draw.examples,
        )  # fmt: skip
    return output, float(error), calls


def _backward(
    trainer: Trainer, batch: Batch, draw: Draw
) -> tuple[list[np.ndarray | None], dict[str, jax.Array]]:
    """The slope of each run's output, and the gradients of the weights."""
    slopes: list[np.ndarray | None] = []
    look = partial(_back, _outermost(trainer.model), slopes)
    with jax.disable_jit(), each_forward(trainer.model, look):
        *_, gradients = gradients_of(trainer.apply, trainer.objective, trainer.learner, batch, draw)
    return slopes, gradients


def _outermost(model: Module) -> dict[str, Layer]:
    """The layers that are no parts of other layers, by path."""
    layers = {path: part for path, part in model.modules() if isinstance(part, Layer)}
    parts = ((layer, part) for layer in layers.values() for _, part in layer.modules())
    inside = {id(part) for layer, part in parts if part is not layer}
    return {path: layer for path, layer in layers.items() if id(layer) not in inside}


def _forth(
    layers: dict[str, Layer],
    calls: list[Call],
    forward: Any,
    module: Module,
    path: str,
    *inputs: Any,
    **options: Any,
) -> Any:
    output = forward(*inputs, **options)
    if path in layers:
        about = path, type(module).__name__, _layer_formula(module)
        calls.append(Call(*about, _first(inputs), _first(output), z=_before(module, *inputs)))
    return output


def _before(layer: Module, *inputs: Any) -> np.ndarray | None:
    """What a dense layer has before its activation."""
    if not isinstance(layer, Dense) or layer.activation is activations.linear:
        return None
    z = inputs[0] @ layer.kernel.value
    return _plain(z if layer.bias is None else z + layer.bias.value)


def _with_slope(layer: Layer, call: Call, slope: np.ndarray | None) -> Call:
    """With the slopes of its output and of what is before the activation."""
    if call.z is None or slope is None or not isinstance(layer, Dense):
        return replace(call, slope=slope)
    _, back = jax.vjp(layer.activation, jnp.asarray(call.z))
    return replace(call, slope=slope, z_slope=_plain(back(jnp.asarray(slope))[0]))


def _back(
    layers: dict[str, Layer],
    slopes: list[np.ndarray | None],
    forward: Any,
    module: Module,
    path: str,
    *inputs: Any,
    **options: Any,
) -> Any:
    output = forward(*inputs, **options)
    if path not in layers:
        return output
    call = len(slopes)
    slopes.append(None)

    def note(slope: jax.Array) -> None:
        slopes[call] = _plain(slope)

    (first, *others), tree = jax.tree.flatten(output)
    return jax.tree.unflatten(tree, [through(note, first), *others])


def _errors(trainer: Trainer, batch: Batch, output: Tree) -> np.ndarray | None:
    """The error of each row, where it is that of targets and predictions."""
    if trainer.loss is None or not _is_ours(type(trainer.model).compute_loss):
        return None
    return _plain(jnp.asarray(trainer.loss(batch.y, output)))


def _error_formula(trainer: Trainer) -> str:
    written = type(trainer.model).compute_loss
    return _in_a_line(trainer.loss) if _is_ours(written) else f"{written.__qualname__} of the model"


def _is_ours(written: Any) -> bool:
    return bool(written.__module__.startswith("lampas."))


def _layer_formula(layer: Module) -> str:
    if not isinstance(layer, Dense):
        return _in_a_line(layer, name=False)
    z = "x @ kernel" + (" + bias" if layer.use_bias else "")
    if layer.activation is activations.linear:
        return z
    name = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    return f"{name}(z), z = {z}"


def _in_a_line(thing: Any, name: bool = True) -> str:
    """Name and first line of the documentation."""
    about = thing if inspect.isroutine(thing) else type(thing)
    said = (vars(about).get("__doc__") or "").partition("\n")[0].replace("`", "")
    return f"{about.__name__}: {said}".removesuffix(": ") if name else said


def _first(tree: Tree) -> np.ndarray:
    """The first array of a tree."""
    leaves = jax.tree.leaves(tree)
    return _plain(leaves[0]) if leaves else np.zeros(0)


def _plain(array: jax.Array) -> np.ndarray:
    """In a precision that NumPy knows."""
    return np.array(array.astype(jnp.float32) if array.dtype == jnp.bfloat16 else array)


def _numpy(arrays: dict[str, jax.Array]) -> dict[str, np.ndarray]:
    return {path: _plain(array) for path, array in arrays.items()}
