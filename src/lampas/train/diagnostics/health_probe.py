"""The program that measures one batch.

It computes what the next step would, and keeps nothing of it: weights, state, the optimizer's
memory and random streams stay as they are.

What the outputs of one layer are like, as four numbers.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ... import activations
from ...core import context
from ...core.context import Examples
from ...core.functional import functional
from ...core.jit import jit
from ...core.masks import mask_of
from ...core.module import Module
from ...core.variable import Array
from ...layers.base import Layer
from ...layers.embedding import Embedding, EmbeddingBag
from ..step import Batch, Draw, Learner, Tree, gradients_of
from ..trainer import Trainer
from .health_samples import LayerHealth, ParameterHealth, owner

MOST_EXAMPLES = 256
"""Examples of a batch that are looked at, so that large batches cost no more."""


class Probe:
    """The program that looks at batches of one trainer's fits."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer, self.of = trainer, trainer.apply
        _, self._apply = functional(trainer.model, self._look, trainer.precision)
        self._run = jit(self._measure)
        self._layers: list[str] = []

    def __call__(
        self, batch: Batch, draw: Draw
    ) -> tuple[tuple[LayerHealth, ...], tuple[ParameterHealth, ...]]:
        """What the next step, with this batch and this draw, would see and do."""
        batch, draw = _shortened(batch, draw)
        with self.trainer.mode():
            layers, norms = jax.device_get(self._run(self.trainer.learner, batch, draw))
        found = [
            LayerHealth(path, rms, mean, _known(dead), _known(saturated))
            for path, (rms, mean, dead, saturated) in zip(
                self._layers, layers.tolist(), strict=True
            )
        ]
        return tuple(found), self._parameters(norms)

    def _measure(self, learner: Learner, batch: Batch, draw: Draw) -> tuple[Array, Array]:
        """A row of four numbers for each layer, and one of three for each parameter."""
        objective, optimizer = self.trainer.objective, self.trainer.optimizer
        _, layers, _, slopes = gradients_of(self._apply, objective, learner, batch, draw)
        after, _ = optimizer.descend(learner.params, slopes, learner.slots)
        before = learner.params
        norms = [
            [_norm(before[path]), _norm(slopes[path]), _norm(after[path] - before[path])]
            for path in self.trainer.arrays[0]
        ]
        return layers, jnp.array(norms)

    def _look(self, batch: Batch) -> tuple[Array, Array]:
        """The forward pass; its output is what the layers are like."""
        outputs: list[Output] = []
        given: list[Any] = []

        def note(module: Module, path: str, inputs: tuple[Any, ...], output: Tree) -> None:
            leaves = [leaf for leaf in jax.tree.leaves(output) if _is_floating(leaf)]
            if module is self.trainer.model:
                given.extend(leaves)
            elif isinstance(module, Layer):
                mask = _mask(module, inputs, output)
                outputs.extend(Output(path, module, leaf, mask) for leaf in leaves)

        opened = context.current()
        assert opened is not None, "a functional model opens a pass"
        opened.observe = note
        _, error = self.trainer.judged(batch)
        calls: dict[str, list[Output]] = {}
        for output in outputs:
            calls.setdefault(output.path, []).append(output)
        own = {id(leaf) for leaf in given}
        self._layers = list(calls)
        rows = [numbers(of, own) for of in calls.values()]
        return jnp.stack(rows) if rows else jnp.zeros((0, 4)), error

    def _parameters(self, norms: np.ndarray) -> tuple[ParameterHealth, ...]:
        parts = dict(self.trainer.model.modules())
        place = {path: number for number, path in enumerate(self._layers)}
        found = []
        for (path, value), row in zip(self.trainer.arrays[0].items(), norms.tolist(), strict=True):
            table = isinstance(parts.get(path.rpartition("/")[0]), Embedding | EmbeddingBag)
            weight, gradient, update = row
            kernel = value.ndim > 1 and not table
            found.append(ParameterHealth(path, weight, gradient, update, kernel))
        return tuple(sorted(found, key=lambda one: place.get(owner(one.path, place), len(place))))


