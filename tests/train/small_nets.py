"""Small examples and nets that the tests of training share, and a training loop in NumPy."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import jax
import numpy as np

import lampas as lp

SPARSE = "sparse_categorical_crossentropy"


def class_examples(count: int = 21) -> tuple[np.ndarray, np.ndarray]:
    """Inputs of 4 features and class labels 0 to 2."""
    rng = np.random.default_rng(count)
    return rng.normal(size=(count, 4)).astype(np.float32), rng.integers(0, 3, count)


def weights_of(model: lp.Model) -> dict[str, np.ndarray]:
    return {path: variable.numpy() for path, variable in model.variables().items()}


def same_bits(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[path], b[path]) for path in a)


def restart(model: lp.Model, weights: dict[str, np.ndarray]) -> None:
    """Bring a compiled model back to its start without recompilation."""
    model.set_weights(list(weights.values()))
    model.optimizer.opt_state = None


@dataclass
class NumpyNet:
    """``softmax(tanh(x w + b) v + c)`` trained by plain gradient descent, in float64."""

    arrays: list[np.ndarray]
    rate: float | Callable[[int], float] = 0.1
    step: int = 0
    losses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.arrays = [np.asarray(a, np.float64) for a in self.arrays]

    def predict(self, x: np.ndarray) -> np.ndarray:
        w, b, v, c = self.arrays
        logits = np.tanh(x @ w + b) @ v + c
        powers = np.exp(logits - logits.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)

    def errors(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return -np.log(self.predict(x)[np.arange(len(y)), y])

    def learn(self, x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> float:
        """One step; returns the batch's loss before it."""
        w, b, v, _ = self.arrays
        hidden = np.tanh(x @ w + b)
        error = float(np.mean(weights * self.errors(x, y)))
        grad = (self.predict(x) - np.eye(v.shape[1])[y]) * weights[:, None] / len(y)
        inner = (grad @ v.T) * (1 - hidden**2)
        grads = [x.T @ inner, inner.sum(0), hidden.T @ grad, grad.sum(0)]
        rate = self.rate(self.step) if callable(self.rate) else self.rate
        self.arrays = [a - rate * s for a, s in zip(self.arrays, grads, strict=True)]
        self.step += 1
        return error

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        epochs: int,
        batch_size: int,
        weights: np.ndarray | None = None,
    ) -> list[float]:
        """The mean loss of each epoch, the examples in the order given."""
        weights = np.ones(len(y)) if weights is None else weights
        for _ in range(epochs):
            total = 0.0
            for start in range(0, len(y), batch_size):
                part = slice(start, start + batch_size)
                total += self.learn(x[part], y[part], weights[part]) * len(y[part])
            self.losses.append(total / len(y))
        return self.losses


def numpy_twin(
    rate: float | Callable[[int], float] = 0.1, optimizer: lp.Optimizer | None = None
) -> tuple[lp.Sequential, NumpyNet]:
    """A compiled net and the same one in NumPy."""
    model = lp.Sequential([lp.Dense(5, "tanh", input_shape=(4,)), lp.Dense(3, "softmax")])
    model.compile(optimizer or lp.SGD(rate), SPARSE, metrics=["accuracy"])
    return model, NumpyNet(model.get_weights(), rate)


class _Compilations(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if message.startswith("Compiling"):
            self.names.append(message)


@contextmanager
def compilations() -> Iterator[list[str]]:
    """The programs that JAX compiles inside the block."""
    handler, logger = _Compilations(), logging.getLogger("jax")
    propagate, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        with jax.log_compiles():
            yield handler.names
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
