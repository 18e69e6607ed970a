"""Which words moved an answer: gradient times input at the embedding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..core.errors import ArgumentError
from ..core.functional import Arrays, functional
from ..core.jit import jit
from ..core.masks import carry_mask, mask_of
from ..core.variable import Array
from ..layers import Embedding
from ..train.model import Model
from .class_scores import find_evidence, shadowed, trace


def influence(
    model: Model, ids: np.ndarray, classes: np.ndarray, batch_size: int = 256
) -> np.ndarray:
    """How much each token speaks for a class: its share of the class's log odds.

    The slope of the log odds along a token's vector, times the vector (Baehrens et al., 2010;
    Shrikumar et al., 2017): to first order, by how much they fall when the vector becomes 0. Where
    neighbours have a vector together, each takes its part of that.

    Args:
        model: reads tokens by an ``Embedding``; built.
        ids: token numbers, ``(n, steps)``.
        classes: whose log odds, for each row, ``(n,)``.
        batch_size: texts that are computed together.

    Returns:
        ``(n, steps)``; above 0 where a token speaks for the class, below where against.

    Raises:
        ArgumentError: the model has no embedding of the tokens.
    """
    # The last batch is filled up with its last text, so one program serves all.
    size = min(batch_size, len(ids))
    rows = np.minimum(np.arange(-(-len(ids) // size) * size), len(ids) - 1).reshape(-1, size)
    calls, output = trace(model, ids[rows[0]], size)
    evidence = find_evidence(calls, output, size)
    found = [call for call in calls if isinstance(call.module, Embedding)]
    if not found:
        raise ArgumentError("the model has no Embedding whose vectors could be looked at.")
    (params, state), apply = functional(model)

    def parts(params: Arrays, state: Arrays, ids: Array, wanted: Array) -> Array:
        def odds(zeros: list[Array]) -> tuple[Array, list[Array]]:
            with _tapped([call.module for call in found], zeros) as vectors:
                scores = evidence.of(lambda: apply(params, state, ids)[0])
            of = jax.nn.one_hot(wanted, evidence.classes, dtype=bool)
            others = jax.nn.logsumexp(scores, -1, where=~of)
            return jnp.sum(jnp.sum(scores, -1, where=of) - others), vectors

        zeros = [jnp.zeros(call.output.shape, call.output.dtype) for call in found]
        slopes, vectors = jax.grad(odds, has_aux=True)(zeros)
        shares = (jnp.sum(s * v, -1) for s, v in zip(slopes, vectors, strict=True))
        return sum((_spread(share, ids.shape[1]) for share in shares), jnp.zeros(ids.shape))

    moved = jit(parts)
    found_in = [moved(params, state, jnp.asarray(ids[i]), jnp.asarray(classes[i])) for i in rows]
    return np.concatenate(found_in)[: len(ids)]


def _spread(shares: Array, steps: int) -> Array:
    """``(n, places)`` to ``(n, steps)``: each place in equal parts to the tokens it covers."""
    covered = steps - shares.shape[1] + 1
    padded = [jnp.pad(shares, ((0, 0), (i, covered - 1 - i))) for i in range(covered)]
    return sum(padded, jnp.zeros((len(shares), steps))) / covered


@contextmanager
def _tapped(embeddings: Sequence[Any], zeros: Sequence[Array]) -> Iterator[list[Array]]:
    """Add zeros to the vectors of each embedding, to differentiate by; yields the vectors."""
    vectors: list[Array] = []

    def tapped(forward: Callable[[Array], Array], zero: Array) -> Callable[[Array], Array]:
        def run(x: Array) -> Array:
            plain = forward(x)
            vectors.append(plain)
            return carry_mask(plain + zero, mask_of(plain))

        return run

    with ExitStack() as stack:
        for embedding, zero in zip(embeddings, zeros, strict=True):
            stack.enter_context(shadowed(embedding, forward=tapped(embedding.forward, zero)))
        yield vectors