def _shortened(batch: Batch, draw: Draw) -> tuple[Batch, Draw]:
    key, numbers = draw.examples
    batch = jax.tree.map(lambda leaf: leaf[:MOST_EXAMPLES], batch)
    return batch, Draw(draw.key, Examples(key, numbers[:MOST_EXAMPLES]))


def _is_floating(leaf: Any) -> bool:
    return (
        isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jnp.floating) and leaf.ndim > 0
    )


def _mask(layer: Layer, inputs: tuple[Any, ...], output: Tree) -> Array | None:
    """Which steps of the output count; layers hand masks on after they were looked at."""
    if not isinstance(output, jax.Array) or not inputs:
        return None
    before = mask_of(inputs[0])
    own = mask_of(output)
    return layer.next_mask(before, output) if own is None and before is not None else own


def _norm(array: Array) -> Array:
    return jnp.sqrt(jnp.sum(jnp.square(array.astype(jnp.float32))))


def _known(share: float) -> float | None:
    return None if math.isnan(share) else share


SATURATED_SLOPE = 0.05
"""An S-shaped activation is saturated where its slope is below this part of its greatest slope."""

RELU_LIKE = (activations.relu, activations.relu6, jax.nn.relu, jax.nn.relu6)
ZERO_TO_ONE = (activations.sigmoid, activations.hard_sigmoid, jax.nn.sigmoid, jax.nn.hard_sigmoid)
S_SHAPED = (
    *ZERO_TO_ONE, activations.tanh, activations.bipolar_sigmoid, activations.hard_tanh, jnp.tanh,
    jax.nn.hard_tanh,
)  # fmt: skip


class Output(NamedTuple):
    """What a layer gave in one call."""

    path: str
    layer: Layer
    values: Array
    mask: Array | None


_Part = tuple[Array, Array | None]


def numbers(calls: list[Output], own: set[int]) -> Array:
    """Root mean square, mean, dead units and saturated outputs of all calls of a layer, shape (4,).

    ``own`` has the identities of the arrays that are the model's outputs. NaN stands for what does
    not apply.
    """
    layer = calls[0].layer
    activation = getattr(layer, "activation", None)
    parts = [_counted(call) for call in calls]
    squares = _mean([values**2 for values, _ in parts], parts)
    totals = _mean([values for values, _ in parts], parts)
    dead = _dead(layer, parts) if activation in RELU_LIKE else math.nan
    if activation in S_SHAPED and not any(id(call.values) in own for call in calls):
        ranged = [2 * v - 1 if activation in ZERO_TO_ONE else v for v, _ in parts]
        # Sigmoid and tanh alike have slope 1 - u**2 at an output u between -1 and 1.
        saturated = _mean([1 - u**2 < SATURATED_SLOPE for u in ranged], parts)
    else:
        saturated = jnp.float32(math.nan)
    return jnp.stack([jnp.sqrt(squares), totals, dead, saturated])


def _counted(call: Output) -> _Part:
    """Outputs ``(..., units)`` in full precision, and which of them count: None for all."""
    values, mask = call.values.astype(jnp.float32), call.mask
    if mask is not None:
        mask = mask.reshape(*mask.shape, *[1] * (values.ndim - 2))
        return values, jnp.broadcast_to(mask, values.shape)
    return (values[:, None] if values.ndim == 1 else values), None


def _mean(of: list[Array], parts: list[_Part]) -> Array:
    """The mean over all calls of what counts."""
    total, count = jnp.float32(0), jnp.float32(0)
    for values, (_, there) in zip(of, parts, strict=True):
        total += jnp.sum(values, where=there, dtype=jnp.float32)
        count += values.size if there is None else jnp.sum(there, dtype=jnp.float32)
    return total / count


def _dead(layer: Layer, parts: list[_Part]) -> Array:
    """Share of units that are 0 wherever they count."""
    alive = [
        jnp.any(values != 0, tuple(range(values.ndim - 1)), where=there) for values, there in parts
    ]
    # The units of a layer with weights are the same in each call; without, they are others.
    same = bool(layer.variables()) and len({units.shape for units in alive}) == 1
    units = jnp.stack(alive).any(0) if same else jnp.concatenate(alive)
    return 1 - jnp.mean(units, dtype=jnp.float32)
