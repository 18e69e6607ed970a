"""The program that measures layers and parameters of a model for one batch.

It computes the next step and discards the result: weights, model state, optimizer state and random
streams stay unchanged.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ... import activations
from ...core import context
from ...core.context import ExampleIds
from ...core.functional import functional
from ...core.jit import jit
from ...core.module import Module
from ...core.variable import Array
from ...layers.base import Layer
from ...layers.embedding import Embedding, EmbeddingBag
from ..step import Batch, StepRng, TrainState, Tree, compute_gradients
from ..trainer import Trainer
from .health_samples import LayerHealth, ParameterHealth, layer_of

MAX_EXAMPLES = 256
"""Examples of a batch that are measured, so that large batches cost no more."""
SATURATED_GRADIENT = 0.05
"""A sigmoid or tanh is saturated where its derivative is below this part of the greatest one."""

RELU_LIKE = (activations.relu, activations.relu6, jax.nn.relu, jax.nn.relu6)
ZERO_TO_ONE = (activations.sigmoid, activations.hard_sigmoid, jax.nn.sigmoid, jax.nn.hard_sigmoid)
S_SHAPED = (
    *ZERO_TO_ONE, activations.tanh, activations.bipolar_sigmoid, activations.hard_tanh, jnp.tanh,
    jax.nn.hard_tanh,
)  # fmt: skip


class LayerOutput(NamedTuple):
    """The output of a layer in one call."""

    path: str
    layer: Layer
    values: Array
    mask: Array | None


_Masked = tuple[Array, Array | None]


class HealthProbe:
    """The program for the fits of one trainer.

    Args:
        trainer: the programs of the model, which must be built.
    """

    def __init__(self, trainer: Trainer) -> None:
        self.trainer, self.apply = trainer, trainer.apply
        _, self._apply = functional(trainer.model, self._observed_forward, trainer.precision)
        self._run = jit(self._measure)
        self._layers: list[str] = []

    def __call__(
        self, batch: Batch, rng: StepRng
    ) -> tuple[tuple[LayerHealth, ...], tuple[ParameterHealth, ...]]:
        """Measurements of the step with this batch and these random numbers."""
        batch, rng = _first_examples(batch, rng)
        with self.trainer.eager_scope():
            layers, norms = jax.device_get(self._run(self.trainer.train_state, batch, rng))
        healths = [
            LayerHealth(path, rms, mean, _none_if_nan(dead), _none_if_nan(saturated))
            for path, (rms, mean, dead, saturated) in zip(
                self._layers, layers.tolist(), strict=True
            )
        ]
        return tuple(healths), self._parameter_healths(norms)

    def _measure(self, train_state: TrainState, batch: Batch, rng: StepRng) -> tuple[Array, Array]:
        """A row of four values for each layer, and one of three for each parameter."""
        objective, optimizer = self.trainer.objective, self.trainer.optimizer
        _, layers, _, gradients = compute_gradients(self._apply, objective, train_state, batch, rng)
        params = train_state.params
        updated, _ = optimizer.update_params(
            params, gradients, train_state.opt_state, objective.constraints
        )
        norms = [
            [_norm(params[path]), _norm(gradients[path]), _norm(updated[path] - params[path])]
            for path in self.trainer.params_and_state[0]
        ]
        return layers, jnp.array(norms)

    def _observed_forward(self, batch: Batch) -> tuple[Array, Array]:
        """The forward pass, with the statistics of the layers in place of the output."""
        outputs: list[LayerOutput] = []
        model_outputs: list[Any] = []

        def observe(module: Module, path: str, inputs: tuple[Any, ...], output: Tree) -> None:
            leaves = [leaf for leaf in jax.tree.leaves(output) if _is_floating(leaf)]
            if module is self.trainer.model:
                model_outputs.extend(leaves)
            elif isinstance(module, Layer):
                mask = _mask(module, inputs, output)
                outputs.extend(LayerOutput(path, module, leaf, mask) for leaf in leaves)

        forward_context = context.current_context()
        assert forward_context is not None, "a functional model opens a context"
        forward_context.observe = observe
        _, loss = self.trainer.forward_and_loss(batch)
        calls: dict[str, list[LayerOutput]] = {}
        for output in outputs:
            calls.setdefault(output.path, []).append(output)
        model_output_ids = {id(leaf) for leaf in model_outputs}
        self._layers = list(calls)
        rows = [output_statistics(outputs, model_output_ids) for outputs in calls.values()]
        return jnp.stack(rows) if rows else jnp.zeros((0, 4)), loss

    def _parameter_healths(self, norms: np.ndarray) -> tuple[ParameterHealth, ...]:
        modules = dict(self.trainer.model.modules())
        indices = {path: index for index, path in enumerate(self._layers)}
        healths = []
        params = self.trainer.params_and_state[0]
        for (path, value), row in zip(params.items(), norms.tolist(), strict=True):
            module = modules.get(path.rpartition("/")[0])
            kernel = value.ndim > 1 and not isinstance(module, Embedding | EmbeddingBag)
            weight, gradient, update = row
            healths.append(ParameterHealth(path, weight, gradient, update, kernel))

        def layer_index(health: ParameterHealth) -> int:
            return indices.get(layer_of(health.path, indices), len(indices))

        return tuple(sorted(healths, key=layer_index))


def _first_examples(batch: Batch, rng: StepRng) -> tuple[Batch, StepRng]:
    key, indices = rng.examples
    batch = jax.tree.map(lambda leaf: leaf[:MAX_EXAMPLES], batch)
    return batch, StepRng(rng.key, ExampleIds(key, indices[:MAX_EXAMPLES]))


def _is_floating(leaf: Any) -> bool:
    return (
        isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jnp.floating) and leaf.ndim > 0
    )


def _mask(layer: Layer, inputs: tuple[Any, ...], output: Tree) -> Array | None:
    """Which steps of the output count; a layer sets its mask only after it was observed."""
    if not isinstance(output, jax.Array) or not inputs:
        return None
    return layer.output_mask(inputs[0], output)


def _norm(array: Array) -> Array:
    return jnp.sqrt(jnp.sum(jnp.square(array.astype(jnp.float32))))


def _none_if_nan(share: float) -> float | None:
    return None if math.isnan(share) else share


def output_statistics(calls: list[LayerOutput], model_output_ids: set[int]) -> Array:
    """Root mean square, mean, dead units and saturated outputs of all calls of a layer.

    Args:
        calls: the outputs of one layer.
        model_output_ids: identities of the arrays that are outputs of the model.

    Returns:
        Four values, shape (4,); NaN for those that do not apply.
    """
    layer = calls[0].layer
    activation = getattr(layer, "activation", None)
    masked = [_as_masked(call) for call in calls]
    mean_square = _mean([values**2 for values, _ in masked], masked)
    mean = _mean([values for values, _ in masked], masked)
    dead = _dead_share(layer, masked) if activation in RELU_LIKE else math.nan
    if activation in S_SHAPED and not any(id(call.values) in model_output_ids for call in calls):
        ranged = [2 * v - 1 if activation in ZERO_TO_ONE else v for v, _ in masked]
        # Sigmoid and tanh alike have derivative 1 - u**2 at an output u between -1 and 1.
        saturated = _mean([1 - u**2 < SATURATED_GRADIENT for u in ranged], masked)
    else:
        saturated = jnp.float32(math.nan)
    return jnp.stack([jnp.sqrt(mean_square), mean, dead, saturated])


def _as_masked(call: LayerOutput) -> _Masked:
    """Outputs ``(..., units)`` in full precision, and their mask; None if all count."""
    values, mask = call.values.astype(jnp.float32), call.mask
    if mask is not None:
        mask = mask.reshape(*mask.shape, *[1] * (values.ndim - 2))
        return values, jnp.broadcast_to(mask, values.shape)
    return (values[:, None] if values.ndim == 1 else values), None


def _mean(arrays: list[Array], masked: list[_Masked]) -> Array:
    """The mean of arrays over all calls, without masked values."""
    total, count = jnp.float32(0), jnp.float32(0)
    for values, (_, mask) in zip(arrays, masked, strict=True):
        total += jnp.sum(values, where=mask, dtype=jnp.float32)
        count += values.size if mask is None else jnp.sum(mask, dtype=jnp.float32)
    return total / count


def _dead_share(layer: Layer, masked: list[_Masked]) -> Array:
    """Share of units that are 0 for all examples and steps."""
    alive = [
        jnp.any(values != 0, tuple(range(values.ndim - 1)), where=mask) for values, mask in masked
    ]
    # Calls of a layer share units if it has weights; otherwise each call has its own.
    same_units = bool(layer.variables()) and len({units.shape for units in alive}) == 1
    units = jnp.stack(alive).any(0) if same_units else jnp.concatenate(alive)
    return 1 - jnp.mean(units, dtype=jnp.float32)
