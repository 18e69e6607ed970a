"""Synthetic points in the plane, with two classes, for plots of decision boundaries."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ..core.errors import unknown_name
from .synthetic.drawing import rays

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]


def moons(uniform: Floats, y: Labels) -> Floats:
    """Two interleaving half circles."""
    angle = np.pi * uniform
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], 1)
    return np.where(y[:, None] == 0, rays(angle), lower)


def circles(uniform: Floats, y: Labels) -> Floats:
    """A small circle inside a large one."""
    return np.where(y == 0, 1.0, 0.4)[:, None] * rays(2 * np.pi * uniform)


def spirals(uniform: Floats, y: Labels) -> Floats:
    """Two interleaved spirals."""
    radius = np.sqrt(uniform)
    return radius[:, None] * rays(3 * np.pi * radius + np.pi * y)


SHAPES: dict[str, tuple[Callable[[Floats, Labels], Floats], float]] = {
    "moons": (moons, 0.15),
    "circles": (circles, 0.1),
    "spirals": (spirals, 0.05),
}
"""Positions of points from uniform random numbers and labels, and the noise that is added."""


def points(name: str, n: int = 400, seed: int = 0) -> tuple[npt.NDArray[np.float32], Labels]:
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
    shape, noise = SHAPES[name]
    rng = np.random.RandomState(seed)
    y = (np.arange(n) % 2).astype(np.int32)
    positions = shape(rng.rand(n), y)
    x = positions + noise * rng.randn(*positions.shape)
    order = rng.permutation(n)
    return x[order].astype(np.float32), y[order]
