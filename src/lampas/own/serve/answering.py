"""Many small questions in one pass of the model, by few compiled programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import jax
import numpy as np

from ..kind import Asked
from ..predictor import Answer, Predictor

SIZES = (8, 128)
"""Examples of a pass: each size is one program; what is fewer is filled up to the next."""


def answer(predictor: Predictor, asked: Sequence[Asked]) -> list[list[Answer]]:
    """The answers to each, all asked together; the inputs are arrays."""
    together = _joined(asked)
    found = [one for batch in _batches(together) for one in _answers(predictor, batch)]
    ends = np.cumsum([len(one.names) for one in asked]).tolist()
    return [found[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _joined(asked: Sequence[Asked]) -> Asked:
    names = [name for one in asked for name in one.names]
    times = [steps for one in asked for steps in one.times or [[]] * len(one.names)]
    x = jax.tree.map(lambda *parts: np.concatenate(parts), *(one.x for one in asked))
    return Asked(names, x, times)


def _batches(asked: Asked) -> Iterator[Asked]:
    for start in range(0, len(asked.names), SIZES[-1]):
        rows = slice(start, start + SIZES[-1])
        x = jax.tree.map(lambda a, rows=rows: a[rows], asked.x)
        yield Asked(asked.names[rows], x, asked.times[rows])


def _answers(predictor: Predictor, batch: Asked) -> list[Answer]:
    count = len(batch.names)
    rows = np.minimum(np.arange(next(size for size in SIZES if size >= count)), count - 1)
    x = jax.tree.map(lambda a: a[rows], batch.x)
    filled = Asked([batch.names[i] for i in rows], x, [batch.times[i] for i in rows])
    return predictor.answers(filled)[:count]
