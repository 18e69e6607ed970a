"""Attribute a text model's prediction to tokens by gradient times input at the embedding."""

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
from ..core.masks import get_mask, set_mask
from ..core.variable import Array
from ..layers import Embedding
from ..train.model import Model
from .class_scores import find_class_scores, temporary_attributes, trace_calls


def token_attributions(
    model: Model, ids: np.ndarray, classes: np.ndarray, batch_size: int = 256
) -> np.ndarray:
    """Contribution of each token to the log odds of a class.

    The gradient of the log odds with respect to a token's embedding vector, times that vector
    (Baehrens et al., 2010; Shrikumar et al., 2017): to first order, the amount by which the log
    odds fall if the vector is replaced by zeros. A vector that represents several neighbouring
    tokens is shared equally among them.

    Args:
        model: a built model that reads tokens with an ``Embedding``.
        ids: token ids, ``(n, steps)``.
        classes: the class to explain for each row, ``(n,)``.
        batch_size: texts per batch.

    Returns:
        ``(n, steps)``; positive where a token supports the class, negative where it contradicts
        it.

    Raises:
        ArgumentError: the model has no embedding of the tokens.
    """
    # The last batch is padded with copies of the last text, so one program serves all batches.
    size = min(batch_size, len(ids))
    rows = np.minimum(np.arange(-(-len(ids) // size) * size), len(ids) - 1).reshape(-1, size)
    calls, output = trace_calls(model, ids[rows[0]], size)
    class_scores = find_class_scores(calls, output, size)
    embeddings = [call for call in calls if isinstance(call.module, Embedding)]
    if not embeddings:
        raise ArgumentError("The model has no Embedding layer, so tokens have no vectors.")
    (params, state), apply = functional(model)

    def attribute(params: Arrays, state: Arrays, ids: Array, classes: Array) -> Array:
        def log_odds(zeros: list[Array]) -> tuple[Array, list[Array]]:
            with _tap_embeddings([call.module for call in embeddings], zeros) as vectors:
                scores = class_scores.compute(lambda: apply(params, state, ids)[0])
            chosen = jax.nn.one_hot(classes, class_scores.num_classes, dtype=bool)
            rest = jax.nn.logsumexp(scores, -1, where=~chosen)
            return jnp.sum(jnp.sum(scores, -1, where=chosen) - rest), vectors

        zeros = [jnp.zeros(call.output.shape, call.output.dtype) for call in embeddings]
        gradients, vectors = jax.grad(log_odds, has_aux=True)(zeros)
        shares = (jnp.sum(g * v, -1) for g, v in zip(gradients, vectors, strict=True))
        return sum((_distribute(share, ids.shape[1]) for share in shares), jnp.zeros(ids.shape))

    compiled = jit(attribute)
    batches = [compiled(params, state, jnp.asarray(ids[i]), jnp.asarray(classes[i])) for i in rows]
    return np.concatenate(batches)[: len(ids)]


def _distribute(shares: Array, steps: int) -> Array:
    """Split the share of each vector equally among its tokens, ``(n, vectors) -> (n, steps)``."""
    width = steps - shares.shape[1] + 1
    padded = [jnp.pad(shares, ((0, 0), (i, width - 1 - i))) for i in range(width)]
    return sum(padded, jnp.zeros((len(shares), steps))) / width


@contextmanager
def _tap_embeddings(embeddings: Sequence[Any], zeros: Sequence[Array]) -> Iterator[list[Array]]:
    """Add ``zeros`` to the vectors of each embedding, to differentiate by; yields the vectors."""
    vectors: list[Array] = []

    def tap(forward: Callable[[Array], Array], zero: Array) -> Callable[[Array], Array]:
        def tapped(x: Array) -> Array:
            output = forward(x)
            vectors.append(output)
            return set_mask(output + zero, get_mask(output))

        return tapped

    with ExitStack() as stack:
        for embedding, zero in zip(embeddings, zeros, strict=True):
            tapped = tap(embedding.forward, zero)
            stack.enter_context(temporary_attributes(embedding, forward=tapped))
        yield vectors
