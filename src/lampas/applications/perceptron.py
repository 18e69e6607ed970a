"""The perceptron: one neuron, a step, and the oldest rule of learning."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from ..core.errors import ArgumentError, DataError, Shape, ShapeError, show_shape
from ..core.jit import jit
from ..core.variable import Array
from ..layers.base import Layer
from ..train.inputs.arrays import as_arrays, check


class NotSeparableWarning(UserWarning):
    """The perceptron rule went through all its epochs and still makes mistakes."""


@dataclass(frozen=True)
class Convergence:
    """How the perceptron rule ended.

    ``mistakes`` has the wrong decisions of each epoch, the last is 0 if it converged; ``cycles``
    is true when the weights came back to what they were, which proves that no line separates the
    classes.
    """

    mistakes: tuple[int, ...]
    cycles: bool

    @property
    def converged(self) -> bool:
        """Whether the last epoch went through without a mistake."""
        return self.mistakes[-1] == 0


class Perceptron(Layer):
    """``step(x @ kernel + bias)``, trained by the perceptron rule (Rosenblatt, 1958).

    For each example in turn, ``kernel += rate * (y - output) * x`` and likewise the bias. If a
    hyperplane separates the two classes the rule finds one in a finite number of steps
    (Novikoff, 1962); if not, it never ends.

    Shape: ``(batch, features) -> (batch,)``, outputs 0 and 1.
    """

    axes = ("batch", "features")

    def __init__(self, learning_rate: float = 1.0) -> None:
        super().__init__()
        if learning_rate <= 0:
            raise ArgumentError(f"learning_rate must be positive, got {learning_rate}.")
        self.learning_rate = learning_rate

    def build(self, shape: Shape) -> None:
        self.features = shape[-1]
        self.kernel = self.parameter((shape[-1],), "zeros", penalized=True)
        self.bias = self.parameter((), "zeros")

    def forward(self, x: Array) -> Array:
        return jnp.where(x @ self.kernel.value + self.bias.value >= 0, 1.0, 0.0)

    def fit(self, x: Any, y: Any, epochs: int = 1000) -> Convergence:
        """Go through the examples until all are right, ``epochs`` times at most.

        Args:
            x: ``(examples, features)``.
            y: ``(examples,)``, 0 or 1 (or -1 or 1).

        Warns NotSeparableWarning when mistakes are left, and says so if it is proven that no
        line separates the classes. Raises DataError for targets of other values.
        """
        x, y = as_arrays(x), as_arrays(y)
        check(x, y)
        if y.shape not in ((len(x),), (len(x), 1)):
            raise ShapeError(f"a perceptron has one target an example, got {show_shape(y.shape)}.")
        if epochs < 1:
            raise ArgumentError(f"epochs must be at least 1, got {epochs}.")
        y = np.asarray(y).reshape(-1)
        if not (set(np.unique(y)) <= {0, 1} or set(np.unique(y)) <= {-1, 1}):
            raise DataError(f"a perceptron needs targets 0 and 1, got {np.unique(y)[:5].tolist()}.")
        self(x)
        rows, targets = jnp.asarray(x, jnp.float32), jnp.asarray(y > 0, jnp.float32)
        weights, mistakes, cycles = self._learn(rows, targets, epochs)
        self.kernel.value, self.bias.value = weights[:-1], weights[-1]
        ended = Convergence(tuple(mistakes), cycles)
        if not ended.converged:
            _warn(ended, len(y))
        return ended

    def predict(self, x: Any) -> np.ndarray:
        """The decision 0 or 1 for each example."""
        return np.asarray(self(as_arrays(x)))

    def _learn(self, x: Array, y: Array, epochs: int) -> tuple[Array, list[int], bool]:
        rate, ones = self.learning_rate, jnp.ones((x.shape[0], 1))
        x = jnp.concatenate([x, ones], 1)

        def visit(weights: Array, example: tuple[Array, Array]) -> tuple[Array, Array]:
            row, target = example
            error = target - jnp.where(row @ weights >= 0, 1.0, 0.0)
            return weights + rate * error * row, error != 0

        @jit
        def epoch(weights: Array, x: Array, y: Array) -> tuple[Array, Array]:
            weights, wrong = lax.scan(visit, weights, (x, y))
            return weights, jnp.sum(wrong)

        weights = jnp.append(self.kernel.value, self.bias.value)
        seen: set[bytes] = set()
        mistakes: list[int] = []
        for _ in range(epochs):
            weights, wrong = epoch(weights, x, y)
            mistakes.append(int(wrong))
            state = np.asarray(weights).tobytes()
            if not wrong or state in seen:
                return weights, mistakes, bool(wrong) and _exact(rate * x, weights)
            seen.add(state)
        return weights, mistakes, False


def _exact(steps: Array, weights: Array) -> bool:
    """Whether float32 added up all ``steps`` without rounding: whole numbers, none too large."""
    largest = float(jnp.abs(weights).max() + jnp.abs(steps).sum())
    return bool(jnp.all(steps == jnp.round(steps))) and largest < 2**24


def _warn(ended: Convergence, examples: int) -> None:
    proven = (
        "The weights have come back to what they were, so no line separates the classes."
        if ended.cycles
        else "Probably no line separates the classes."
    )
    warnings.warn(
        f"after {len(ended.mistakes)} epochs {ended.mistakes[-1]} of {examples} examples are still "
        f"wrong. {proven} A network with a hidden layer can draw a curved boundary.",
        NotSeparableWarning,
        stacklevel=3,
    )
