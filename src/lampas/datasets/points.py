"""Synthetic points in the plane, with two classes, for plots of decision boundaries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..core.errors import unknown_name

Points = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int32]


def moons(n: int = 400, noise: float = 0.15, seed: int = 0) -> tuple[Points, Labels]:
    """Two interleaving half circles: ``(n, 2)`` points, ``(n,)`` labels 0 and 1."""
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 2
    angle = np.pi * rng.rand(n)
    upper = np.stack([np.cos(angle), np.sin(angle)], 1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], 1)
    return _shuffle_with_noise(np.where(y[:, None] == 0, upper, lower), y, noise, rng)


def circles(n: int = 400, noise: float = 0.1, seed: int = 0) -> tuple[Points, Labels]:
    """A small circle inside a large one: ``(n, 2)`` points, ``(n,)`` labels 0 and 1."""
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 2
    angle = 2 * np.pi * rng.rand(n)
    radius = np.where(y == 0, 1.0, 0.4)
    return _shuffle_with_noise(
        radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), y, noise, rng
    )


def spirals(n: int = 400, noise: float = 0.05, seed: int = 0) -> tuple[Points, Labels]:
    """Two interleaved spirals: ``(n, 2)`` points, ``(n,)`` labels 0 and 1."""
    rng = np.random.RandomState(seed)
    y = np.arange(n) % 2
    radius = np.sqrt(rng.rand(n))
    angle = 3 * np.pi * radius + np.pi * y
    return _shuffle_with_noise(
        radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), y, noise, rng
    )


def _shuffle_with_noise(
    positions: npt.NDArray[np.float64],
    y: npt.NDArray[np.integer],
    noise: float,
    rng: np.random.RandomState,
) -> tuple[Points, Labels]:
    x = positions + noise * rng.randn(*positions.shape)
    order = rng.permutation(len(y))
    return x[order].astype(np.float32), y[order].astype(np.int32)


SHAPES: dict[str, Callable[..., tuple[Points, Labels]]] = {
    "moons": moons,
    "circles": circles,
    "spirals": spirals,
}


def points(name: str, n: int = 400, seed: int = 0) -> tuple[Points, Labels]:
    """Generate points of a shape.

    Args:
        name: ``"moons"``, ``"circles"`` or ``"spirals"``.
        n: number of points.
        seed: seed of the random numbers.

    Returns:
        Points, float32 ``(n, 2)``, and labels 0 and 1, int32 ``(n,)``.

    Raises:
        UnknownNameError: there is no shape of that name.

    Example:
        >>> from lampas.datasets.points import points
        >>> x, y = points("moons", n=10)
        >>> x.shape, y.shape
        ((10, 2), (10,))
    """
    if name not in SHAPES:
        raise unknown_name("shape", name, SHAPES)
    return SHAPES[name](n, seed=seed)
