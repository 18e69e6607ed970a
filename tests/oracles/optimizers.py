"""Optimizers as generators: send a gradient, get the step that is added to the weights."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable

import numpy as np

Steps = Generator[np.ndarray, np.ndarray, None]


def walk(optimizer: Steps, start: np.ndarray, gradients: Iterable[np.ndarray]) -> list[np.ndarray]:
    """The weights after each gradient."""
    next(optimizer)
    weights, path = np.asarray(start, np.float64), []
    for gradient in gradients:
        weights = weights + optimizer.send(np.asarray(gradient, np.float64))
        path.append(weights)
    return path


def sgd(rate: float, momentum: float = 0.0, nesterov: bool = False) -> Steps:
    v: np.ndarray = np.float64(0)
    g = yield v
    while True:
        v = momentum * v + rate * g
        g = yield -(rate * g + momentum * v if nesterov else v)


def adam(
    rate: float,
    b1: float = 0.9,
    b2: float = 0.999,
    epsilon: float = 1e-7,
    amsgrad: bool = False,
) -> Steps:
    """With epsilon inside of the bias correction, as in section 2 of Kingma and Ba (2015)."""
    m, v, v_max, t = np.float64(0), np.float64(0), np.float64(0), 0
    g = yield m
    while True:
        t += 1
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        v_max = np.maximum(v_max, v)
        used = np.sqrt(v_max if amsgrad else v)
        g = yield -rate * np.sqrt(1 - b2**t) / (1 - b1**t) * m / (used + epsilon)


def nadam(rate: float, b1: float = 0.9, b2: float = 0.999, epsilon: float = 1e-7) -> Steps:
    """Algorithm 8 of Dozat (2016), with the momentum ``b1 (1 - 0.96**t / 2)`` of step ``t``."""
    m, v, t, product = np.float64(0), np.float64(0), 0, 1.0
    g = yield m
    while True:
        t += 1
        u, following = (b1 * (1 - 0.96**i / 2) for i in (t, t + 1))
        product *= u
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        ahead = following * m / (1 - product * following) + (1 - u) * g / (1 - product)
        g = yield -rate * ahead / (np.sqrt(v / (1 - b2**t)) + epsilon)


def adamax(rate: float, b1: float = 0.9, b2: float = 0.999, epsilon: float = 1e-7) -> Steps:
    m, u, t = np.float64(0), np.float64(0), 0
    g = yield m
    while True:
        t += 1
        m = b1 * m + (1 - b1) * g
        u = np.maximum(b2 * u, np.abs(g))
        g = yield -rate * m / (1 - b1**t) / (u + epsilon)


def rmsprop(rate: float, rho: float = 0.9, momentum: float = 0.0, epsilon: float = 1e-7) -> Steps:
    v, trace = np.float64(0), np.float64(0)
    g = yield v
    while True:
        v = rho * v + (1 - rho) * g**2
        trace = momentum * trace + rate * g / np.sqrt(v + epsilon)
        g = yield -trace


def adagrad(rate: float, start: float = 0.1, epsilon: float = 1e-7) -> Steps:
    total = np.float64(start)
    g = yield total
    while True:
        total = total + g**2
        g = yield -rate * g / np.sqrt(total + epsilon)


def adadelta(rate: float, rho: float = 0.95, epsilon: float = 1e-7) -> Steps:
    squares, moves = np.float64(0), np.float64(0)
    g = yield squares
    while True:
        squares = rho * squares + (1 - rho) * g**2
        move = np.sqrt(moves + epsilon) / np.sqrt(squares + epsilon) * g
        moves = rho * moves + (1 - rho) * move**2
        g = yield -rate * move


def lion(rate: float, b1: float = 0.9, b2: float = 0.99) -> Steps:
    m = np.float64(0)
    g = yield m
    while True:
        direction = np.sign(b1 * m + (1 - b1) * g)
        m = b2 * m + (1 - b2) * g
        g = yield -rate * direction


def with_decay(
    make: Callable[[], Steps], rate: float, decay: float, start: np.ndarray, gradients: Iterable
) -> list[np.ndarray]:
    """Weight decay apart from the gradient: ``w -= rate * decay * w`` before each step."""
    optimizer = make()
    next(optimizer)
    weights, path = np.asarray(start, np.float64), []
    for gradient in gradients:
        weights = weights + optimizer.send(np.asarray(gradient)) - rate * decay * weights
        path.append(weights)
    return path
