"""What the snippets share: data, initial weights, and truths in NumPy.

A snippet is a function of ``kit``, which is Lampas or Keras, so that it is written as by a user of
either. It asserts what it must give, and returns the values in which both must agree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Snippet = Callable[[Any], Any]
SNIPPETS: dict[str, Snippet] = {}
OWN: set[str] = set()
"""Names of those that Keras has in another form."""
LONG: set[str] = set()
"""Names of the slow ones."""

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 3)).astype(np.float32)
Y = RNG.normal(size=(8, 1)).astype(np.float32)
Z = RNG.normal(size=(8, 3)).astype(np.float32)
LABELS = np.array([0, 1, 2, 1, 0, 2, 2, 1])
WORDS = np.array([[3, 1, 0, 0], [2, 2, 4, 0], [1, 0, 0, 0], [4, 3, 2, 1]])
IMAGES = RNG.normal(size=(4, 4, 4, 1)).astype(np.float32)


def idiom(snippet: Snippet) -> Snippet:
    """Register a snippet."""
    assert snippet.__name__ not in SNIPPETS, snippet.__name__
    SNIPPETS[snippet.__name__] = snippet
    return snippet


def only_here(snippet: Snippet) -> Snippet:
    """Register a snippet that Keras has in another form."""
    OWN.add(snippet.__name__)
    return idiom(snippet)


def long_idiom(snippet: Snippet) -> Snippet:
    """Register a slow snippet."""
    LONG.add(snippet.__name__)
    return idiom(snippet)


def fill(model: Any, low: float = -0.5) -> list[np.ndarray]:
    """Give all weights values that depend on their positions and shapes alone; return these."""
    rng = np.random.default_rng(1)
    shapes = [np.shape(weight) for weight in model.get_weights()]
    weights = [rng.uniform(low, 0.5, shape).astype(np.float32) for shape in shapes]
    model.set_weights(weights)
    return weights


def close(actual: Any, expected: Any) -> None:
    """Assert that numbers agree up to rounding."""
    np.testing.assert_allclose(np.asarray(actual), expected, rtol=1e-5, atol=1e-6)


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def softmax(x: np.ndarray) -> np.ndarray:
    exp = np.exp(x - x.max(-1, keepdims=True))
    return exp / exp.sum(-1, keepdims=True)


def perceptron(x: np.ndarray, weights: list[np.ndarray]) -> np.ndarray:
    """Two dense layers with a ReLU between them."""
    w1, b1, w2, b2 = weights
    return relu(x @ w1 + b1) @ w2 + b2


def small(kit: Any) -> Any:
    """A network of two layers for three features, with a number as output."""
    return kit.Sequential(
        [kit.Input((3,)), kit.layers.Dense(4, activation="relu"), kit.layers.Dense(1)]
    )


def linear(kit: Any) -> Any:
    """Linear regression on three features."""
    return kit.Sequential([kit.Input((3,)), kit.layers.Dense(1)])


def linear_descent(
    weights: list[np.ndarray],
    rate: float,
    epochs: int = 1,
    batch_size: int = 32,
    sample_weight: np.ndarray | None = None,
    x: np.ndarray = X,
    y: np.ndarray = Y,
) -> tuple[list[float], list[np.ndarray]]:
    """Linear regression by gradient descent: the loss of each epoch, and the weights at the end."""
    w, b = weights
    factors = np.ones((len(x), 1)) if sample_weight is None else sample_weight[:, None]
    losses = []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            rows = slice(start, start + batch_size)
            error, count = x[rows] @ w + b - y[rows], len(x[rows])
            total += float((factors[rows] * error**2).sum())
            gradient = 2 * factors[rows] * error / count
            w, b = w - rate * x[rows].T @ gradient, b - rate * gradient.sum(0)
        losses.append(total / len(x))
    return losses, [w, b]


def arrays(kit: Any, tensor: Any) -> np.ndarray:
    """The values of a tensor of either framework."""
    return np.asarray(kit.ops.convert_to_numpy(tensor))
