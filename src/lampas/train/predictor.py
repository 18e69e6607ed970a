"""Compute the outputs of a model, batch by batch."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from operator import itemgetter
from typing import Any

import jax
import numpy as np

from ..core.errors import ShapeError, format_shape
from ..core.functional import Arrays, assign_values, configuration, functional, is_same
from ..core.jit import ProgramCache
from ..core.module import Module
from ..core.random import fold_in_name, next_inference_seed
from ..core.variable import VALUES_LOCK
from .inputs.index_checks import IndexChecks
from .inputs.prefetch_loader import PrefetchLoader
from .inputs.streaming import take_rows
from .row_padding import has_independent_rows, padded_size
from .step import Tree, num_examples
from .trainer import BatchHooks, build_for_inputs, example_signature


class Predictor:
    """The compiled forward pass of a model; compiled again when the model changes."""

    def __init__(self, model: Module) -> None:
        self.model = model
        self._compiled_for: list[object] = []
        self._built_for: tuple[Any, ...] = ()

    def predict_batches(
        self, loader: PrefetchLoader, eagerly: bool = False, hooks: BatchHooks | None = None
    ) -> Any:
        """Outputs for all inputs of a loader, batch by batch as they come."""
        try:
            batch_size = num_examples(loader.example())
            outputs = [
                self(
                    jax.tree.map(itemgetter(slice(chunk.steps * chunk.batch_size)), chunk.data.x),
                    max(batch_size, chunk.batch_size),
                    eagerly,
                    fill=True,
                    hooks=hooks,
                    first=number,
                )
                for number, chunk in enumerate(loader.chunks(0))
            ]
        finally:
            loader.close()
        return jax.tree.map(lambda *leaves: np.concatenate(leaves), *outputs)

    def __call__(
        self,
        x: Tree,
        batch_size: int,
        eagerly: bool = False,
        fill: bool = False,
        hooks: BatchHooks | None = None,
        first: int = 0,
    ) -> Any:
        """Outputs for all inputs, in host memory.

        Args:
            x: inputs, first axis the examples.
            batch_size: examples per batch. The last batch is padded with copies of its last
                example, so that one program serves all; and each batch to one of a few sizes, if
                the rows of the model are independent.
            eagerly: whether to run without compilation.
            fill: whether to pad a single batch, too.
            hooks: called for each batch.
            first: the number of the first batch.

        Raises:
            ShapeError: if an output has not one row for each example.
        """
        with VALUES_LOCK:
            signature = example_signature(x)
            if signature != self._built_for or self._is_outdated():
                build_for_inputs(self.model, x, eagerly)
                self._built_for = signature
            (params, state), apply = functional(self.model)
        if self._is_outdated():

            def forward(params: Arrays, state: Arrays, x: Tree, seed: Any) -> tuple[Any, Arrays]:
                key = fold_in_name(jax.random.key(seed), "predict")
                return apply(params, state, x, rng=key)

            self._forward, self._check_indices = ProgramCache(forward), IndexChecks(self.model)
            self._pads_rows = has_independent_rows(self.model)
            self._compiled_for = configuration(self.model)
        self._check_indices(x)
        count = jax.tree.leaves(x)[0].shape[0]
        batch_size = batch_size if fill else min(batch_size, count)
        pads_rows = self._pads_rows and not eagerly
        size = padded_size(batch_size) if pads_rows else batch_size
        outputs = []
        with jax.disable_jit() if eagerly else nullcontext():
            for number, start in enumerate(range(0, count, batch_size), first):
                if hooks:
                    hooks.begin(number, {})
                rows = np.minimum(np.arange(start, start + size), count - 1)
                batch = jax.tree.map(partial(take_rows, rows=rows), x)
                seed = np.uint32(next_inference_seed())  # for layers that act as in training
                output, state = self._forward.for_shapes(batch)(params, state, batch, seed)
                _check_rows(output, size)
                outputs.append(output)
                if hooks:
                    in_batch = partial(_first_rows, count=min(batch_size, count - start))
                    hooks.end(number, {"outputs": jax.tree.map(in_batch, output)})
        # Stateful layers continue from here in the next call.
        assign_values(self.model.state_variables(), state)
        first_rows = partial(_first_rows, count=batch_size)
        return jax.tree.map(
            lambda *batches: np.concatenate([*map(first_rows, batches)])[:count], *outputs
        )

    def _is_outdated(self) -> bool:
        """Whether the model was changed after the program was compiled."""
        return not is_same(configuration(self.model), self._compiled_for)


def _check_rows(output: Any, rows: int) -> None:
    for leaf in jax.tree.leaves(output):
        if leaf.shape[:1] != (rows,):
            raise ShapeError(
                f"predict needs one output for each example: for a batch of {rows} the model "
                f"returned shape {format_shape(leaf.shape)}. Leave out means over the batch."
            )


def _first_rows(output: jax.Array, count: int) -> np.ndarray:
    return np.asarray(output)[:count]
