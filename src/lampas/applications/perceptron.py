"""The perceptron, a linear classifier trained by the perceptron rule."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from ..core.arguments import PositiveFloat, PositiveInt, check_arguments
from ..core.errors import DataError, Shape, ShapeError, format_shape
from ..core.jit import jit
from ..core.variable import Array
from ..layers.base import Layer
from ..train.inputs.adapter import as_arrays, check_arrays


class NotSeparableWarning(UserWarning):
    """The perceptron rule did not converge within its epochs."""


@dataclass(frozen=True)
class Convergence:
    """Result of the perceptron rule.

    Args:
        mistakes: number of wrong predictions in each epoch; the last is 0 if the rule converged.
        cycles: whether the weights returned to an earlier value, which proves that no hyperplane
            separates the classes.
    """

    mistakes: tuple[int, ...]
    cycles: bool

    @property
    def converged(self) -> bool:
        """Whether the last epoch had no mistakes."""
        return self.mistakes[-1] == 0


class Perceptron(Layer):
    """``step(x @ kernel + bias)``, trained by the perceptron rule (Rosenblatt, 1958).

    For each example in turn, ``kernel += learning_rate * (y - output) * x``, and likewise the bias.
    If a hyperplane separates the two classes, the rule finds one in a finite number of steps
    (Novikoff, 1962); otherwise it never ends.

    Args:
        learning_rate: size of the updates.

    Shape: ``(batch, features) -> (batch,)``, outputs 0 and 1.

    Raises:
        ArgumentError: ``learning_rate`` is not positive.

    Example:
        >>> import lampas as lp
        >>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
        >>> perceptron = lp.Perceptron()
        >>> perceptron.fit(x, y).converged
        True
        >>> perceptron.predict(x).tolist()
        [0.0, 0.0, 0.0, 1.0]
    """

    axes = ("batch", "features")

    def __init__(self, learning_rate: PositiveFloat = 1.0) -> None:
        super().__init__()
        self.learning_rate = learning_rate

    def build(self, shape: Shape) -> None:
        self.input_features = shape[-1]
        self.kernel = self.parameter((shape[-1],), "zeros", regularized=True)
        self.bias = self.parameter((), "zeros")

    def forward(self, x: Array) -> Array:
        return jnp.where(x @ self.kernel.value + self.bias.value >= 0, 1.0, 0.0)

    @check_arguments
    def fit(self, x: Any, y: Any, epochs: PositiveInt = 1000) -> Convergence:
        """Train until all predictions are correct, for at most ``epochs`` epochs.

        Args:
            x: inputs, ``(n, features)``.
            y: targets, ``(n,)``, 0 and 1 or -1 and 1.
            epochs: maximum number of passes through the data.

        Warns:
            NotSeparableWarning: mistakes remain; the message says whether it is proven that no
                hyperplane separates the classes.

        Raises:
            DataError: the targets have other values.
            ShapeError: there is not one target per example.
            ArgumentError: ``epochs`` is below 1.
        """
        x, y = as_arrays(x, "x"), as_arrays(y, "y")
        check_arrays(x, y)
        if y.shape not in ((len(x),), (len(x), 1)):
            raise ShapeError(
                f"a perceptron needs one target per example, got {format_shape(y.shape)}."
            )
        y = np.asarray(y).reshape(-1)
        if not (set(np.unique(y)) <= {0, 1} or set(np.unique(y)) <= {-1, 1}):
            raise DataError(f"a perceptron needs targets 0 and 1, got {np.unique(y)[:5].tolist()}.")
        self(x)
        rows, targets = jnp.asarray(x, jnp.float32), jnp.asarray(y > 0, jnp.float32)
        weights, mistakes, cycles = self._run_epochs(rows, targets, epochs)
        self.kernel.value, self.bias.value = weights[:-1], weights[-1]
        result = Convergence(tuple(mistakes), cycles)
        if not result.converged:
            probably = "The weights returned to an earlier value, so" if cycles else "Probably"
            warnings.warn(
                f"after {len(mistakes)} epochs {mistakes[-1]} of {len(y)} examples are still "
                f"wrong. {probably} no line separates the classes. A network with a hidden layer "
                "can learn a curved boundary.",
                NotSeparableWarning,
                stacklevel=3,
            )
        return result

    def predict(self, x: Any) -> np.ndarray:
        """Predict 0 or 1 for each example."""
        return np.asarray(self(as_arrays(x, "x")))

    def _run_epochs(self, x: Array, y: Array, epochs: int) -> tuple[Array, list[int], bool]:
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
                return weights, mistakes, bool(wrong) and _is_exact(rate * x, weights)
            seen.add(state)
        return weights, mistakes, False


def _is_exact(steps: Array, weights: Array) -> bool:
    """Whether float32 adds the steps without rounding: they are integers and not too large."""
    largest = float(jnp.abs(weights).max() + jnp.abs(steps).sum())
    return bool(jnp.all(steps == jnp.round(steps))) and largest < 2**24
