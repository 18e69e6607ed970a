"""Points in the plane, two classes each: honest generators for drawing boundaries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..core.errors import unknown_name

Points = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int32]


def moons(n: int = 400, noise: float = 0.15, seed: int = 0) -> tuple[Points, Labels]:
    """Two half circles that reach into each other: ``(n, 2)`` points, ``(n,)`` labels 0 and 1."""
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 2
    angle = np.pi * rng.rand(n)
    upper = np.stack([np.cos(angle), np.sin(angle)], 1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], 1)
    return _noisy(np.where(y[:, None] == 0, upper, lower), y, noise, rng)


def circles(n: int = 400, noise: float = 0.1, seed: int = 0) -> tuple[Points, Labels]:
    """A small circle inside a large one: ``(n, 2)`` points, ``(n,)`` labels 0 and 1."""
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 2
    angle = 2 * np.pi * rng.rand(n)
    radius = np.where(y == 0, 1.0, 0.4)
    return _noisy(radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), y, noise, rng)


def spirals(n: int = 400, noise: float = 0.05, seed: int = 0) -> tuple[Points, Labels]:
    """Two arms wound around each other: ``(n, 2)`` points, ``(n,)`` labels 0 and 1."""
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 2
    radius = np.sqrt(rng.rand(n))
    angle = 3 * np.pi * radius + np.pi * y
    return _noisy(radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), y, noise, rng)


def _noisy(
    places: npt.NDArray[np.float64],
    y: npt.NDArray[np.integer],
    noise: float,
    rng: np.random.RandomState,
) -> tuple[Points, Labels]:
    x = places + noise * rng.randn(*places.shape)
    order = rng.permutation(len(y))
    return x[order].astype(np.float32), y[order].astype(np.int32)


SHAPES: dict[str, Callable[..., tuple[Points, Labels]]] = {
    "moons": moons,
    "circles": circles,
    "spirals": spirals,
}


def points(name: str, n: int = 400, seed: int = 0) -> tuple[Points, Labels]:
    """The points of that name: moons, circles or spirals.

    Raises:
        UnknownNameError: for another name.
    """
    if name not in SHAPES:
        raise unknown_name("shape", name, SHAPES)
    return SHAPES[name](n, seed=seed)
